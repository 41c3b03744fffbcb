"""What a worker makes of the marks beside an inbox."""

from __future__ import annotations

import asyncio

import pytest

from adapters.delivery.once import WINDOW_MS, Last, Marks, Verdict
from contracts.envelope import exchange_id
from contracts.ports import Partition
from contracts.records import MarkKind

INBOX = Partition("in.gddt", 0)
ID = exchange_id("motcua", "k1")


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def marks(clock: Clock) -> Marks:
    return Marks(clock)


def test_what_nobody_marked_is_called(marks: Marks) -> None:
    assert marks.judge(INBOX, ID, 1) == (Verdict.CALL, None)


@pytest.mark.parametrize(
    ("history", "attempt", "verdict"),
    [
        ([(MarkKind.SETTLED, 1)], 1, Verdict.SAME_AGAIN),
        ([(MarkKind.SETTLED, 1)], 2, Verdict.SAME_AGAIN),
        ([(MarkKind.STARTED, 1)], 1, Verdict.IN_DOUBT),
        ([(MarkKind.STARTED, 1)], 2, Verdict.IN_DOUBT),
        ([(MarkKind.STARTED, 1), (MarkKind.NOT_SENT, 1)], 1, Verdict.CALL),
        ([(MarkKind.STARTED, 1), (MarkKind.NOT_SENT, 1), (MarkKind.HANDED_ON, 1)], 1, Verdict.DROP),
        ([(MarkKind.HANDED_ON, 1)], 2, Verdict.CALL),
        ([(MarkKind.HANDED_ON, 1), (MarkKind.STARTED, 2)], 1, Verdict.DROP),
        ([(MarkKind.HANDED_ON, 1), (MarkKind.STARTED, 2)], 2, Verdict.IN_DOUBT),
        ([(MarkKind.HANDED_ON, 1), (MarkKind.STARTED, 2), (MarkKind.SETTLED, 2)], 1, Verdict.SAME_AGAIN),
    ],
)
def test_the_marks_decide_what_happens_to_an_attempt(
    marks: Marks, history: list[tuple[MarkKind, int]], attempt: int, verdict: Verdict
) -> None:
    for offset, (kind, marked) in enumerate(history):
        marks.fold(INBOX, ID, Last(kind, marked, offset))
    assert marks.judge(INBOX, ID, attempt)[0] is verdict


@pytest.mark.parametrize(
    ("history", "resumed", "verdict"),
    [
        ([], (1, 0), Verdict.CALL),
        ([Last(MarkKind.HANDED_ON, 1, 0, 7_000)], (2, 7_000), Verdict.CALL),
        ([Last(MarkKind.HANDED_ON, 1, 0, 7_000), Last(MarkKind.NOT_SENT, 2, 1)], (2, 0), Verdict.CALL),
        ([Last(MarkKind.HANDED_ON, 1, 0, 7_000), Last(MarkKind.STARTED, 2, 1)], (2, 0), Verdict.IN_DOUBT),
        ([Last(MarkKind.HANDED_ON, 1, 0, 7_000), Last(MarkKind.HANDED_ON, 2, 1)], (1, 0), Verdict.DROP),
        ([Last(MarkKind.HANDED_ON, 1, 0, 7_000), Last(MarkKind.SETTLED, 2, 1)], (1, 0), Verdict.SAME_AGAIN),
    ],
)
def test_what_is_tried_again_in_place_goes_on_where_its_marks_say(
    marks: Marks, history: list[Last], resumed: tuple[int, int], verdict: Verdict
) -> None:
    for last in history:
        marks.fold(INBOX, ID, last)
    assert marks.resumed(INBOX, ID, 1) == resumed
    assert marks.judge(INBOX, ID, resumed[0])[0] is verdict


def test_the_first_settled_mark_wins_for_good(marks: Marks) -> None:
    marks.fold(INBOX, ID, Last(MarkKind.SETTLED, 1, 10))
    marks.fold(INBOX, ID, Last(MarkKind.SETTLED, 2, 20))
    assert marks.judge(INBOX, ID, 2) == (Verdict.SAME_AGAIN, Last(MarkKind.SETTLED, 1, 10))


def test_a_mark_is_remembered_for_a_whole_window_and_forgotten_after_two(marks: Marks, clock: Clock) -> None:
    clock.now_ms += WINDOW_MS - 1
    marks.fold(INBOX, ID, Last(MarkKind.SETTLED, 1, 0))
    clock.now_ms += WINDOW_MS
    assert marks.judge(INBOX, ID, 1)[0] is Verdict.SAME_AGAIN
    clock.now_ms += WINDOW_MS
    marks.judge(INBOX, ID, 1)
    clock.now_ms += WINDOW_MS
    assert marks.judge(INBOX, ID, 1)[0] is Verdict.CALL


def test_what_was_started_and_not_ended_is_never_forgotten(marks: Marks, clock: Clock) -> None:
    marks.fold(INBOX, ID, Last(MarkKind.STARTED, 1, 0))
    for _ in range(5):
        clock.now_ms += WINDOW_MS
        assert marks.judge(INBOX, ID, 1)[0] is Verdict.IN_DOUBT


def test_a_partition_that_was_given_up_takes_its_marks_with_it(marks: Marks) -> None:
    marks.fold(INBOX, ID, Last(MarkKind.SETTLED, 1, 0))
    marks.forget(INBOX)
    assert marks.judge(INBOX, ID, 1)[0] is Verdict.CALL


async def test_one_exchange_is_worked_on_by_one_at_a_time(marks: Marks) -> None:
    inside: list[str] = []

    async def work(name: str, exchange: str) -> None:
        async with marks.serialised(exchange):
            inside.append(f"{name} in")
            await asyncio.sleep(0)
            inside.append(f"{name} out")

    await asyncio.gather(work("a", ID), work("b", ID))
    assert inside == ["a in", "a out", "b in", "b out"]


async def test_different_exchanges_do_not_wait_for_each_other(marks: Marks) -> None:
    async with marks.serialised(ID):
        async with asyncio.timeout(1):
            async with marks.serialised(exchange_id("motcua", "k2")):
                pass
