"""The newest events in memory: one reader a process follows all of them, and wakes all who wait for one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from typing import Final

from contracts.channels import event
from contracts.partitions import all_partitions
from contracts.ports import Partition, Reader, Stored, Transport
from gateway.ends import Ends
from gateway.problems import Problem

_MESSAGES: Final = 2_000
_BYTES: Final = 8_000_000
_TOGETHER_BYTES: Final = 128_000_000
_BEHIND_S: Final = 1.0
_LOOK_S: Final = 0.01
_OVERHEAD_BYTES: Final = 2_000
"""What headers and objects weigh beside a value."""


class Tails:
    """Holds the end of every event channel, bounded in number and bytes. Used from one event loop."""

    def __init__(self, transport: Transport, contracts: Collection[str], max_waiting: int) -> None:
        self._transport = transport
        self._contracts = sorted(contracts)
        self._max_waiting = max_waiting
        self._tails: dict[str, list[_Tail]] = {}
        self._ends: dict[str, Ends] = {}
        self._sleepers: dict[str, set[asyncio.Future[None]]] = {}
        self._waiting = 0
        self._closing = False
        self._changed = asyncio.Event()
        self._reader: Reader | None = None
        self.ready = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many wait for an event."""
        return self._waiting

    async def run(self) -> None:
        """Follow the channels until cancelled. `ready` is set once their ends are known. LogUnavailable."""
        await self._know(self._contracts)
        self.ready.set()
        while True:
            await self._follow()

    async def follow(self, contracts: Collection[str]) -> None:
        """Follow the events of these too; returns once their ends are known. LogUnavailable."""
        if await self._know(contracts):
            self._changed.set()
            if self._reader is not None:
                # It reads the old ones: `run` goes on with another.
                await self._reader.close()

    async def _know(self, contracts: Collection[str]) -> bool:
        """Find the ends of what is new; whether anything was."""
        new = [
            partition
            for channel in map(event, sorted(contracts))
            if channel not in self._tails
            for partition in all_partitions(self._transport, channel)
        ]
        extents = await self._transport.extents(new) if new else {}
        for partition in new:
            self._tails.setdefault(partition.channel, []).append(_Tail(extents[partition].end, _BYTES))
        count = sum(map(len, self._tails.values()))
        for tail in (tail for tails in self._tails.values() for tail in tails):
            tail.share = min(_BYTES, _TOGETHER_BYTES // count)
        return bool(new)

    async def _follow(self) -> None:
        """Read on until there is more to follow."""
        self._changed.clear()
        starts = {
            Partition(channel, number): tail.end
            for channel, tails in self._tails.items()
            for number, tail in enumerate(tails)
        }
        if not starts:
            await self._changed.wait()
            return
        reader = self._reader = await self._transport.reader(starts)
        try:
            while not self._changed.is_set():
                self._take_in(await reader.take(wait_s=5.0))
        finally:
            self._reader = None
            await reader.close()

    def ends(self, channel: str) -> list[int]:
        """The offset after the last message read, by partition."""
        return [tail.end for tail in self._tails[channel]]

    def after(self, channel: str, offsets: Sequence[int]) -> Iterator[Stored] | None:
        """What came since `offsets`, in the order of each partition and nearly in that of time.

        None where memory does not reach back that far: then the log itself must be read.
        """
        tails = self._tails[channel]
        if any(offset < tail.first for offset, tail in zip(offsets, tails, strict=True)):
            return None
        return in_time_order(tail.since(offset) for offset, tail in zip(offsets, tails, strict=True))

    async def caught_up(self, channel: str) -> None:
        """Return once all that the channel holds as of now is known here, or after a second. LogUnavailable."""
        ends = await self._ends.setdefault(channel, Ends(self._transport, channel)).now()
        loop = asyncio.get_running_loop()
        until = loop.time() + _BEHIND_S
        while any(here < end for here, end in zip(self.ends(channel), ends, strict=True)):
            if loop.time() > until:
                return
            await asyncio.sleep(_LOOK_S)

    async def news(self, channel: str, offsets: Sequence[int], wait_s: float) -> None:
        """Return once there is something after `offsets`, or after `wait_s`. Problem `too-many-polls`."""
        if self._closing or any(offset < end for offset, end in zip(offsets, self.ends(channel), strict=True)):
            return
        if self._waiting >= self._max_waiting:
            raise Problem("too-many-polls", retry_after_s=5, headers={"retry-after": "5"})
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleepers = self._sleepers.setdefault(channel, set())
        sleepers.add(future)
        self._waiting += 1
        try:
            await asyncio.wait([future], timeout=wait_s)
        finally:
            self._waiting -= 1
            sleepers.discard(future)

    @property
    def closing(self) -> bool:
        """Whether nobody waits any more, because the process is about to end."""
        return self._closing

    def let_go(self) -> None:
        """Send away all who wait, with what there is: the process is about to end."""
        self._closing = True
        for channel in self._sleepers:
            self._wake(channel)

    def _take_in(self, found: Sequence[Stored]) -> None:
        for stored in found:
            self._tails[stored.position.channel][stored.position.partition].add(stored)
        for channel in {stored.position.channel for stored in found}:
            self._wake(channel)

    def _wake(self, channel: str) -> None:
        for future in self._sleepers.get(channel, ()):
            if not future.done():
                future.set_result(None)


class _Tail:
    """All of one partition in `[first, end)`, as far as the log has it."""

    __slots__ = ("_messages", "_size", "end", "first", "share")

    def __init__(self, end: int, share: int) -> None:
        self.first = self.end = end
        self.share = share
        self._size = 0
        self._messages: deque[Stored] = deque()

    def add(self, stored: Stored) -> None:
        """Append; the oldest make room."""
        if stored.position.offset != self.end:
            # Retention overtook the reader: what is missing in between is for the log to tell.
            self._messages.clear()
            self._size = 0
            self.first = stored.position.offset
        self._messages.append(stored)
        self._size += _weight(stored)
        self.end = stored.position.offset + 1
        while len(self._messages) > _MESSAGES or self._size > self.share:
            oldest = self._messages.popleft()
            self._size -= _weight(oldest)
            self.first = oldest.position.offset + 1

    def since(self, offset: int) -> list[Stored]:
        """From `offset` on."""
        found = []
        for stored in reversed(self._messages):
            if stored.position.offset < offset:
                break
            found.append(stored)
        return found[::-1]


def in_time_order(parts: Iterable[Iterable[Stored]]) -> Iterator[Stored]:
    """Messages of several partitions, none far ahead of the others, each partition in its own order whatever the
    broker's clock did."""
    return merge(*parts, key=lambda stored: stored.time_ms)


def by_partition(found: Iterable[Stored]) -> list[list[Stored]]:
    """The same messages apart, in their order."""
    ordered = sorted(found, key=lambda stored: (stored.position.where, stored.position.offset))
    return [list(part) for _, part in groupby(ordered, key=lambda stored: stored.position.where)]


def _weight(stored: Stored) -> int:
    return len(stored.message.value) + _OVERHEAD_BYTES
