"""Consumers, readers and groups over a store in this process; memory and SQLite differ in the store alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.transport.loan import Loan
from adapters.transport.progress import Progress
from adapters.transport.store import BATCH, Store
from contracts.errors import LogError
from contracts.ports import (
    Assignment,
    ChannelSpec,
    Consumer,
    Delivery,
    Extent,
    Guarantees,
    Message,
    Partition,
    Position,
    Prepare,
    Reader,
    Release,
    Stored,
    partition_of,
)

log = logging.getLogger(__name__)

DRAIN_S: Final = 3.0
_AGAIN_S: Final = 1.0


class EmbeddedTransport:
    """A transport over `store`. `poll_s` is how often readers look where another process writes, None where only this
    one does."""

    def __init__(self, store: Store, guarantees: Guarantees, *, poll_s: float | None = None) -> None:
        self._store = store
        store.on_append(self._notify)
        self._guarantees = guarantees
        self._poll_s = poll_s
        self._counts: dict[str, int] = {}
        self._groups: dict[str, _Group] = {}
        self._readers: set[_Reader] = set()
        self._listeners: dict[str, set[asyncio.Event]] = {}
        self._healthy = True

    @property
    def guarantees(self) -> Guarantees:
        """What it promises beyond the port."""
        return self._guarantees

    async def start(self) -> None:
        """Nothing to open here."""

    async def close(self) -> None:
        """Close consumers and readers. Idempotent."""
        for group in list(self._groups.values()):
            for member in list(group.members):
                await member.close()
        for reader in list(self._readers):
            await reader.close()

    async def ensure(self, channels: Collection[ChannelSpec]) -> None:
        """Create what is missing."""
        await self._store.ensure(channels)
        self._count_partitions()

    async def discard(self, channels: Collection[str]) -> None:
        """Remove these."""
        gone = self._counts.keys() & set(channels)
        # Whoever still listens lets go before there is nothing to listen to.
        for group in list(self._groups.values()):
            async with group.lock:
                for member in group.members:
                    await member.forget(gone)
        for reader in self._readers:
            reader.forget(gone)
        for channel in gone:
            self._counts.pop(channel, None)
        try:
            await self._store.discard(gone)
        finally:
            self._count_partitions()

    async def append(self, message: Message) -> Position:
        """Store it."""
        if not message.key:
            raise ValueError("a message needs a key")
        number = partition_of(message.key, self.partitions(message.channel))
        try:
            stored = await self._store.append(message, Partition(message.channel, number))
        except LogError:
            self._healthy = False
            raise
        self._healthy = True
        return stored.position

    async def consumer(
        self,
        group: str,
        channels: Collection[str],
        *,
        prepare: Prepare | None = None,
        release: Release | None = None,
        max_in_flight: int = 64,
    ) -> Consumer:
        """Join a group."""
        for channel in channels:
            self.partitions(channel)
        member = _Member(self, group, tuple(channels), prepare, release, max_in_flight)
        self._listen(channels, member.news)
        joined = self._groups.setdefault(group, _Group())
        joined.members.append(member)
        await joined.rebalance(self)
        return member

    async def reader(self, starts: Mapping[Partition, int]) -> Reader:
        """Read from `starts` on."""
        reader = _Reader(self, dict(starts), self._poll_s)
        self._readers.add(reader)
        self._listen({partition.channel for partition in starts}, reader.news)
        return reader

    async def extents(self, partitions: Collection[Partition]) -> Mapping[Partition, Extent]:
        """What each partition holds."""
        return await self._store.extents(partitions)

    async def offset_at(self, partition: Partition, time_ms: int) -> int:
        """The first offset at or after a time."""
        return await self._store.offset_at(partition, time_ms)

    async def read(self, position: Position) -> Stored | None:
        """One message."""
        if position.channel not in self._counts or not 0 <= position.partition < self._counts[position.channel]:
            return None
        found = await self._store.fetch(position.where, position.offset, 1)
        return found[0] if found and found[0].position == position else None

    def partitions(self, channel: str) -> int:
        """How many partitions a channel has."""
        try:
            return self._counts[channel]
        except KeyError:
            raise ValueError(f"there is no channel {channel}") from None

    def healthy(self) -> bool:
        """Whether the last append went well."""
        return self._healthy

    @property
    def store(self) -> Store:
        """Where the messages are."""
        return self._store

    async def leave(self, member: _Member) -> None:
        """A member is gone: the others share its partitions."""
        self._deafen(member.news)
        group = self._groups.get(member.group)
        if group is not None and member in group.members:
            group.members.remove(member)
            await group.rebalance(self)

    def forget(self, reader: _Reader) -> None:
        """A reader is gone."""
        self._readers.discard(reader)
        self._deafen(reader.news)

    def _count_partitions(self) -> None:
        counts: dict[str, int] = {}
        for channel, number in self._store.ends():
            counts[channel] = max(counts.get(channel, 0), number + 1)
        self._counts = counts

    def _notify(self, channel: str) -> None:
        for event in self._listeners.get(channel, ()):
            event.set()

    def _listen(self, channels: Collection[str], event: asyncio.Event) -> None:
        for channel in channels:
            self._listeners.setdefault(channel, set()).add(event)

    def _deafen(self, event: asyncio.Event) -> None:
        for events in self._listeners.values():
            events.discard(event)


@dataclass(slots=True)
class _Group:
    """The members of a group; partitions are dealt out in turn among those that listen to their channel."""

    members: list[_Member] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def rebalance(self, transport: EmbeddedTransport) -> None:
        """Give every partition exactly one member: first the old ones let go, then the new ones take."""
        async with self.lock:
            shares = self._shares(transport)
            for member in self.members:
                await member.give_up([each for each in member.held if each not in shares[id(member)]])
            for member in self.members:
                await member.take_on([each for each in shares[id(member)] if each not in member.held])

    def _shares(self, transport: EmbeddedTransport) -> dict[int, list[Partition]]:
        shares: dict[int, list[Partition]] = {id(member): [] for member in self.members}
        channels = sorted({channel for member in self.members for channel in member.channels})
        turn = 0
        for channel in channels:
            able = [member for member in self.members if channel in member.channels]
            for number in range(transport.partitions(channel)):
                shares[id(able[turn % len(able)])].append(Partition(channel, number))
                turn += 1
        return shares


class _Member:
    """One consumer of a group."""

    def __init__(
        self,
        transport: EmbeddedTransport,
        group: str,
        channels: tuple[str, ...],
        prepare: Prepare | None,
        release: Release | None,
        max_in_flight: int,
    ) -> None:
        self.group = group
        self.channels = channels
        self.news = asyncio.Event()
        self.held: dict[Partition, Progress] = {}
        self._transport = transport
        self._prepare = prepare
        self._release = release
        self._max_in_flight = max_in_flight
        self._leaving: set[Partition] = set()
        self._paused: set[str] = set()
        self._preparing: dict[Partition, asyncio.Task[None]] = {}
        self._closed = False

    async def take(self) -> Sequence[Delivery]:
        """The deliveries that are ready."""
        while not self._closed:
            self.news.clear()
            ready = await self._ready()
            if ready or self._closed:
                return [] if self._closed else ready
            await self.news.wait()
        return []

    async def _ready(self) -> list[Delivery]:
        ready: list[Delivery] = []
        for partition, progress in list(self.held.items()):
            room = self._max_in_flight - progress.in_flight
            if partition in self._leaving or partition.channel in self._paused or room <= 0:
                continue
            if self._transport.store.ends().get(partition, 0) <= progress.delivered:
                continue
            try:
                found = await self._transport.store.fetch(partition, progress.delivered, room)
            except LogError as error:
                log.warning("%s cannot be read yet: %s", partition, error)
                asyncio.get_running_loop().call_later(_AGAIN_S, self.news.set)
                continue
            if self.held.get(partition) is not progress or partition in self._leaving:
                continue
            for stored in found:
                progress.handed_out(stored.position.offset)
                ready.append(Loan(stored, self.settled))
        return ready

    def settled(self, position: Position) -> None:
        """A delivery was settled."""
        progress = self.held.get(position.where)
        if progress is not None:
            if progress.settle(position.offset):
                self._transport.store.commit(self.group, position.where, progress.committed)
            self.news.set()

    def pause(self, channel: str) -> None:
        """Deliver nothing more from this channel."""
        self._paused.add(channel)

    def resume(self, channel: str) -> None:
        """Undo `pause`."""
        self._paused.discard(channel)
        self.news.set()

    def backlog(self) -> Mapping[Partition, int]:
        """What is not settled, by partition."""
        ends = self._transport.store.ends()
        return {
            partition: max(0, ends.get(partition, 0) - progress.committed) for partition, progress in self.held.items()
        }

    async def close(self, *, drain: bool = True) -> None:
        """Leave the group."""
        if self._closed:
            return
        self._closed = True
        self.news.set()
        await self.give_up([*self.held, *self._preparing], DRAIN_S if drain else 0.0)
        await self._transport.leave(self)

    async def forget(self, channels: Collection[str]) -> None:
        """These are no more: let go of them, whatever is in flight."""
        self.channels = tuple(each for each in self.channels if each not in channels)
        await self.give_up([each for each in [*self.held, *self._preparing] if each.channel in channels], 0.0)

    async def give_up(self, partitions: Collection[Partition], drain_s: float = DRAIN_S) -> None:
        """Stop delivering from `partitions`, drain, let go."""
        self._leaving.update(partitions)
        for partition in partitions:
            preparing = self._preparing.pop(partition, None)
            if preparing is not None:
                preparing.cancel()
                await asyncio.gather(preparing, return_exceptions=True)
        loop = asyncio.get_running_loop()
        until = loop.time() + drain_s
        # Settling is a plain call that tells nobody; looking again for at most three seconds is enough.
        while loop.time() < until and any(self.held[each].in_flight for each in partitions if each in self.held):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for partition in partitions:
            self._leaving.discard(partition)
            if self.held.pop(partition, None) is not None and self._release is not None:
                self._release(partition)

    async def take_on(self, partitions: Collection[Partition]) -> None:
        """Begin to deliver from `partitions`, each once it is prepared."""
        for partition in partitions:
            task = asyncio.create_task(self._take_on(partition))
            self._preparing[partition] = task
        if partitions:
            await asyncio.wait([self._preparing[each] for each in partitions], timeout=0.5)

    async def _take_on(self, partition: Partition) -> None:
        while not self._closed:
            try:
                assignment = await self._assignment(partition)
                if self._prepare is not None:
                    await self._prepare(assignment)
            except Exception:
                log.exception("%s cannot be prepared yet", partition)
                await asyncio.sleep(_AGAIN_S)
            else:
                self.held[partition] = Progress(assignment.resume_at)
                self._preparing.pop(partition, None)
                self.news.set()
                return

    async def _assignment(self, partition: Partition) -> Assignment:
        store = self._transport.store
        extent = (await store.extents([partition]))[partition]
        committed = await store.committed(self.group, partition)
        if committed is None:
            # From now on retention keeps what this group has not taken.
            committed = extent.first
            store.commit(self.group, partition, committed)
        resume_at = max(extent.first, committed)
        first = await store.fetch(partition, resume_at, 1)
        return Assignment(partition, resume_at, first[0].time_ms if first else None)


class _Reader:
    """Reads without a group."""

    def __init__(self, transport: EmbeddedTransport, positions: dict[Partition, int], poll_s: float | None) -> None:
        self.news = asyncio.Event()
        self._transport = transport
        self._positions = positions
        self._poll_s = poll_s
        self._closed = False

    async def take(self, *, wait_s: float) -> Sequence[Stored]:
        """What came since."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while not self._closed:
            self.news.clear()
            found = await self._read()
            left_s = until - loop.time()
            if found or left_s <= 0:
                return found
            try:
                async with asyncio.timeout(left_s if self._poll_s is None else min(left_s, self._poll_s)):
                    await self.news.wait()
            except TimeoutError:
                continue
        return []

    async def _read(self) -> list[Stored]:
        found: list[Stored] = []
        ends = self._transport.store.ends()
        for partition, offset in list(self._positions.items()):
            if self._poll_s is None and ends.get(partition, 0) <= offset:
                continue
            try:
                batch = await self._transport.store.fetch(partition, offset, BATCH)
            except LogError as error:
                log.warning("%s cannot be read yet: %s", partition, error)
                await asyncio.sleep(_AGAIN_S)
                continue
            if batch and partition in self._positions:
                self._positions[partition] = batch[-1].position.offset + 1
                found.extend(batch)
        return found

    def positions(self) -> Mapping[Partition, int]:
        """The next offsets."""
        return dict(self._positions)

    def forget(self, channels: Collection[str]) -> None:
        """These are no more."""
        self._positions = {each: offset for each, offset in self._positions.items() if each.channel not in channels}

    async def close(self) -> None:
        """Stop reading."""
        self._closed = True
        self.news.set()
        self._transport.forget(self)
