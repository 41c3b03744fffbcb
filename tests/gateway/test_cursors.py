"""A cursor leads back to its place, on its bus and in its contract, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cursors import Cursors
from gateway.problems import Problem

KEY = b"k" * 32
CURSORS = Cursors(KEY, "thanh-pho")
READING = "environment.air-observation"
PLACE = (3, 0, 123_456_789_012, 7)
DECLARED = {"cursor-invalid", "cursor-of-another-bus", "cursor-of-another-contract"}


def refusal(cursors: Cursors, contract: str, text: str) -> str:
    with pytest.raises(Problem) as refused:
        cursors.read(contract, text)
    assert refused.value.status == 400
    return refused.value.kind


def test_a_cursor_leads_back_to_its_place() -> None:
    assert CURSORS.read(READING, CURSORS.sign(READING, PLACE)) == PLACE


def test_any_gateway_of_the_bus_reads_it() -> None:
    assert Cursors(KEY, "thanh-pho").read(READING, CURSORS.sign(READING, PLACE)) == PLACE


def test_a_cursor_of_another_contract_is_named_so() -> None:
    assert refusal(CURSORS, "test.other", CURSORS.sign(READING, PLACE)) == "cursor-of-another-contract"


@pytest.mark.parametrize("key", [KEY, b"x" * 32])
def test_a_cursor_of_another_bus_is_named_so_whatever_its_key(key: bytes) -> None:
    assert refusal(CURSORS, READING, Cursors(key, "tinh").sign(READING, PLACE)) == "cursor-of-another-bus"


def test_a_cursor_under_another_key_is_not_ours() -> None:
    assert refusal(CURSORS, READING, Cursors(b"x" * 32, "thanh-pho").sign(READING, PLACE)) == "cursor-invalid"


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_a_cursor_that_was_changed_anywhere_is_refused(data: st.DataObject) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    cursor = CURSORS.sign(READING, PLACE)
    # The last character carries bits that stand for nothing; all before it count.
    at = data.draw(st.integers(0, len(cursor) - 2))
    other = data.draw(st.sampled_from([letter for letter in alphabet if letter != cursor[at]]))
    assert refusal(CURSORS, READING, cursor[:at] + other + cursor[at + 1 :]) in DECLARED


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("latin-1"))))
def test_whatever_is_no_cursor_is_refused_and_never_a_fault(text: str) -> None:
    assert refusal(CURSORS, READING, text) in DECLARED


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=16))
def test_every_vector_of_offsets_survives(offsets: list[int]) -> None:
    assert CURSORS.read(READING, CURSORS.sign(READING, offsets)) == tuple(offsets)
