"""How many calls a second a system gets."""

from __future__ import annotations

import asyncio

from adapters.middleware.rate import Bucket


class Turned:
    """A bucket with a clock that the test turns, and the calls that were let through, in order."""

    def __init__(self, per_second: float, burst: int) -> None:
        self.now_s = 100.0
        self.bucket = Bucket(per_second, burst, lambda: self.now_s)
        self.through: list[int] = []

    def call(self, number: int) -> asyncio.Task[None]:
        """A call that waits for its turn."""

        async def wait() -> None:
            await self.bucket.take()
            self.through.append(number)

        return asyncio.create_task(wait())


async def settled() -> None:
    """Give every call its chance, several times over."""
    for _ in range(50):
        await asyncio.sleep(0.001)


async def test_a_burst_passes_at_once_and_the_next_call_waits_for_its_token() -> None:
    turned = Turned(per_second=1000, burst=2)
    calls = [turned.call(number) for number in range(3)]
    await settled()
    assert turned.through == [0, 1]
    turned.now_s += 0.002
    await asyncio.gather(*calls)
    assert turned.through == [0, 1, 2]


async def test_a_quiet_time_saves_no_more_than_the_burst() -> None:
    turned = Turned(per_second=1000, burst=2)
    turned.now_s += 3600
    calls = [turned.call(number) for number in range(4)]
    await settled()
    assert turned.through == [0, 1]
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_calls_pass_in_the_order_in_which_they_came_and_a_cancelled_one_takes_nothing() -> None:
    turned = Turned(per_second=1000, burst=1)
    calls = [turned.call(number) for number in range(4)]
    await settled()
    calls[1].cancel()
    await settled()
    turned.now_s += 0.001
    await calls[2]
    assert turned.through == [0, 2]
    turned.now_s += 0.001
    await calls[3]
    assert turned.through == [0, 2, 3]


async def test_what_a_call_would_wait_counts_those_that_wait_already() -> None:
    turned = Turned(per_second=2, burst=1)
    assert turned.bucket.wait_s() == 0
    calls = [turned.call(number) for number in range(3)]
    await settled()
    assert turned.bucket.wait_s() == 1.5
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    turned.now_s += 0.25
    assert turned.bucket.wait_s() == 0.25
