"""Retention of the SQLite log: what is old enough and was taken by every group goes, a little at a time."""

from __future__ import annotations

import sqlite3
import time
from typing import Final

from adapters.clock import Clock

_EVERY_S: Final = 30.0
_AGAIN_S: Final = 0.05
_ROWS: Final = 500
_PAGES: Final = 1_000
_SPARE: Final = 10


class Retention:
    """Deletes in steps small enough that nobody who waits for a commit notices. Used by the writer's thread alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_s = 0.0
        self.more = False

    def step(self, connection: sqlite3.Connection) -> None:
        """Delete one batch, where it is time to; `more` says whether there is another. sqlite3.Error."""
        if time.monotonic() < self._next_s:
            return
        self.more = self._delete(connection)
        self.more |= self._shrink(connection)
        self._next_s = time.monotonic() + (_AGAIN_S if self.more else _EVERY_S)

    def _shrink(self, connection: sqlite3.Connection) -> bool:
        # A few free pages are for the messages to come: to give them back and take them again is work for nothing.
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        if free * _SPARE <= pages:
            return False
        # The module steps a pragma without columns only once; as a script it runs to its end.
        connection.executescript(f"PRAGMA incremental_vacuum({_PAGES})")
        return True

    def _delete(self, connection: sqlite3.Connection) -> bool:
        for partition, before_ms, stays in self._candidates(connection):
            oldest = connection.execute(
                "SELECT time_ms FROM messages WHERE partition = ? AND offset < ? ORDER BY offset LIMIT 1",
                (partition, stays),
            ).fetchone()
            if oldest is not None and oldest[0] < before_ms:
                self._delete_from(connection, partition, before_ms, stays)
                return True
        return False

    def _candidates(self, connection: sqlite3.Connection) -> list[tuple[int, int, int]]:
        """(partition, time before which messages go, offset from which they stay).

        A position that a group committed holds everything after it: what was accepted and not yet taken is kept,
        however old it is.
        """
        return connection.execute(
            "SELECT partitions.id, ? - channels.retention_ms,"
            " coalesce((SELECT min(offset) FROM positions WHERE partition = partitions.id), 9223372036854775807)"
            " FROM partitions JOIN channels ON channels.name = partitions.channel"
            " WHERE channels.retention_ms IS NOT NULL",
            (self._clock(),),
        ).fetchall()

    def _delete_from(self, connection: sqlite3.Connection, partition: int, before_ms: int, stays: int) -> None:
        rows = connection.execute(
            "SELECT offset, time_ms FROM messages WHERE partition = ? AND offset < ? ORDER BY offset LIMIT ?",
            (partition, stays, _ROWS),
        ).fetchall()
        last = max(offset for offset, time_ms in rows if time_ms < before_ms)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM messages WHERE partition = ? AND offset <= ?", (partition, last))
        connection.execute("UPDATE partitions SET first = ? WHERE id = ?", (last + 1, partition))
        connection.execute("COMMIT")
