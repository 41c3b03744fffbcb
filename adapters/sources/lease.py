"""One holder for each source, whatever the number of workers.

All workers are members of one group on the channel `sources`. Who is given the partition that a source's key falls into
holds the source's lease; who loses it begins nothing more at once. The next holder waits until the one before it has
noted that nothing of its is in flight, or until so much time has gone by that nothing can be.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Final, Protocol

from adapters.sources.fence import Fence, LeaseLost
from adapters.sources.notes import Notes
from adapters.sources.tools import SourceTools
from contracts.channels import SOURCES
from contracts.errors import LogError
from contracts.ports import Assignment, Consumer, Partition, partition_of
from contracts.records import SourceNoteKind

log = logging.getLogger(__name__)

GROUP: Final = "sources"
_STOP_S: Final = 4.0
_AGAIN_S: Final = 5.0
_LOOK_S: Final = 0.25


class Source(Protocol):
    """What brings records in while its lease is held."""

    @property
    def id(self) -> str:
        """What it is called on the log; the key of its notes."""

    async def run(self, fence: Fence, notes: Notes) -> None:
        """Work until the fence is shut; then end what is in flight and raise LeaseLost."""


class Leases:
    """One worker's part in the sources of a bus. Used from one event loop.

    `grace_s` is how long an append of a process that is gone may still reach the log.
    """

    def __init__(self, sources: Collection[Source], tools: SourceTools, *, grace_s: float | None = None) -> None:
        self._sources = tuple(sources)
        self._tools = tools
        many = tools.transport.guarantees.many_processes
        self._grace_s = grace_s if grace_s is not None else 10.0 if many else 1.0
        self._held: dict[str, tuple[Fence, asyncio.Task[None]]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._consumer: Consumer | None = None
        self._taking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Join the group. LogUnavailable."""
        if not self._sources:
            return
        transport = self._tools.transport
        self._consumer = await transport.consumer(GROUP, [SOURCES], prepare=self._begin, release=self._release)
        self._taking = asyncio.create_task(_settle_all(self._consumer))

    async def stop(self) -> None:
        """Begin nothing more, end what is in flight, leave the group. Idempotent."""
        consumer, self._consumer = self._consumer, None
        for name in list(self._held):
            self._let_go(name)
        if self._ending:
            _, late = await asyncio.wait(self._ending, timeout=_STOP_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if consumer is not None:
            await consumer.close(drain=False)
        if self._taking is not None:
            await self._taking
            self._taking = None

    def holds(self, source: str) -> bool:
        """Whether this worker has the source's lease."""
        return source in self._held

    async def _begin(self, assignment: Assignment) -> None:
        for source in self._in(assignment.partition):
            if self._consumer is None and self._taking is not None:
                return
            before = self._let_go(source.id)
            fence = Fence()
            task = asyncio.create_task(self._hold(source, fence, before), name=f"source {source.id}")
            self._held[source.id] = (fence, task)

    def _release(self, partition: Partition) -> None:
        for source in self._in(partition):
            self._let_go(source.id)

    def _in(self, partition: Partition) -> list[Source]:
        count = self._tools.transport.partitions(SOURCES)
        return [each for each in self._sources if partition_of(each.id.encode(), count) == partition.number]

    def _let_go(self, name: str) -> asyncio.Task[None] | None:
        held = self._held.pop(name, None)
        if held is None:
            return None
        fence, task = held
        fence.shut()
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return task

    async def _hold(self, source: Source, fence: Fence, before: asyncio.Task[None] | None) -> None:
        """Hold a lease until it is lost. A source that fails is started again, slowly."""
        if before is not None:
            await asyncio.wait([before])
        metrics = self._tools.metrics
        notes = Notes(source.id, self._tools)
        is_ours = False
        try:
            await self._take_over(notes, fence)
            is_ours = True
            metrics.held(source.id, is_held=True)
            log.info("%s: held by %s", source.id, self._tools.holder)
            while True:
                try:
                    await source.run(fence, notes)
                except LeaseLost:
                    raise
                except Exception:
                    log.exception("%s: it stopped, and is started again in %.0f s", source.id, _AGAIN_S)
                await fence.sleep(_AGAIN_S)
        except LeaseLost:
            log.info("%s: let go by %s", source.id, self._tools.holder)
        finally:
            metrics.held(source.id, is_held=False)
        # Only whoever had it can tell that nothing of its is in flight any more.
        if is_ours:
            await self._note_release(source, notes)

    async def _take_over(self, notes: Notes, fence: Fence) -> None:
        """Wait until nobody else can have anything in flight, and note who has the source now."""
        now_s = asyncio.get_running_loop().time
        until_s = now_s() + self._grace_s
        while True:
            await notes.read(fence)
            if notes.last is None or notes.last.kind is SourceNoteKind.RELEASED or now_s() >= until_s:
                break
            await fence.sleep(_LOOK_S)
        await notes.add(fence, SourceNoteKind.HELD)

    async def _note_release(self, source: Source, notes: Notes) -> None:
        try:
            await notes.add(None, SourceNoteKind.RELEASED)
        except LogError as error:
            log.warning("%s: that it was let go cannot be noted: %s", source.id, error)


async def _settle_all(consumer: Consumer) -> None:
    """The group is for its partitions only: notes are read from their beginning, by whoever needs them."""
    while deliveries := await consumer.take():
        for delivery in deliveries:
            delivery.settle()
