"""A member of a consumer group on Kafka: everything that the port speaks of, in the event loop.

The client lives in a thread of its own (`kafka_group`), which hands over what it found and is told what to do.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from adapters.transport.kafka_client import Cluster, Topics
from adapters.transport.kafka_group import GroupThread
from adapters.transport.kafka_lookup import KafkaLookup
from adapters.transport.loan import Loan
from adapters.transport.progress import Progress
from contracts.errors import LogError
from contracts.ports import Assignment, Delivery, Partition, Position, Prepare, Release, Stored

log = logging.getLogger(__name__)

DRAIN_S: Final = 3.0
_AGAIN_S: Final = 1.0
_AHEAD: Final = 4
_BEGUN_AT_ONCE: Final = 32


@dataclass(slots=True, eq=False)
class _Held:
    """A partition that is prepared and delivered from."""

    partition: Partition
    progress: Progress
    waiting: deque[Stored] = field(default_factory=deque)
    leaving: bool = False
    held_back: bool = False


class KafkaMember:
    """One consumer of a group. Used from one event loop."""

    def __init__(
        self,
        cluster: Cluster,
        topics: Topics,
        lookup: KafkaLookup,
        group: str,
        channels: Collection[str],
        *,
        prepare: Prepare | None,
        release: Release | None,
        max_in_flight: int,
        closed: Callable[[KafkaMember], None],
    ) -> None:
        self._lookup = lookup
        self._prepare = prepare
        self._release = release
        self._max_in_flight = max_in_flight
        self._tell_closed = closed
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._held: dict[Partition, _Held] = {}
        self._assigned: dict[Partition, asyncio.Task[None]] = {}
        self._begun_at_once = asyncio.Semaphore(_BEGUN_AT_ONCE)
        self._paused: set[str] = set()
        self._ends: dict[Partition, int] = {}
        self._drained: asyncio.Event = asyncio.Event()
        self._closing = False
        self._thread = GroupThread(cluster, topics, group, channels, self)

    # --- the port ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Join the group."""
        self._thread.start()

    async def take(self) -> Sequence[Delivery]:
        """The deliveries that are ready."""
        while not self._closing:
            ready = self._ready()
            if ready:
                return ready
            self._news.clear()
            await self._news.wait()
        return []

    def pause(self, channel: str) -> None:
        """Deliver nothing more from this channel."""
        self._paused.add(channel)

    def resume(self, channel: str) -> None:
        """Undo `pause`."""
        self._paused.discard(channel)
        self._news.set()

    def backlog(self) -> Mapping[Partition, int]:
        """What is not settled, by partition."""
        return {
            partition: max(0, self._end_of(held) - held.progress.committed) for partition, held in self._held.items()
        }

    async def close(self, *, drain: bool = True) -> None:
        """Leave the group."""
        if not self._closing:
            self._closing = True
            self._news.set()
            await self._let_go(set(self._held) | set(self._assigned), DRAIN_S if drain else 0.0)
            self._thread.leave()
            self._tell_closed(self)
        await asyncio.to_thread(self._thread.join)

    # --- in the loop -------------------------------------------------------------------------------------------------

    def _ready(self) -> list[Delivery]:
        ready: list[Delivery] = []
        for held in self._held.values():
            if held.leaving or not held.waiting or held.partition.channel in self._paused:
                continue
            room = self._max_in_flight - held.progress.in_flight
            while room > 0 and held.waiting:
                stored = held.waiting.popleft()
                held.progress.handed_out(stored.position.offset)
                ready.append(Loan(stored, partial(self.settled, held)))
                room -= 1
            if held.held_back and len(held.waiting) <= self._max_in_flight:
                held.held_back = False
                self._thread.go_on(held.partition)
        return ready

    def settled(self, held: _Held, position: Position) -> None:
        """A delivery was settled; one of a partition that was lost in between counts no more."""
        if self._held.get(held.partition) is not held:
            return
        if held.progress.settle(position.offset):
            self._thread.commit(held.partition, held.progress.committed)
        if held.leaving and not held.progress.in_flight:
            self._drained.set()
        self._news.set()

    def found(self, batches: Mapping[Partition, list[Stored]]) -> None:
        """What the thread polled."""
        for partition, batch in batches.items():
            held = self._held.get(partition)
            if held is None or held.leaving:
                continue
            held.waiting.extend(batch)
            if not held.held_back and len(held.waiting) > _AHEAD * self._max_in_flight:
                held.held_back = True
                self._thread.hold(partition)
        self._news.set()

    def ends(self, ends: Mapping[Partition, int]) -> None:
        """Where the partitions end, as the broker told last."""
        self._ends.update(ends)

    def assigned(self, positions: Mapping[Partition, int]) -> None:
        """New partitions, held until they are prepared."""
        if self._closing:
            return
        described: asyncio.Task[Mapping[Partition, Assignment]] = asyncio.create_task(self._describe(positions))
        for partition in positions:
            self._assigned[partition] = asyncio.create_task(self._begin(partition, described))

    async def _describe(self, positions: Mapping[Partition, int]) -> Mapping[Partition, Assignment]:
        while True:
            try:
                return await self._lookup.assignments(positions)
            except LogError as error:
                if self._closing:
                    raise
                log.warning("new partitions cannot be looked at yet: %s", error)
                await asyncio.sleep(_AGAIN_S)

    async def _begin(self, partition: Partition, described: asyncio.Task[Mapping[Partition, Assignment]]) -> None:
        # Shielded: one partition that is given up again must not keep the others from being looked at.
        assignment = (await asyncio.shield(described))[partition]
        while self._prepare is not None:
            try:
                async with self._begun_at_once:
                    await self._prepare(assignment)
                break
            except Exception:
                log.exception("%s cannot be prepared yet", partition)
                await asyncio.sleep(_AGAIN_S)
        del self._assigned[partition]
        self._held[partition] = _Held(partition, Progress(assignment.resume_at))
        self._thread.begin(partition, assignment.resume_at)

    def revoked(self, partitions: Collection[Partition], drained: threading.Event) -> None:
        """The thread waits for `drained`, and then gives these partitions up."""
        task = asyncio.create_task(self._let_go(partitions))
        task.add_done_callback(lambda _: drained.set())

    async def _let_go(self, partitions: Collection[Partition], drain_s: float = DRAIN_S) -> None:
        for partition in partitions:
            task = self._assigned.pop(partition, None)
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        leaving = [self._held[partition] for partition in partitions if partition in self._held]
        for held in leaving:
            held.leaving = True
            held.waiting.clear()
        try:
            async with asyncio.timeout(drain_s):
                while drain_s and any(held.progress.in_flight for held in leaving):
                    self._drained.clear()
                    await self._drained.wait()
        except TimeoutError:
            late = sum(held.progress.in_flight for held in leaving)
            log.warning("%d messages were still being worked on when their partitions were given up", late)
        for held in leaving:
            if self._held.get(held.partition) is held:
                del self._held[held.partition]
                self._ends.pop(held.partition, None)
                if self._release is not None:
                    self._release(held.partition)

    def _end_of(self, held: _Held) -> int:
        return max(self._ends.get(held.partition, 0), held.progress.delivered + len(held.waiting))
