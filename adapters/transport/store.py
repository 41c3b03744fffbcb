"""What the embedded transports keep messages in: a store with a tail in memory. Used from one event loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Protocol

from contracts.ports import ChannelSpec, Extent, Message, Partition, Stored

TAIL_MESSAGES: Final = 1_024
TAIL_BYTES: Final = 1_000_000
BATCH: Final = 500

Notify = Callable[[str], None]
"""Told the name of a channel once something was stored in it."""


class Store(Protocol):
    """Keeps messages and the positions of groups."""

    def on_append(self, notify: Notify) -> None:
        """Call `notify` for whatever is stored from now on, also where the one who appended has gone away."""

    async def ensure(self, channels: Collection[ChannelSpec]) -> None:
        """Create what is missing. LogUnavailable."""

    async def discard(self, channels: Collection[str]) -> None:
        """Remove these with their messages and positions. LogUnavailable."""

    async def append(self, message: Message, partition: Partition) -> Stored:
        """Store one message durably. LogUnavailable, LogUnknown, LogOverloaded."""

    async def fetch(self, partition: Partition, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` messages from `offset` on (the first there is, where retention took it). LogUnavailable."""

    async def extents(self, partitions: Collection[Partition]) -> Mapping[Partition, Extent]:
        """What each partition holds. LogUnavailable."""

    async def offset_at(self, partition: Partition, time_ms: int) -> int:
        """The first offset at or after a time, else the end. LogUnavailable."""

    async def committed(self, group: str, partition: Partition) -> int | None:
        """Where a group goes on, None where it never committed. LogUnavailable."""

    def commit(self, group: str, partition: Partition, offset: int) -> None:
        """Remember where a group goes on; durable soon, never blocks."""

    def ends(self) -> Mapping[Partition, int]:
        """The end of every partition there is, as last known."""


class Tail:
    """The newest messages of one partition, so that who keeps up reads no disk. Bounded in number and bytes."""

    __slots__ = ("_messages", "_size")

    def __init__(self) -> None:
        self._messages: deque[Stored] = deque()
        self._size = 0

    def add(self, stored: Stored) -> None:
        """Append; the oldest make room."""
        self._messages.append(stored)
        self._size += len(stored.message.value)
        while len(self._messages) > TAIL_MESSAGES or self._size > TAIL_BYTES:
            self._size -= len(self._messages.popleft().message.value)

    def fetch(self, offset: int, limit: int) -> list[Stored] | None:
        """Messages from `offset` on; None where the tail does not reach back to it."""
        if not self._messages or offset < self._messages[0].position.offset:
            return None
        skip = offset - self._messages[0].position.offset
        if skip >= len(self._messages):
            return []
        last = min(len(self._messages), skip + limit)
        return [self._messages[index] for index in range(skip, last)]
