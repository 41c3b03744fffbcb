"""The log in memory: for tests and for looking around. It survives no restart and serves one process."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from adapters.clock import Clock
from adapters.transport.embedded import EmbeddedTransport
from adapters.transport.store import Notify
from contracts.errors import LogUnavailable
from contracts.ports import ChannelSpec, Extent, Guarantees, Message, Partition, Position, Stored


class MemoryStore:
    """Lists of messages. `available` False plays a log that is away."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._messages: dict[Partition, list[Stored]] = {}
        self._ends: dict[Partition, int] = {}
        self._committed: dict[tuple[str, Partition], int] = {}
        self._notify: Notify | None = None
        self.available = True

    def on_append(self, notify: Notify) -> None:
        """Call `notify` with the channel of each message that was stored."""
        self._notify = notify

    async def ensure(self, channels: Collection[ChannelSpec]) -> None:
        """Create what is missing; a channel that exists keeps its partitions."""
        self._check()
        for channel in channels:
            if Partition(channel.name, 0) not in self._messages:
                for number in range(channel.partitions):
                    self._messages[Partition(channel.name, number)] = []
                    self._ends[Partition(channel.name, number)] = 0

    async def discard(self, channels: Collection[str]) -> None:
        """Remove these with their messages and positions."""
        self._check()
        for partition in [each for each in self._messages if each.channel in channels]:
            del self._messages[partition], self._ends[partition]
        for group, partition in [each for each in self._committed if each[1].channel in channels]:
            del self._committed[group, partition]

    async def append(self, message: Message, partition: Partition) -> Stored:
        """Keep one message."""
        self._check()
        messages = self._messages[partition]
        latest_ms = messages[-1].time_ms if messages else 0
        position = Position(partition.channel, partition.number, len(messages))
        stored = Stored(message, position, max(latest_ms, self._clock()))
        messages.append(stored)
        self._ends[partition] = len(messages)
        if self._notify is not None:
            self._notify(partition.channel)
        return stored

    async def fetch(self, partition: Partition, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` messages from `offset` on."""
        self._check()
        return self._messages[partition][offset : offset + limit] if offset >= 0 else []

    async def extents(self, partitions: Collection[Partition]) -> Mapping[Partition, Extent]:
        """What each partition holds."""
        self._check()
        return {partition: Extent(0, len(self._messages[partition])) for partition in partitions}

    async def offset_at(self, partition: Partition, time_ms: int) -> int:
        """The first offset at or after a time."""
        self._check()
        return bisect_left(self._messages[partition], time_ms, key=lambda stored: stored.time_ms)

    async def committed(self, group: str, partition: Partition) -> int | None:
        """Where a group goes on."""
        self._check()
        return self._committed.get((group, partition))

    def commit(self, group: str, partition: Partition, offset: int) -> None:
        """Remember where a group goes on."""
        self._committed[group, partition] = offset

    def ends(self) -> Mapping[Partition, int]:
        """The end of every partition, as last known."""
        return self._ends

    def _check(self) -> None:
        if not self.available:
            raise LogUnavailable("the log is away")


class MemoryTransport(EmbeddedTransport):
    """The log in memory."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(MemoryStore(clock), Guarantees(survives_restart=False, many_processes=False))
