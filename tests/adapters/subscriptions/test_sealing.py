"""A secret on the log can be read with the bus's key alone, and for its own subscription alone."""

from __future__ import annotations

import pytest

from adapters.subscriptions.sealing import CannotUnseal, Sealer

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
SEALER = Sealer(b"k" * 32)


def test_what_was_sealed_comes_back_and_never_looks_the_same_twice() -> None:
    first, second = SEALER.seal("ops_1", SECRET), SEALER.seal("ops_1", SECRET)
    assert SEALER.unseal("ops_1", first) == SEALER.unseal("ops_1", second) == SECRET
    assert first != second
    assert SECRET.encode() not in first


def test_it_cannot_be_moved_to_another_subscription() -> None:
    with pytest.raises(CannotUnseal, match="ops_2"):
        SEALER.unseal("ops_2", SEALER.seal("ops_1", SECRET))


def test_another_key_cannot_read_it_and_the_remedy_is_named() -> None:
    with pytest.raises(CannotUnseal, match="rotate its secret"):
        Sealer(b"l" * 32).unseal("ops_1", SEALER.seal("ops_1", SECRET))


def test_no_bit_of_it_can_be_changed() -> None:
    sealed = SEALER.seal("ops_1", SECRET)
    for place in range(len(sealed)):
        bent = bytearray(sealed)
        bent[place] ^= 1
        with pytest.raises(CannotUnseal):
            SEALER.unseal("ops_1", bytes(bent))
    for length in range(len(sealed)):
        with pytest.raises(CannotUnseal):
            SEALER.unseal("ops_1", sealed[:length])
