"""The log in one SQLite file: append only, WAL, `synchronous=FULL`, group commit.

One writer thread takes all that is queued into one transaction, so that the price of a durable commit is shared by
all who wait. A lock file keeps a second writing process out; reading is open to all.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TextIO, TypeVar

from adapters.clock import Clock
from adapters.transport.embedded import EmbeddedTransport
from adapters.transport.sqlite_file import (
    ForeignFile,
    check_format,
    connect,
    extents_of,
    fetch_from,
    first_at,
    read_layout,
)
from adapters.transport.sqlite_writer import SqliteWriter, Waiter
from adapters.transport.store import Notify, Tail
from contracts.errors import LogError, LogOverloaded, LogUnavailable
from contracts.ports import ChannelSpec, Extent, Guarantees, Message, Partition, Stored

Found = TypeVar("Found")

_POLL_S: Final = 0.05
MAX_IN_FLIGHT: Final = 20_000
MAX_IN_FLIGHT_BYTES: Final = 64_000_000


class SqliteStore:
    """Messages in a SQLite file. `start` before use."""

    def __init__(self, path: Path, clock: Clock, *, read_only: bool = False) -> None:
        self._path = path
        self._clock = clock
        self._read_only = read_only
        self._notify: Notify = _nobody
        self._ends: dict[Partition, int] = {}
        self._tails: dict[Partition, Tail] = {}
        self._committed: dict[tuple[str, Partition], int] = {}
        self._writer: SqliteWriter | None = None
        self._reader: sqlite3.Connection | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._lock: TextIO | None = None
        self._in_flight = 0
        self._in_flight_bytes = 0

    async def start(self) -> None:
        """Open the file. LogUnavailable."""
        if self._read_only and not self._path.exists():
            raise LogUnavailable(f"there is no log at {self._path}")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-reader")
        try:
            if not self._read_only:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._lock = _take_lock(self._path.with_name(self._path.name + ".lock"))
                writer = SqliteWriter(self._path, self._clock, asyncio.get_running_loop(), self._written)
                writer.start()
                self._writer = writer
            self._reader = connect(self._path, read_only=True)
            check_format(self._reader)
            layout = await self._read(read_layout)
        except (sqlite3.Error, OSError, ForeignFile) as error:
            await self.close()
            raise LogUnavailable(f"the log {self._path} cannot be opened: {error}") from error
        except LogUnavailable:
            await self.close()
            raise
        self._ends, self._committed = layout.ends, layout.committed

    async def close(self) -> None:
        """Write what is queued, let go of the file and its lock. Idempotent."""
        # The writer goes last: only the last connection, if it may write, folds the journal into the file.
        if self._thread is not None:
            thread, self._thread = self._thread, None
            await asyncio.to_thread(thread.shutdown)
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if self._writer is not None:
            writer, self._writer = self._writer, None
            await asyncio.to_thread(writer.stop)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def on_append(self, notify: Notify) -> None:
        """Call `notify` with the channel of each message that was stored."""
        self._notify = notify

    async def ensure(self, channels: Collection[ChannelSpec]) -> None:
        """Create what is missing; a channel that exists keeps its partitions, and gets the retention of now."""
        if self._writer is None:
            missing = sorted(channel.name for channel in channels if Partition(channel.name, 0) not in self._ends)
            if missing:
                raise LogUnavailable(f"the log {self._path} is open for reading only, and lacks {', '.join(missing)}")
            return
        for partition, end in (await asyncio.wrap_future(self._writer.ensure(list(channels)))).items():
            self._ends.setdefault(partition, end)

    async def discard(self, channels: Collection[str]) -> None:
        """Remove these with their messages and positions. LogUnavailable."""
        if self._writer is None:
            raise LogUnavailable(f"the log {self._path} is open for reading only")
        await asyncio.wrap_future(self._writer.discard(sorted(channels)))
        for partition in [each for each in self._ends if each.channel in channels]:
            del self._ends[partition]
            self._tails.pop(partition, None)
        for group, partition in [each for each in self._committed if each[1].channel in channels]:
            del self._committed[group, partition]

    async def append(self, message: Message, partition: Partition) -> Stored:
        """Store one message durably."""
        if self._writer is None:
            raise LogUnavailable("the log is not open for writing")
        size = len(message.value)
        if self._in_flight >= MAX_IN_FLIGHT or self._in_flight_bytes + size > MAX_IN_FLIGHT_BYTES:
            raise LogOverloaded(f"{self._in_flight} messages wait to be stored")
        self._in_flight += 1
        self._in_flight_bytes += size
        future: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        self._writer.append(Waiter(message, partition, future))
        return await future

    def _written(self, told: Sequence[tuple[Waiter, Stored | LogError]]) -> None:
        """What became of a transaction, in its order. Who waited may be gone: what was stored counts all the same."""
        for waiter, became in told:
            self._in_flight -= 1
            self._in_flight_bytes -= len(waiter.message.value)
            if isinstance(became, Stored):
                self._ends[waiter.partition] = became.position.offset + 1
                self._tails.setdefault(waiter.partition, Tail()).add(became)
                if not waiter.future.done():
                    waiter.future.set_result(became)
            elif not waiter.future.done():
                waiter.future.set_exception(became)
        for channel in {waiter.partition.channel for waiter, became in told if isinstance(became, Stored)}:
            self._notify(channel)

    async def fetch(self, partition: Partition, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` messages from `offset` on."""
        if not self._read_only and offset >= self._ends.get(partition, 0):
            return []
        tail = self._tails.get(partition)
        found = None if tail is None else tail.fetch(offset, limit)
        if found is not None:
            return found
        return await self._read(lambda connection: fetch_from(connection, partition, offset, limit))

    async def extents(self, partitions: Collection[Partition]) -> Mapping[Partition, Extent]:
        """What each partition holds."""
        return await self._read(lambda connection: extents_of(connection, partitions))

    async def offset_at(self, partition: Partition, time_ms: int) -> int:
        """The first offset at or after a time."""
        return await self._read(lambda connection: first_at(connection, partition, time_ms))

    async def committed(self, group: str, partition: Partition) -> int | None:
        """Where a group goes on."""
        return self._committed.get((group, partition))

    def commit(self, group: str, partition: Partition, offset: int) -> None:
        """Remember where a group goes on; stored with the next transaction, or soon."""
        self._committed[group, partition] = offset
        if self._writer is not None:
            self._writer.commit(group, partition, offset)

    def ends(self) -> Mapping[Partition, int]:
        """The end of every partition, as last known."""
        return self._ends

    async def _read(self, read: Callable[[sqlite3.Connection], Found]) -> Found:
        """Run `read` in the reading thread. LogUnavailable."""
        if self._thread is None or self._reader is None:
            raise LogUnavailable("the log is not open")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, read, self._reader)
        except sqlite3.Error as error:
            raise LogUnavailable(f"the log {self._path} cannot be read: {error}") from error


class SqliteTransport(EmbeddedTransport):
    """The log in the file `path`. Read only, it needs no lock, and sees what another process writes."""

    def __init__(self, path: Path, *, clock: Clock, read_only: bool = False) -> None:
        self._file = SqliteStore(path, clock, read_only=read_only)
        guarantees = Guarantees(survives_restart=True, many_processes=False)
        super().__init__(self._file, guarantees, poll_s=_POLL_S if read_only else None)

    async def start(self) -> None:
        """Open the file, and make it where there is none. LogUnavailable."""
        await self._file.start()
        self._count_partitions()

    async def close(self) -> None:
        """Close consumers and readers, then the file. Idempotent."""
        await super().close()
        await self._file.close()


def _nobody(_channel: str) -> None:
    """Who is told before anybody listens."""


def _take_lock(path: Path) -> TextIO:
    """The lock file, locked for as long as it is open. LogUnavailable names the process that holds it."""
    # Opened for appending, so that the holder's number survives our attempt.
    lock = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise LogUnavailable(f"the log is already being written by process {holder} (lock {path})") from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock
