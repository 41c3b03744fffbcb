"""The fold of an exchange minds neither order nor repetition, and says how the exchange stands."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ledger.fold import OTHER_RANK, REQUEST_RANK, About, Ended, ExchangeState, Facts, Place, join
from contracts.outcome import Outcome, State

_FACTS = Facts("contract", 1, "submission", "a", "b", 1, None, "g", "p", "u", "k", "t", "h", "c", "", "")

places = st.builds(
    Place, st.integers(0, 3), st.sampled_from(["journal", "reply", "settled.b"]), st.integers(0, 1), st.integers(0, 3)
)


@st.composite
def states(draw: st.DrawFn) -> ExchangeState:
    """What one message may say. A message is told by its place, so all that it says is a function of it."""
    place = draw(places)
    number = (5 * place.time_ms + 3 * len(place.channel) + 2 * place.partition + place.offset) % 7
    ended = Ended(place, sorted(Outcome)[number], None)
    body_hash = draw(st.sampled_from([None, "low", "middle", "high"]))
    return ExchangeState(
        place.time_ms,
        About(draw(st.sampled_from([REQUEST_RANK, OTHER_RANK])), 1 + number, place, _FACTS._replace(major=number)),
        draw(st.sampled_from([None, ended])),
        draw(st.sampled_from([None, ended])),
        attempts=draw(st.integers(0, 3)),
        requested=draw(st.integers(0, 3)),
        handed_on=draw(st.integers(0, 3)),
        dead=draw(st.integers(0, 3)),
        closed=draw(st.integers(0, 3)),
        worked=draw(st.booleans()),
        conflict_noted=draw(st.booleans()),
        hash_low=body_hash,
        hash_high=body_hash,
    )


@given(states(), states(), states())
def test_joining_is_commutative_associative_and_idempotent(
    one: ExchangeState, other: ExchangeState, third: ExchangeState
) -> None:
    assert join(one, other) == join(other, one)
    assert join(join(one, other), third) == join(one, join(other, third))
    assert join(one, one) == one
    assert join(join(one, other), one) == join(one, other)


@given(st.data(), st.lists(states(), min_size=1, max_size=6))
def test_any_order_and_any_repetition_give_the_same_state(data: st.DataObject, told: list[ExchangeState]) -> None:
    again = data.draw(st.permutations(told + told[::2]))
    assert reduce(join, again) == reduce(join, told)


def ended(outcome: Outcome, time_ms: int = 1) -> Ended:
    """An end at some time."""
    return Ended(Place(time_ms, "settled.b", 0, time_ms), str(outcome), None)


_RESOLVED = ended(Outcome.DELIVERED, 9)


@pytest.mark.parametrize(
    ("told", "state", "waits_attempt"),
    [
        (ExchangeState(1, requested=1), State.ACCEPTED, None),
        (ExchangeState(1, requested=1, worked=True), State.IN_PROGRESS, None),
        (ExchangeState(1, requested=1, worked=True, handed_on=1), State.RETRYING, None),
        (ExchangeState(1, requested=2, worked=True, handed_on=1), State.RETRYING, None),
        (ExchangeState(1, requested=2, worked=True, handed_on=1, dead=2), State.IN_PROGRESS, 2),
        (ExchangeState(1, requested=2, worked=True, dead=2, closed=2), State.RETRYING, None),
        (ExchangeState(1, requested=3, worked=True, dead=2), State.RETRYING, None),
        (ExchangeState(1, requested=1, worked=True, dead=1, ended=ended(Outcome.DELIVERED)), State.SETTLED, None),
        (ExchangeState(1, requested=1, dead=1), State.IN_PROGRESS, 1),
    ],
)
def test_the_state_follows_from_what_was_seen(told: ExchangeState, state: State, waits_attempt: int | None) -> None:
    assert (told.state, told.waits_attempt) == (state, waits_attempt)


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (ExchangeState(1, ended=ended(Outcome.IN_DOUBT)), Outcome.IN_DOUBT),
        (ExchangeState(1, ended=ended(Outcome.IN_DOUBT), resolved=_RESOLVED), Outcome.DELIVERED),
        (ExchangeState(1, ended=ended(Outcome.REFUSED), resolved=_RESOLVED), Outcome.REFUSED),
        (ExchangeState(1, resolved=_RESOLVED), Outcome.DELIVERED),
    ],
)
def test_a_person_decides_only_where_the_bus_is_in_doubt(told: ExchangeState, outcome: Outcome) -> None:
    assert told.end is not None
    assert told.end.outcome == outcome
