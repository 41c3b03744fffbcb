"""Following a channel of one partition from its beginning: what the folds of small channels have in common."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from contracts.errors import LogError, LogUnavailable
from contracts.ports import ChannelSpec, Partition, Reader, Stored, Transport

log = logging.getLogger(__name__)

_CATCH_UP_S: Final = 10.0
_START_S: Final = 120.0
_WAIT_S: Final = 5.0
_AGAIN_S: Final = 1.0

Take = Callable[[Stored], Awaitable[None]]
"""Takes one message in. What it raises of LogError is waited out, and the message given to it again."""


class Following:
    """Gives every message of a channel to `take`, in order, from `since_ms` on. Used from one event loop."""

    def __init__(
        self, transport: Transport, spec: ChannelSpec, take: Take, *, read_only: bool = False, since_ms: int = 0
    ) -> None:
        self._transport = transport
        self._spec = spec
        self._take = take
        self._read_only = read_only
        self._since_ms = since_ms
        self._partition = Partition(spec.name, 0)
        self._read = 0
        self._news = asyncio.Condition()
        self._reader: Reader | None = None
        self._task: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()
        self._next_look: asyncio.Task[int] | None = None

    async def start(self) -> None:
        """Read what the channel holds, and follow it from now on. LogUnavailable."""
        if not self._read_only:
            await self._transport.ensure([self._spec])
        try:
            self._transport.partitions(self._spec.name)
        except ValueError:
            # A log that was made by an older version, and that nobody writes to now.
            return
        begin = await self._transport.offset_at(self._partition, self._since_ms) if self._since_ms else 0
        self._reader = await self._transport.reader({self._partition: begin})
        self._read = begin
        self._task = asyncio.create_task(self._follow(self._reader), name=f"following-{self._spec.name}")
        await self.caught_up(_START_S)

    async def close(self) -> None:
        """Stop following. Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    async def caught_up(self, within_s: float = _CATCH_UP_S) -> None:
        """Return once everything was taken in that was on the log when this was called. LogUnavailable."""
        if self._reader is None:
            return
        # One look is for all who asked before it began.
        if self._next_look is None:
            self._next_look = asyncio.create_task(self._look())
        end = await asyncio.shield(self._next_look)
        try:
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(lambda: self._read >= end)
        except TimeoutError:
            raise LogUnavailable(f"the channel {self._spec.name} could not be read to its end in time") from None

    async def _look(self) -> int:
        async with self._looking:
            self._next_look = None
            return (await self._transport.extents([self._partition]))[self._partition].end

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until `holds`, which is asked after whatever was taken in."""
        async with self._news:
            await self._news.wait_for(holds)

    async def _follow(self, reader: Reader) -> None:
        while True:
            for stored in await reader.take(wait_s=_WAIT_S):
                await self._taken(stored)
            async with self._news:
                self._read = reader.positions()[self._partition]
                self._news.notify_all()

    async def _taken(self, stored: Stored) -> None:
        while True:
            try:
                await self._take(stored)
            except LogError as error:
                log.warning("%s waits for the log: %s", self._spec.name, error)
                await asyncio.sleep(_AGAIN_S)
            else:
                return
