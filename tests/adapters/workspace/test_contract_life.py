"""A contract changes within a version only as far as nobody is broken, and a version ends on the day that it says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.workspace.reading import load
from contracts.catalogue import Life
from contracts.findings import Severity
from tests.adapters.workspace.support import FILES, write

LOOKUP = "contracts/test.lookup/contract.yaml"
REPLY = "contracts/test.lookup/v1/reply.avsc"
REQUEST = "contracts/test.lookup/v1/request.avsc"
EARLIER = {
    "contracts/test.lookup/v1/earlier/0/reply.avsc": FILES[REPLY],
    "contracts/test.lookup/v1/earlier/0/request.avsc": FILES[REQUEST],
}
NAMED = '{"name": "name", "type": "string"}'


def found(root: Path, changes: Mapping[str, str]) -> list[str]:
    """What is found in the workspace with these files."""
    return [str(each) for each in load(write(root, dict(changes))).findings]


def reply(old: str, new: str) -> dict[str, str]:
    """A reply that is other than the one before it."""
    assert old in FILES[REPLY]
    return {**EARLIER, REPLY: FILES[REPLY].replace(old, new)}


class TestMinorVersions:
    """What lies in earlier/ is what the present version must go with."""

    def test_nothing_changed(self, tmp_path: Path) -> None:
        """A version that only says the same is sound, and is the second minor one."""
        loaded = load(write(tmp_path, dict(EARLIER)))
        assert list(loaded.findings) == []
        assert loaded.workspace is not None
        assert loaded.workspace.contracts["test.lookup"].versions[1].minor == 1

    def test_a_break_names_the_field_and_who_is_broken(self, tmp_path: Path) -> None:
        """With the line of the field, and what to do instead."""
        said = found(tmp_path, reply(NAMED, '{"name": "name", "type": "long", "default": 1}'))
        here = [each for each in said if each.startswith(REPLY)]
        assert len(here) == 1
        assert "name: string → long, which breaks 2 systems: asker, " in here[0]
        assert ":1:" in here[0]
        assert "version 2, which goes on beside this one" in here[0]

    def test_whoever_may_not_see_the_field_is_not_broken(self, tmp_path: Path) -> None:
        """A field outside of every view is between the bus and its provider."""
        changes = reply(
            '"name": "born", "type": {"type": "string", "logicalType": "partial-date"}',
            '"name": "born", "type": "long", "default": 1',
        )
        grants = {name: text.replace("view: all", "view: [/name]") for name, text in FILES.items() if "grants/" in name}
        broken = [each for each in found(tmp_path, {**changes, **grants}) if "born: partial-date → long" in each]
        assert len(broken) == 1
        assert "asker" not in broken[0]

    def test_a_mode_that_asks_nothing(self, tmp_path: Path) -> None:
        """Under NONE everything goes."""
        lax = {LOOKUP: FILES[LOOKUP] + "compatibility: NONE\n"}
        changed = reply(NAMED, '{"name": "name", "type": "string", "pattern": "A"}')
        assert "pattern – → A" in "".join(found(tmp_path, changed))
        assert "pattern – → A" not in "".join(found(tmp_path, {**changed, **lax}))

    def test_an_earlier_version_is_whole(self, tmp_path: Path) -> None:
        """A query that had no reply is none."""
        one = "contracts/test.lookup/v1/earlier/0/request.avsc"
        assert "the same schemas as the present one" in "".join(found(tmp_path, {one: FILES[REQUEST]}))


class TestLives:
    """When versions end."""

    def test_the_days_are_kept(self, tmp_path: Path) -> None:
        """As they are written."""
        version = "versions: {1: {deprecated: 2099-01-01, sunset: 2099-07-01}}\n"
        loaded = load(write(tmp_path, {LOOKUP: FILES[LOOKUP] + version}))
        assert list(loaded.findings) == []
        assert loaded.workspace is not None
        life = loaded.workspace.contracts["test.lookup"].versions[1].life
        assert (str(life.deprecated), str(life.sunset), life.successor) == ("2099-01-01", "2099-07-01", None)
        assert loaded.workspace.contracts["test.note"].versions[1].life == Life()

    @pytest.mark.parametrize(
        ("version", "message"),
        [
            ("2: {deprecated: 2099-01-01}", "there is no version 2"),
            ("1: {deprecated: 2099-01-01, successor: 2}", "2 is no other version of the contract"),
            ("1: {deprecated: 2099-01-01, successor: 1}", "1 is no other version of the contract"),
            ("1: {sunset: 2099-01-01}", "ends without having been deprecated"),
            ("1: {deprecated: 2099-02-01, sunset: 2099-01-01}", "ends before it is deprecated"),
            ("1: {deprecated: soon}", "this is not a date"),
        ],
    )
    def test_what_makes_no_sense(self, tmp_path: Path, version: str, message: str) -> None:
        """Is an error at its line."""
        (one,) = found(tmp_path, {LOOKUP: FILES[LOOKUP] + f"versions: {{{version}}}\n"})
        assert message in one
        assert one.startswith(f"{LOOKUP}:5:")

    def test_a_grant_for_what_has_ended(self, tmp_path: Path) -> None:
        """Is warned of: whoever holds it is answered with 410."""
        version = "versions: {1: {deprecated: 2019-01-01, sunset: 2020-01-01}}\n"
        findings = load(write(tmp_path, {LOOKUP: FILES[LOOKUP] + version})).findings
        assert findings
        assert {each.severity for each in findings} == {Severity.WARNING}
        assert "version 1, which ended on 2020-01-01" in findings[0].message
