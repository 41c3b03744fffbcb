"""The file of the SQLite log: its tables, and everything that is read from them.

`messages` is in the order of writing, so that an append touches the end of the file alone; `by_offset` finds a
message by its place. A partition's `first` says what retention took, so that offsets go on even where nothing is left.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.envelope import Headers
from contracts.ports import Extent, Message, Partition, Position, Stored

FORMAT: Final = 1
_BUSY_MS: Final = 1_000
_BYTES_AT_ONCE: Final = 4_000_000
_REMOVED_AT_ONCE: Final = 5_000
_SIZES: Final = struct.Struct(">HI")

_TABLES: Final = """
    CREATE TABLE channels (
        name TEXT PRIMARY KEY,
        retention_ms INTEGER
    );
    CREATE TABLE partitions (
        id INTEGER PRIMARY KEY,
        channel TEXT NOT NULL REFERENCES channels (name),
        number INTEGER NOT NULL,
        first INTEGER NOT NULL DEFAULT 0,
        UNIQUE (channel, number)
    );
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY,
        partition INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        time_ms INTEGER NOT NULL,
        key BLOB NOT NULL,
        headers BLOB NOT NULL,
        value BLOB NOT NULL
    );
    CREATE UNIQUE INDEX by_offset ON messages (partition, offset);
    CREATE TABLE positions (
        consumers TEXT NOT NULL,
        partition INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        PRIMARY KEY (consumers, partition)
    ) WITHOUT ROWID;
"""


class ForeignFile(Exception):
    """The file is a database, but not a log of this format."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the file holds: the number and end of each partition, and where each group goes on."""

    ids: dict[Partition, int]
    ends: dict[Partition, int]
    committed: dict[tuple[str, Partition], int]


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the file; writing creates it. Any thread may use the connection, one at a time. sqlite3.Error."""
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    return connection


def prepare_file(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none, and set what makes a commit durable. sqlite3.Error, ForeignFile."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables:
            raise ForeignFile("it is a database of something else")
        connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {FORMAT}; COMMIT")
    check_format(connection)


def check_format(connection: sqlite3.Connection) -> None:
    """Raise ForeignFile where the file is not a log of this format."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != FORMAT:
        raise ForeignFile(f"its format is {version}; this version reads {FORMAT}")


def read_layout(connection: sqlite3.Connection) -> Layout:
    """Everything but the messages. sqlite3.Error."""
    ids: dict[Partition, int] = {}
    ends: dict[Partition, int] = {}
    for row_id, channel, number, first, last in connection.execute(
        "SELECT id, channel, number, first, (SELECT max(offset) FROM messages WHERE partition = partitions.id)"
        " FROM partitions"
    ):
        partition = Partition(channel, number)
        ids[partition] = row_id
        ends[partition] = first if last is None else last + 1
    committed = {
        (group, Partition(channel, number)): offset
        for group, channel, number, offset in connection.execute(
            "SELECT consumers, channel, number, offset FROM positions JOIN partitions ON partitions.id = partition"
        )
    }
    return Layout(ids, ends, committed)


def fetch_from(connection: sqlite3.Connection, partition: Partition, offset: int, limit: int) -> Sequence[Stored]:
    """Up to `limit` messages, and not much more than four megabytes, from `offset` on. sqlite3.Error."""
    found: list[Stored] = []
    size_bytes = 0
    rows = connection.execute(
        "SELECT offset, time_ms, key, headers, value FROM messages"
        " WHERE partition = (SELECT id FROM partitions WHERE channel = ? AND number = ?) AND offset >= ?"
        " ORDER BY offset LIMIT ?",
        (*partition, offset, limit),
    )
    for at, time_ms, key, headers, value in rows:
        message = Message(partition.channel, key, value, unpack_headers(headers))
        found.append(Stored(message, Position(partition.channel, partition.number, at), time_ms))
        size_bytes += len(value)
        if size_bytes > _BYTES_AT_ONCE:
            break
    rows.close()
    return found


def extents_of(connection: sqlite3.Connection, partitions: Collection[Partition]) -> Mapping[Partition, Extent]:
    """What each partition holds; one that does not exist holds nothing. sqlite3.Error."""
    return {partition: _extent(connection, partition) for partition in partitions}


def first_at(connection: sqlite3.Connection, partition: Partition, time_ms: int) -> int:
    """The first offset at or after `time_ms`, else the end. Times never fall within a partition. sqlite3.Error."""
    low, high = _extent(connection, partition)
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            "SELECT time_ms FROM messages"
            " WHERE partition = (SELECT id FROM partitions WHERE channel = ? AND number = ?) AND offset = ?",
            (*partition, middle),
        ).fetchone()
        if row is None or row[0] < time_ms:
            low = middle + 1
        else:
            high = middle
    return low


def remove_some(connection: sqlite3.Connection, channels: Collection[str]) -> bool:
    """Remove a bounded number of messages, and with them each of `channels` that has none left; whether all are gone.

    sqlite3.Error.
    """
    left = _REMOVED_AT_ONCE
    connection.execute("BEGIN IMMEDIATE")
    for channel in channels:
        left -= connection.execute(
            "DELETE FROM messages WHERE id IN (SELECT messages.id FROM messages"
            " JOIN partitions ON partitions.id = messages.partition WHERE channel = ? LIMIT ?)",
            (channel, left),
        ).rowcount
        if not left:
            break
        connection.execute(
            "DELETE FROM positions WHERE partition IN (SELECT id FROM partitions WHERE channel = ?)", (channel,)
        )
        connection.execute("DELETE FROM partitions WHERE channel = ?", (channel,))
        connection.execute("DELETE FROM channels WHERE name = ?", (channel,))
    connection.execute("COMMIT")
    return left > 0


def _extent(connection: sqlite3.Connection, partition: Partition) -> Extent:
    # Two sub-queries, because SQLite answers min() or max() from the index only when asked for one of them.
    row = connection.execute(
        "SELECT first, (SELECT min(offset) FROM messages WHERE partition = partitions.id),"
        " (SELECT max(offset) FROM messages WHERE partition = partitions.id)"
        " FROM partitions WHERE channel = ? AND number = ?",
        partition,
    ).fetchone()
    if row is None:
        return Extent(0, 0)
    first, lowest, highest = row
    return Extent(first, first) if lowest is None else Extent(lowest, highest + 1)


def pack_headers(headers: Headers) -> bytes:
    """Headers as bytes: for each the sizes of its name and its value, then both."""
    parts: list[bytes] = []
    for name, value in headers:
        encoded = name.encode()
        parts += (_SIZES.pack(len(encoded), len(value)), encoded, value)
    return b"".join(parts)


def unpack_headers(packed: bytes) -> Headers:
    """The opposite of `pack_headers`."""
    headers: list[tuple[str, bytes]] = []
    at = 0
    while at < len(packed):
        name_size, value_size = _SIZES.unpack_from(packed, at)
        at += _SIZES.size
        name = packed[at : at + name_size].decode()
        at += name_size
        headers.append((name, packed[at : at + value_size]))
        at += value_size
    return tuple(headers)
