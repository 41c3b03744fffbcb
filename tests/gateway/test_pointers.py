"""The pointer of a receipt opens its own exchange and no other."""

from __future__ import annotations

import pytest

from contracts.ports import Position
from gateway.pointers import Pointers

POINTERS = Pointers(b"k" * 32)
PLACE = Position("in.truong-lien-chieu", 3, 12345)


def test_a_pointer_leads_back_to_its_place() -> None:
    assert POINTERS.read("e1", POINTERS.sign("e1", PLACE)) == PLACE


def test_a_pointer_of_another_exchange_counts_as_absent() -> None:
    assert POINTERS.read("e2", POINTERS.sign("e1", PLACE)) is None


def test_a_pointer_of_another_bus_counts_as_absent() -> None:
    assert Pointers(b"x" * 32).read("e1", POINTERS.sign("e1", PLACE)) is None


@pytest.mark.parametrize("text", ["", "a", "====", "🙂", "A" * 512, "../../etc/passwd"])
def test_what_is_not_a_pointer_counts_as_absent(text: str) -> None:
    assert POINTERS.read("e1", text) is None
