"""When a system is left alone, and when it is tried again."""

from __future__ import annotations

import asyncio

from adapters.middleware.breaker import Breaker, BreakerState


class Turned:
    """A breaker with a clock that the test turns, and what it told."""

    def __init__(self, failures: int = 3, pause_s: float = 10.0) -> None:
        self.now_s = 100.0
        self.told: list[BreakerState] = []
        self.breaker = Breaker(failures, pause_s, lambda: self.now_s, self.told.append)

    def fail(self, times: int) -> None:
        for _ in range(times):
            self.breaker.failed()


def test_it_opens_after_failures_in_a_row() -> None:
    turned = Turned(failures=3)
    turned.fail(2)
    assert turned.told == []
    turned.fail(1)
    assert turned.breaker.is_open
    assert turned.told == [BreakerState.OPEN]


def test_a_success_between_failures_starts_the_count_anew() -> None:
    turned = Turned(failures=3)
    turned.fail(2)
    turned.breaker.succeeded()
    turned.fail(2)
    assert not turned.breaker.is_open


async def test_after_its_pause_one_trial_passes_and_the_others_wait() -> None:
    turned = Turned(failures=1)
    turned.fail(1)
    turned.now_s += 11
    await asyncio.wait_for(turned.breaker.passage(), 1)
    others = asyncio.create_task(turned.breaker.passage())
    await asyncio.sleep(0.12)
    assert not others.done()
    turned.breaker.succeeded()
    await asyncio.wait_for(others, 1)
    assert turned.told == [BreakerState.OPEN, BreakerState.CLOSED]


async def test_a_trial_that_fails_doubles_the_pause() -> None:
    turned = Turned(failures=1, pause_s=10)
    turned.fail(1)
    assert turned.breaker.open_for_s() == 10
    turned.now_s += 10
    await turned.breaker.passage()
    turned.breaker.failed()
    assert turned.breaker.open_for_s() == 20


async def test_a_trial_that_was_cut_off_leaves_room_for_another() -> None:
    turned = Turned(failures=1)
    turned.fail(1)
    turned.now_s += 11
    await turned.breaker.passage()
    turned.breaker.abandoned()
    await asyncio.wait_for(turned.breaker.passage(), 1)


def test_failures_of_calls_that_were_under_way_when_it_opened_do_not_prolong_it() -> None:
    turned = Turned(failures=1, pause_s=10)
    turned.fail(5)
    assert turned.breaker.open_for_s() == 10
