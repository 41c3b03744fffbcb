"""Opening the ledger's database. All that is SQLite's alone is in this file.

WAL: one process writes while others read. `synchronous=NORMAL`: a power cut may take the last moments of the ledger,
never its consistency, and its positions are of a piece with its rows, so it reads them again from the log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from contracts.errors import LedgerUnavailable

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_BUSY_MS: Final = 10_000
_CACHE_KIB: Final = 32_768
_CHECKPOINT_PAGES: Final = 8_000
_MOST_ROWS: Final = 256

Insert = sqlite.Insert | postgresql.Insert


def open_writer(path: Path, *, attached: Mapping[str, Path] | None = None) -> Engine:
    """The ledger at `path` for writing, made if it is not there, its tables up to date. LedgerUnavailable.

    The tables of the ledgers `attached` are there too, each under a schema of that name.
    """
    others = [f"ATTACH DATABASE '{_uri(other, 'rw')}' AS {name}" for name, other in (attached or {}).items()]
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = _engine(
            path,
            "rwc",
            (
                "PRAGMA journal_mode=WAL",
                "PRAGMA synchronous=NORMAL",
                f"PRAGMA cache_size=-{_CACHE_KIB}",
                f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}",
                *others,
            ),
        )
        event.listen(engine, "begin", _begin_to_write)
        with engine.begin() as connection:
            migrate(connection)
        return engine


def open_reader(path: Path) -> Engine:
    """The ledger at `path` for reading; connects when first used."""
    return _engine(path, "ro", ("PRAGMA query_only=ON",))


def migrate(connection: Connection) -> None:
    """Bring the tables up to date, in the transaction of `connection`. LedgerUnavailable."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise LedgerUnavailable(f"the ledger was written by a newer version of this software: {error}") from error


def upsert(dialect: str, table: Table) -> Insert:
    """An insert that can say what to do where the row is there."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_many(connection: Connection, statement: Insert, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert `rows`, which are in the order of the columns of `table`, with `statement`; no key twice.

    Many rows go in one statement, for SQLite lets go of the interpreter at each statement and has to wait for it
    afterwards: beside a busy event loop that wait, once a row, would be all that the ledger does.
    """
    done = 0
    while done < len(rows):
        count = min(_MOST_ROWS, 1 << ((len(rows) - done).bit_length() - 1))
        chunk = rows[done : done + count]
        if connection.dialect.paramstyle == "qmark":
            sql = _sql(connection.dialect, statement, table, count)
            connection.exec_driver_sql(sql, tuple(chain.from_iterable(chunk)))
        else:
            names = [column.name for column in table.columns]
            connection.execute(statement, [dict(zip(names, row, strict=True)) for row in chunk])
        done += count


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Whatever the database says becomes LedgerUnavailable."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise LedgerUnavailable(f"the ledger {path} cannot be used now: {cause}") from error


def _engine(path: Path, mode: str, pragmas: Sequence[str]) -> Engine:
    url = make_url("sqlite+pysqlite://").set(database=_uri(path, mode), query={"uri": "true"})
    # Autocommit in the driver: transactions begin where `_begin_to_write` says so, and nowhere else.
    engine = create_engine(url, connect_args={"isolation_level": None})

    def connected(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in (f"PRAGMA busy_timeout={_BUSY_MS}", *pragmas):
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine, "connect", connected)
    return engine


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.absolute()))}?mode={mode}"


def _begin_to_write(connection: Connection) -> None:
    # Python's sqlite3 would begin at the first write, and then a transaction that has read cannot always go on.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@lru_cache(maxsize=64)
def _sql(dialect: Dialect, statement: Insert, table: Table, count: int) -> str:
    """`statement` for `count` rows. Counts are powers of two, so that few statements are ever made and prepared."""
    row = {column.name: None for column in table.columns}
    values = f"({', '.join('?' * len(row))})"
    # Made for one row: to have SQLAlchemy write 256 of them takes half a second, in which everybody waits.
    before, found, after = str(statement.values([row]).compile(dialect=dialect)).partition(values)
    if not found:
        raise ValueError(f"an insert into {table.name} has no {values}")
    return before + ", ".join([values] * count) + after
