"""The one thread that writes the SQLite log: all that is queued goes into one transaction."""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from adapters.clock import Clock
from adapters.transport.sqlite_file import connect, pack_headers, prepare_file, read_layout, remove_some
from adapters.transport.sqlite_retention import Retention
from contracts.errors import LogError, LogUnavailable, LogUnknown
from contracts.ports import ChannelSpec, Message, Partition, Position, Stored

log = logging.getLogger(__name__)

_ROWS_AT_ONCE: Final = 128
_BATCH: Final = 2_048
_BATCH_BYTES: Final = 16_000_000
_POSITIONS_S: Final = 0.05
_LOOK_S: Final = 1.0

Told = Callable[[Sequence[tuple["Waiter", Stored | LogError]]], None]


@dataclass(slots=True)
class Waiter:
    """One message that waits to be stored, and who waits for it."""

    message: Message
    partition: Partition
    future: asyncio.Future[Stored]


@dataclass(slots=True)
class _Ensure:
    channels: Sequence[ChannelSpec]
    done: Future[dict[Partition, int]] = field(default_factory=Future)


@dataclass(slots=True)
class _Discard:
    channels: Sequence[str]
    done: Future[None] = field(default_factory=Future)


class _Stop:
    """The last thing in the queue."""


class _Wake:
    """Positions wait to be written, and nothing else may come for a while."""


class SqliteWriter:
    """Owns the writing connection. `told` is called in `loop` once for each transaction, with what became of it."""

    def __init__(self, path: Path, clock: Clock, loop: asyncio.AbstractEventLoop, told: Told) -> None:
        self._path = path
        self._clock = clock
        self._loop = loop
        self._told = told
        self._queue: queue.SimpleQueue[Waiter | _Ensure | _Discard | _Stop | _Wake] = queue.SimpleQueue()
        self._positions: dict[tuple[str, Partition], int] = {}
        self._positions_at = 0.0
        self._inserts: dict[int, str] = {}
        self._ids: dict[Partition, int] = {}
        self._ends: dict[Partition, int] = {}
        self._latest_ms = 0
        self._retention = Retention(clock)
        self._connection = connect(path, read_only=False)
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)

    def start(self) -> None:
        """Make or check the file and begin. sqlite3.Error, ForeignFile."""
        try:
            prepare_file(self._connection)
            self._learn()
        except BaseException:
            self._connection.close()
            raise
        self._thread.start()

    def append(self, waiter: Waiter) -> None:
        """Store a message; `told` says what became of it. Never blocks."""
        self._queue.put(waiter)

    def commit(self, group: str, partition: Partition, offset: int) -> None:
        """Store a position, with the next transaction or soon. Never blocks."""
        idle = not self._positions
        self._positions[group, partition] = offset
        if idle:
            self._queue.put(_Wake())

    def ensure(self, channels: Sequence[ChannelSpec]) -> Future[dict[Partition, int]]:
        """Create what is missing; the future holds the end of every partition. LogUnavailable in it."""
        asked = _Ensure(channels)
        self._queue.put(asked)
        return asked.done

    def discard(self, channels: Sequence[str]) -> Future[None]:
        """Remove them with their messages and positions, some at a time. LogUnavailable in the future."""
        asked = _Discard(channels)
        self._queue.put(asked)
        return asked.done

    def stop(self) -> None:
        """Write what is queued and the positions, and end the thread."""
        self._queue.put(_Stop())
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            waiters, others = self._gather()
            if waiters:
                self._write(waiters)
            elif self._positions and time.monotonic() - self._positions_at >= _POSITIONS_S:
                self._write_positions()
            for other in others:
                if isinstance(other, _Ensure):
                    self._ensure(other)
                elif isinstance(other, _Discard):
                    self._discard(other)
                else:
                    goes_on = False
            self._clean()
        if self._positions:
            self._write_positions()
        while not self._queue.empty():
            left = self._queue.get()
            if isinstance(left, _Discard):
                left.done.set_exception(LogUnavailable("the log was closed before all was removed"))

    def _gather(self) -> tuple[list[Waiter], list[_Ensure | _Discard | _Stop]]:
        """What is queued now; waits for a first thing, not longer than positions may wait or retention wants."""
        waiters: list[Waiter] = []
        others: list[_Ensure | _Discard | _Stop] = []
        size_bytes = 0
        try:
            entry = self._queue.get(timeout=_POSITIONS_S if self._positions or self._retention.more else _LOOK_S)
            while True:
                if isinstance(entry, Waiter):
                    waiters.append(entry)
                    size_bytes += len(entry.message.value)
                elif not isinstance(entry, _Wake):
                    others.append(entry)
                    break
                if len(waiters) >= _BATCH or size_bytes >= _BATCH_BYTES:
                    break
                entry = self._queue.get_nowait()
        except queue.Empty:
            pass
        return waiters, others

    def _write(self, waiters: list[Waiter]) -> None:
        now_ms = self._latest_ms = max(self._latest_ms, self._clock())
        ends = self._ends
        told: list[tuple[Waiter, Stored | LogError]] = []
        rows: list[tuple[object, ...]] = []
        for waiter in waiters:
            partition, message = waiter.partition, waiter.message
            offset = ends.get(partition)
            if offset is None:
                told.append((waiter, LogUnavailable(f"the channel {partition.channel} is no more")))
                continue
            ends[partition] = offset + 1
            rows.append(
                (self._ids[partition], offset, now_ms, message.key, pack_headers(message.headers), message.value)
            )
            position = Position(partition.channel, partition.number, offset)
            told.append((waiter, Stored(message, position, now_ms)))
        try:
            if rows:
                self._store(rows)
        except sqlite3.Error as error:
            failed = self._failed(error)
            told = [(waiter, failed) for waiter in waiters]
        self._tell(told)

    def _store(self, rows: list[tuple[object, ...]]) -> None:
        """One transaction. Each call into SQLite gives up the interpreter and has to win it back from a busy event
        loop, so the usual batch is a single statement that commits by itself."""
        connection = self._connection
        positions = self._due_positions()
        if len(rows) <= _ROWS_AT_ONCE and not positions:
            connection.execute(self._insert(len(rows)), [value for row in rows for value in row])
            return
        connection.execute("BEGIN IMMEDIATE")
        for begin in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[begin : begin + _ROWS_AT_ONCE]
            connection.execute(self._insert(len(part)), [value for row in part for value in row])
        self._put_positions(positions)
        connection.execute("COMMIT")

    def _insert(self, count: int) -> str:
        statement = self._inserts.get(count)
        if statement is None:
            values = ",".join(["(?,?,?,?,?,?)"] * count)
            statement = f"INSERT INTO messages (partition, offset, time_ms, key, headers, value) VALUES {values}"  # noqa: S608
            self._inserts[count] = statement
        return statement

    def _due_positions(self) -> dict[tuple[str, Partition], int]:
        if not self._positions or time.monotonic() - self._positions_at < _POSITIONS_S:
            return {}
        positions, self._positions = self._positions, {}
        self._positions_at = time.monotonic()
        return positions

    def _put_positions(self, positions: dict[tuple[str, Partition], int]) -> None:
        self._connection.executemany(
            "INSERT INTO positions (consumers, partition, offset) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET offset = excluded.offset",
            [
                (group, self._ids[partition], offset)
                for (group, partition), offset in positions.items()
                # What was in flight in a channel that is no more.
                if partition in self._ids
            ],
        )

    def _write_positions(self) -> None:
        positions, self._positions = self._positions, {}
        self._positions_at = time.monotonic()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._put_positions(positions)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._failed(error)
            # Newer ones win; the rest is tried again, for as long as it takes.
            self._positions = positions | self._positions

    def _failed(self, error: sqlite3.Error) -> LogError:
        """Get the connection ready for the next attempt; answers what those who waited are told."""
        log.error("the log %s cannot be written: %s", self._path, error)
        certain = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY)
        try:
            if not certain:
                self._connection.close()
                self._connection = connect(self._path, read_only=False)
                prepare_file(self._connection)
            elif self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._learn()
        except sqlite3.Error as again:
            log.error("the log %s cannot be opened again: %s", self._path, again)  # noqa: TRY400 - said already why
        if certain:
            return LogUnavailable(f"the log cannot be written: {error}")
        return LogUnknown(f"the log may or may not have stored it: {error}")

    def _learn(self) -> None:
        layout = read_layout(self._connection)
        self._ids, self._ends = layout.ids, layout.ends
        (latest_ms,) = self._connection.execute("SELECT time_ms FROM messages ORDER BY id DESC LIMIT 1").fetchone() or (
            0,
        )
        self._latest_ms = max(self._latest_ms, latest_ms)

    def _ensure(self, asked: _Ensure) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for channel in asked.channels:
                self._connection.execute(
                    "INSERT INTO channels (name, retention_ms) VALUES (?, ?)"
                    " ON CONFLICT DO UPDATE SET retention_ms = excluded.retention_ms",
                    (channel.name, channel.retention_ms),
                )
                if Partition(channel.name, 0) not in self._ids:
                    self._connection.executemany(
                        "INSERT INTO partitions (channel, number) VALUES (?, ?)",
                        [(channel.name, number) for number in range(channel.partitions)],
                    )
            self._connection.execute("COMMIT")
            self._learn()
        except sqlite3.Error as error:
            self._failed(error)
            asked.done.set_exception(LogUnavailable(f"the log cannot be written: {error}"))
        else:
            asked.done.set_result(dict(self._ends))

    def _discard(self, asked: _Discard) -> None:
        """Remove what one transaction may; where more is left, whoever waits to be stored goes first."""
        for place in [each for each in list(self._positions) if each[1].channel in asked.channels]:
            self._positions.pop(place, None)
        try:
            if remove_some(self._connection, asked.channels):
                self._learn()
                asked.done.set_result(None)
            else:
                self._queue.put(asked)
        except sqlite3.Error as error:
            self._failed(error)
            asked.done.set_exception(LogUnavailable(f"the log cannot be written: {error}"))

    def _clean(self) -> None:
        try:
            self._retention.step(self._connection)
        except sqlite3.Error as error:
            self._failed(error)

    def _tell(self, told: list[tuple[Waiter, Stored | LogError]]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._told, told)
        except RuntimeError:
            log.warning("the event loop is closed; %d messages were written, and nobody waits for them", len(told))
