"""Figures that many watch: read by one task for all of them, and by nobody while nobody watches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from contracts.errors import BusError

log = logging.getLogger(__name__)

MOST_WATCHERS: Final = 50
_SHARE: Final = 20
"""Reading never takes more than one part in so many of the time: what takes longer is read less often."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """The figures of one reading. `version` grows; `is_old`: the reading after it failed, so these may be of before."""

    version: int
    figures: T
    is_old: bool = False


class Full(Exception):
    """As many watch as may."""


class Feed(Generic[T]):
    """One kind of figures. `read` may raise BusError; then the last ones are shown, marked old.

    A watcher gets the newest figures and misses those in between, so that a slow one holds up nobody and costs no
    memory.
    """

    def __init__(self, read: Callable[[], Awaitable[T]], every_s: float) -> None:
        self._read = read
        self._every_s = every_s
        self._seen: Seen[T] | None = None
        self._read_at_s = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self._producer: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._watchers = 0
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """Whether the process is about to end, so that nobody may be kept."""
        return self._is_over

    def let_go(self) -> None:
        """Let all who wait go now."""
        self._is_over = True
        self._changed.set()

    @property
    def watchers(self) -> int:
        """How many watch now."""
        return self._watchers

    async def current(self, wait_s: float) -> Seen[T] | None:
        """The figures for a page: no older than one reading, or else what there is after `wait_s`; None: nothing."""
        if asyncio.get_running_loop().time() - self._read_at_s > self._every_s:
            await asyncio.wait({self._begin()}, timeout=wait_s)
        return self._seen

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[Feed[T]]:
        """Be a watcher for as long as the context lasts. Full."""
        if self._watchers >= MOST_WATCHERS:
            raise Full
        self._watchers += 1
        if self._producer is None:
            self._producer = asyncio.create_task(self._produce(), name="console figures")
        try:
            yield self
        finally:
            self._watchers -= 1
            if self._watchers == 0:
                self._producer.cancel()
                self._producer = None

    async def newer(self, version: int, wait_s: float) -> Seen[T] | None:
        """The newest figures once there are newer ones than `version`; None where there are none after `wait_s`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while self._seen is None or self._seen.version <= version:
            if self._is_over:
                return None
            try:
                async with asyncio.timeout_at(until):
                    await self._changed.wait()
            except TimeoutError:
                return None
        return self._seen

    async def _produce(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.wait({self._begin()})
            took = loop.time() - began
            await asyncio.sleep(max(self._every_s - took, took * _SHARE))

    def _begin(self) -> asyncio.Task[None]:
        """The reading that is under way, whoever asked for it; else a new one."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_once(), name="console reading")
        return self._reading

    async def _read_once(self) -> None:
        version = 1 if self._seen is None else self._seen.version + 1
        try:
            self._seen = Seen(version, await self._read())
        except BusError as error:
            log.warning("the console's figures cannot be read: %s", error)
            if self._seen is None:
                return
            self._seen = Seen(version, self._seen.figures, is_old=True)
        self._read_at_s = asyncio.get_running_loop().time()
        # Whoever waits is woken; who comes later waits for the next one.
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
