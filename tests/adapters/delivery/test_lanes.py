"""How the messages of an ordered inbox take turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from adapters.delivery.lanes import Due, Lanes
from adapters.delivery.work import Arrival
from contracts.ports import Delivery, Message, Partition, Position, Stored
from contracts.testkit.exchanges import submission

INBOX = Partition("in.gddt.education.student-transfer", 0)


@dataclass(slots=True)
class Lent:
    """A delivery that tells when it was settled."""

    stored: Stored
    settled: list[int]

    def settle(self) -> None:
        """Done with it."""
        self.settled.append(self.stored.position.offset)


@dataclass(slots=True)
class Bench:
    """Lanes over a partition whose attempts do as they are told: `open` are those that are under way.

    `fails` says how many attempts at an offset fail; each is then due `pause_ms` later.
    """

    fails: dict[int, int] = field(default_factory=dict)
    holds: dict[int, asyncio.Event] = field(default_factory=dict)
    pause_ms: int = 0
    attempts: list[tuple[int, int]] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    lanes: Lanes = field(init=False)

    def __post_init__(self) -> None:
        self.lanes = Lanes(self._opened, self._attempt, lambda: 1_000)

    def take(self, *keys: str) -> None:
        """Messages with those keys come in."""
        for key in keys:
            offset = len(self.tasks)
            request = replace(submission(f"s{offset}"), order_key=key)
            message = Message(INBOX.channel, request.key, b"", request.headers())
            stored = Stored(message, Position(*INBOX, offset), 1_000)
            self.tasks.append(self.lanes.take(Lent(stored, self.settled)))

    async def done(self) -> None:
        """Return once nothing is carried any more."""
        async with asyncio.timeout(10):
            await asyncio.gather(*self.tasks, return_exceptions=True)

    async def until_open(self, *offsets: int) -> None:
        """Return once just these are under way."""
        async with asyncio.timeout(10):
            while self.open != set(offsets):
                await asyncio.sleep(0.001)

    async def _opened(self, delivery: Delivery) -> tuple[Arrival, int]:
        return Arrival(delivery.stored, submission("s")), 0

    async def _attempt(self, delivery: Delivery, arrival: Arrival) -> Due | None:
        offset = delivery.stored.position.offset
        self.attempts.append((offset, arrival.envelope.attempt))
        self.open.add(offset)
        try:
            if offset in self.holds:
                await self.holds[offset].wait()
            await asyncio.sleep(0)
        finally:
            self.open.discard(offset)
        if self.fails.get(offset, 0):
            self.fails[offset] -= 1
            again = replace(arrival, envelope=replace(arrival.envelope, attempt=arrival.envelope.attempt + 1))
            return again, 1_000 + self.pause_ms
        return None


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    bench.lanes.release(INBOX)
    await bench.done()


async def test_the_messages_of_a_key_follow_one_another_and_a_failed_one_keeps_its_place(bench: Bench) -> None:
    bench.fails = {0: 2}
    bench.take("a", "a", "a")
    await bench.done()
    assert bench.attempts == [(0, 1), (0, 2), (0, 3), (1, 1), (2, 1)]
    assert bench.settled == [0, 1, 2]


async def test_other_keys_pass_and_are_settled_in_the_order_of_the_log_all_the_same(bench: Bench) -> None:
    bench.holds[0] = asyncio.Event()
    bench.take("a", "b", "a", "c")
    await asyncio.wait_for(asyncio.gather(bench.tasks[1], bench.tasks[3]), 10)
    assert bench.open == {0}
    assert bench.settled == []
    bench.holds[0].set()
    await bench.done()
    assert bench.settled == [0, 1, 2, 3]


async def test_a_partition_that_is_given_up_sees_no_further_attempt(bench: Bench) -> None:
    bench.holds[0] = asyncio.Event()
    bench.take("a", "a", "b")
    await bench.until_open(0)
    bench.lanes.release(INBOX)
    await bench.done()
    assert [offset for offset, _ in bench.attempts] == [0, 2]
    assert bench.settled == []


async def test_a_channel_that_is_held_sees_no_further_attempt_until_it_goes_on(bench: Bench) -> None:
    bench.fails, bench.holds[0] = {0: 1}, asyncio.Event()
    bench.take("a", "a", "b")
    await asyncio.wait_for(bench.tasks[2], 10)
    await bench.until_open(0)
    bench.lanes.hold(INBOX.channel)
    bench.holds[0].set()
    bench.take("c")
    await bench.until_open()
    for _ in range(10):
        await asyncio.sleep(0)
    assert bench.attempts == [(0, 1), (2, 1)]
    bench.lanes.go_on(INBOX.channel)
    await bench.done()
    assert sorted(bench.attempts) == [(0, 1), (0, 2), (1, 1), (2, 1), (3, 1)]
    assert bench.settled == [0, 1, 2, 3]


async def test_what_is_held_is_left_at_the_end_without_being_waited_for(bench: Bench) -> None:
    bench.lanes.hold(INBOX.channel)
    bench.take("a", "a")
    await asyncio.sleep(0)
    bench.lanes.rest()
    await bench.done()
    assert (bench.attempts, bench.settled) == ([], [])


async def test_at_the_end_a_call_may_finish_and_nothing_new_is_begun(bench: Bench) -> None:
    bench.holds[0] = asyncio.Event()
    bench.take("a", "a")
    await bench.until_open(0)
    bench.lanes.rest()
    bench.take("a", "b")
    bench.holds[0].set()
    await bench.done()
    assert bench.attempts == [(0, 1)]
    assert bench.settled == [0]


async def test_at_the_end_nobody_waits_for_a_next_attempt(bench: Bench) -> None:
    bench.fails, bench.pause_ms = {0: 1, 2: 1}, 3_600_000
    bench.holds[2] = asyncio.Event()
    bench.take("a", "a", "b", "b")
    await bench.until_open(2)
    bench.lanes.rest()
    bench.holds[2].set()
    await bench.done()
    assert bench.attempts == [(0, 1), (2, 1)]
    assert bench.settled == []
