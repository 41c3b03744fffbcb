"""Readers for those who pull what lies further back than memory: kept warm a while at the place where they stopped.

A new reader of Kafka costs a fifth of a second. Whoever pulls page after page comes back with the cursor of the page
before, and finds the reader that made it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from contracts.errors import LogUnavailable
from contracts.ports import Partition, Reader, Stored, Transport
from gateway.tails import by_partition, in_time_order

_AT_ONCE: Final = 8
_IDLE: Final = 16
_IDLE_S: Final = 30.0
_IDLE_BYTES: Final = 8_000_000
_PATIENCE_S: Final = 5.0

_Place = tuple[str, tuple[int, ...]]


class Reading:
    """A way through one channel from `offsets` on, as far as `ends`, which its user sets."""

    def __init__(self, transport: Transport, channel: str, offsets: Sequence[int]) -> None:
        self._transport = transport
        self._channel = channel
        self._reader: Reader | None = None
        self._ahead: deque[Stored] = deque()
        self.offsets = list(offsets)
        self.ends = list(offsets)

    @property
    def at_end(self) -> bool:
        """Whether there is nothing more before `ends`."""
        return all(offset >= end for offset, end in zip(self.offsets, self.ends, strict=True))

    @property
    def ahead_bytes(self) -> int:
        """What is read and not yet passed."""
        return sum(len(stored.message.value) for stored in self._ahead)

    async def next(self) -> Stored | None:
        """The next message, the same until it is `passed`; None at the end. LogUnavailable."""
        if not self._ahead:
            if self.at_end:
                return None
            if self._reader is None:
                starts = {Partition(self._channel, number): offset for number, offset in enumerate(self.offsets)}
                self._reader = await self._transport.reader(starts)
            found = await self._reader.take(wait_s=_PATIENCE_S)
            if not found:
                raise LogUnavailable(f"{self._channel} could not be read within {_PATIENCE_S:.0f} s")
            self._ahead.extend(in_time_order(by_partition(found)))
        return self._ahead[0]

    def passed(self) -> None:
        """Go on to the message after the one that `next` gave."""
        position = self._ahead.popleft().position
        self.offsets[position.partition] = position.offset + 1

    async def close(self) -> None:
        """Let go of the reader. Idempotent."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()


class WarmReaders:
    """A bounded number of readings, in use and idle. Used from one event loop."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._in_use = asyncio.Semaphore(_AT_ONCE)
        self._idle: dict[_Place, tuple[Reading, float]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> int:
        """How many are kept warm."""
        return len(self._idle)

    @asynccontextmanager
    async def at(self, channel: str, offsets: Sequence[int]) -> AsyncIterator[Reading]:
        """A reading that stands at `offsets`, for as long as the block lasts. Waits where too many are in use."""
        async with self._in_use:
            reading = self._found(channel, offsets)
            try:
                yield reading
            except BaseException:
                # What a reader that was cut off had in its hands is lost with it.
                self._end(reading)
                raise
            self._keep(channel, reading)

    async def run(self) -> None:
        """Close what nobody came back for, until cancelled; then close all."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await asyncio.sleep(_IDLE_S / 10)
                for place, (reading, since) in list(self._idle.items()):
                    if since + _IDLE_S < loop.time():
                        del self._idle[place]
                        self._end(reading)
        finally:
            for reading, _ in self._idle.values():
                self._end(reading)
            self._idle.clear()
            await asyncio.gather(*self._ending, return_exceptions=True)

    def _found(self, channel: str, offsets: Sequence[int]) -> Reading:
        warm = self._idle.pop((channel, tuple(offsets)), None)
        return Reading(self._transport, channel, offsets) if warm is None else warm[0]

    def _keep(self, channel: str, reading: Reading) -> None:
        if reading.ahead_bytes > _IDLE_BYTES:
            self._end(reading)
            return
        place = (channel, tuple(reading.offsets))
        before = self._idle.pop(place, None)
        if before is not None:
            self._end(before[0])
        self._idle[place] = (reading, asyncio.get_running_loop().time())
        if len(self._idle) > _IDLE:
            # The first in a dict is the one that lay there longest.
            self._end(self._idle.pop(next(iter(self._idle)))[0])

    def _end(self, reading: Reading) -> None:
        task = asyncio.create_task(reading.close(), name="reader-end")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
