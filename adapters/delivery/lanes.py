"""The inboxes of `ordered` contracts: one in flight a key, in the order of the log, tried again in place.

A message that has to wait for its next attempt stays in flight, and so do those of the same key behind it. Other keys
of the partition pass them, but only as far as the consumer lends: deliveries are settled in the order of the log, so
that what a restart brings again is never more than that, and nothing that was passed long ago is called once more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from adapters.clock import Clock
from adapters.delivery.turns import Turns
from adapters.delivery.work import Arrival
from contracts.ports import Delivery, Partition

Due = tuple[Arrival, int]
"""An arrival as the attempt that is to be made next, and when (ms since 1970)."""

Attempt = Callable[[Delivery, Arrival], Awaitable[Due | None]]
"""Makes one attempt; answers the next, None where the message needs none."""

Open = Callable[[Delivery], Awaitable[Due | None]]
"""What a delivery is; None: no message of ours, and dealt with."""


class Lanes:
    """The ordered partitions that a worker holds. Used from one event loop."""

    def __init__(self, open_: Open, attempt: Attempt, clock: Clock) -> None:
        self._open = open_
        self._attempt = attempt
        self._clock = clock
        self._lanes: dict[Partition, _Lane] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._asleep: dict[str, asyncio.Event] = {}
        self._rests = False

    def take(self, delivery: Delivery) -> asyncio.Task[None]:
        """Carry `delivery` when its turn has come; deliveries come in the order of the log."""
        lane = self._lanes.setdefault(delivery.stored.position.where, _Lane())
        carried = _Carried(delivery)
        lane.unsettled.append(carried)
        carried.task = asyncio.create_task(self._carry(lane, carried))
        return carried.task

    def release(self, partition: Partition) -> None:
        """The partition is somebody else's now, who may be at the next message before a call of ours has ended."""
        lane = self._lanes.pop(partition, None)
        for carried in () if lane is None else lane.unsettled:
            carried.cancel()

    def hold(self, channel: str) -> None:
        """Begin no attempt at what lies in `channel` until `go_on`. Idempotent."""
        self._held.setdefault(channel, asyncio.Event())

    def go_on(self, channel: str) -> None:
        """Undo `hold`. Idempotent."""
        held = self._held.pop(channel, None)
        if held is not None:
            held.set()

    def wake(self, exchange: str) -> None:
        """Let the message of `exchange`, where it waits for its next attempt, come to it now."""
        asleep = self._asleep.get(exchange)
        if asleep is not None:
            asleep.set()

    def rest(self) -> None:
        """Begin nothing more, and give up what waits: whoever takes over goes on from its marks."""
        self._rests = True
        for lane in self._lanes.values():
            for carried in lane.unsettled:
                if carried.is_idle:
                    carried.cancel()

    async def _carry(self, lane: _Lane, carried: _Carried) -> None:
        async with lane.turns.of(carried.delivery.stored.message.key):
            carried.is_idle = False
            opened = await self._open(carried.delivery)
            while opened is not None:
                if self._rests:
                    # What is behind it in its key comes here too, so that nothing passes it.
                    return
                arrival, due_ms = opened
                carried.is_idle = True
                await self._sleep(arrival.envelope.exchange, max(0, due_ms - self._clock()) / 1000)
                while (held := self._held.get(carried.delivery.stored.position.channel)) is not None:
                    await held.wait()
                carried.is_idle = False
                opened = await self._attempt(carried.delivery, arrival)
            carried.is_done = True
            lane.settle()

    async def _sleep(self, exchange: str, pause_s: float) -> None:
        if not pause_s:
            await asyncio.sleep(0)
            return
        woken = self._asleep[exchange] = asyncio.Event()
        try:
            async with asyncio.timeout(pause_s):
                await woken.wait()
        except TimeoutError:
            pass
        finally:
            self._asleep.pop(exchange, None)


@dataclass(slots=True)
class _Carried:
    """A delivery with the task that carries it; `is_idle` while that only waits."""

    delivery: Delivery
    is_idle: bool = True
    is_done: bool = False
    task: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        """Give it up, where it is not done."""
        if self.task is not None:
            self.task.cancel()


@dataclass(slots=True)
class _Lane:
    """One partition: whose turn it is, and what is not settled, in the order of the log."""

    turns: Turns = field(default_factory=Turns)
    unsettled: deque[_Carried] = field(default_factory=deque)

    def settle(self) -> None:
        """Settle what is done from the oldest on."""
        while self.unsettled and self.unsettled[0].is_done:
            self.unsettled.popleft().delivery.settle()
