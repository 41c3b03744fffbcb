"""Search keys of dossiers: equal for one dossier on one bus, and telling nothing else."""

from __future__ import annotations

from gateway.case_keys import CaseKeys

CASE = "H17.61-251120-0007"


def test_one_dossier_has_one_key_whoever_asks() -> None:
    """Spaces around a code that was copied from somewhere do not count."""
    assert CaseKeys(b"k" * 32).of(CASE) == CaseKeys(b"k" * 32).of(f" {CASE} ")


def test_the_key_does_not_tell_the_dossier_and_is_another_on_another_bus() -> None:
    """32 hexadecimal digits."""
    keys = {CaseKeys(key).of(case) for key in (b"k" * 32, b"x" * 32) for case in (CASE, "H17.61-251120-0008")}
    assert len(keys) == 4
    assert all(len(key) == 32 and CASE not in key and int(key, 16) for key in keys)


def test_no_dossier_has_no_key() -> None:
    """So that all exchanges without one are not found together."""
    assert CaseKeys(b"k" * 32).of("") == ""
