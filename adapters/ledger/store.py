"""Writing what a batch of messages says, and how far the log was read, in one transaction."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, bindparam, select, tuple_

from adapters.ledger.database import Insert, insert_many, told, upsert
from adapters.ledger.entries import Batch, DeadRecord, StepRecord
from adapters.ledger.fold import ExchangeState, join
from adapters.ledger.rows import to_row, to_state
from adapters.ledger.tables import dead, exchanges, meta, positions, steps
from contracts.errors import LedgerUnavailable
from contracts.ports import Partition

REBUILDS: Final = "rebuilds"

_CHUNK: Final = 500
_RECENT: Final = 8_192

Item = TypeVar("Item")


class Store:
    """The writing side of one ledger. Used from one thread.

    The states of the last 8,192 exchanges are kept in memory: what happens to an exchange mostly happens soon, and
    each row that need not be read is a wait for the interpreter less. They are right as long as nobody else writes,
    which every transaction makes sure of.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._recent: OrderedDict[str, ExchangeState] = OrderedDict()
        self._positions: dict[Partition, int] = {}
        self._rebuilds: str | None = None

    def open(self) -> dict[Partition, int]:
        """Forget what was kept in memory; answers the next offset of each partition. LedgerUnavailable."""
        self._recent.clear()
        with told(self._path), self._engine.begin() as connection:
            self._positions = read_positions(connection)
            self._rebuilds = _rebuilds(connection)
        return dict(self._positions)

    def write(self, batch: Batch, moved: Mapping[Partition, int]) -> None:
        """Store what `batch` says and the positions that follow it, all or nothing.

        LedgerUnavailable; also where another process writes to this ledger. `open` it again then.
        """
        with told(self._path), self._engine.begin() as connection:
            self._check_alone(connection, moved)
            states = self._joined(connection, batch.states)
            write_states(connection, states)
            put_steps(connection, batch.steps)
            put_dead(connection, list(batch.dead.values()))
            put_positions(connection, moved)
        self._positions.update(moved)
        self._keep(states)

    def _check_alone(self, connection: Connection, moved: Mapping[Partition, int]) -> None:
        now = read_positions(connection, {partition.channel for partition in moved})
        if any(now.get(where, 0) != self._positions.get(where, 0) for where in moved):
            raise LedgerUnavailable("another process writes to this ledger too; it has read on")
        if _rebuilds(connection) != self._rebuilds:
            raise LedgerUnavailable("the ledger was rebuilt meanwhile")

    def _joined(self, connection: Connection, told: Mapping[str, ExchangeState]) -> dict[str, ExchangeState]:
        known = {exchange: self._recent[exchange] for exchange in told if exchange in self._recent}
        known.update(states_of(connection, [exchange for exchange in told if exchange not in known]))
        return {
            exchange: join(known[exchange], state) if exchange in known else state for exchange, state in told.items()
        }

    def _keep(self, states: Mapping[str, ExchangeState]) -> None:
        for exchange, state in states.items():
            self._recent[exchange] = state
            self._recent.move_to_end(exchange)
        while len(self._recent) > _RECENT:
            self._recent.popitem(last=False)


def put_states(connection: Connection, states: Mapping[str, ExchangeState]) -> None:
    """Join `states` to those of the table."""
    known = states_of(connection, states)
    joined = {
        exchange: join(known[exchange], state) if exchange in known else state for exchange, state in states.items()
    }
    write_states(connection, joined)


def write_states(connection: Connection, states: Mapping[str, ExchangeState]) -> None:
    """Make `states` those of the table."""
    rows = [to_row(exchange, state) for exchange, state in states.items()]
    insert_many(connection, _put_states(connection.dialect.name), exchanges, rows)


def states_of(connection: Connection, ids: Collection[str]) -> dict[str, ExchangeState]:
    """The states of those of `ids` that the table has."""
    query = select(exchanges).where(exchanges.c.id.in_(bindparam("ids", expanding=True)))
    found = {}
    for chunk in chunks(ids, _CHUNK):
        for row in connection.execute(query, {"ids": chunk}):
            found[row.id] = to_state(row)
    return found


def put_steps(connection: Connection, records: Sequence[StepRecord]) -> None:
    """Add `records`; those that are there stay, for a step is a function of its message alone."""
    insert_many(connection, _put_steps(connection.dialect.name), steps, records)


def put_dead(connection: Connection, records: Sequence[DeadRecord]) -> None:
    """Add dead letters, one an attempt; of several for one attempt the first in the log stays."""
    insert_many(connection, _put_dead(connection.dialect.name), dead, records)


def put_positions(connection: Connection, after: Mapping[Partition, int]) -> None:
    """Set the positions of `after`."""
    rows = [(where.channel, where.number, next_) for where, next_ in after.items()]
    insert_many(connection, _put_positions(connection.dialect.name), positions, rows)


def read_positions(connection: Connection, channels: Collection[str] | None = None) -> dict[Partition, int]:
    """The next offset of each partition that was read from; of `channels` only, where they are named."""
    if channels is None:
        return {Partition(row.channel, row.partition): row.next for row in connection.execute(select(positions))}
    query = select(positions).where(positions.c.channel.in_(bindparam("channels", expanding=True)))
    return {
        Partition(row.channel, row.partition): row.next
        for chunk in chunks(channels, _CHUNK)
        for row in connection.execute(query, {"channels": chunk})
    }


def count_rebuild(connection: Connection) -> None:
    """Let whoever writes to this ledger know that its rows are others now."""
    count = str(int(_rebuilds(connection) or 0) + 1)
    insert_many(connection, _put_meta(connection.dialect.name), meta, [(REBUILDS, count)])


def chunks(items: Collection[Item], size: int) -> Iterator[list[Item]]:
    """`items` in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _rebuilds(connection: Connection) -> str | None:
    return connection.execute(select(meta.c.value).where(meta.c.name == REBUILDS)).scalar()


@cache
def _put_states(dialect: str) -> Insert:
    insert = upsert(dialect, exchanges)
    told = {column.name: column for column in insert.excluded if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=[exchanges.c.id], set_=told)


@cache
def _put_steps(dialect: str) -> Insert:
    return upsert(dialect, steps).on_conflict_do_nothing()


@cache
def _put_dead(dialect: str) -> Insert:
    insert = upsert(dialect, dead)
    row = insert.excluded
    there = tuple_(dead.c.time_ms, dead.c.partition, dead.c.offset)
    told = {column.name: column for column in row if not column.primary_key}
    return insert.on_conflict_do_update(
        index_elements=[dead.c.exchange, dead.c.attempt],
        set_=told,
        where=tuple_(row.time_ms, row.partition, row.offset) < there,
    )


@cache
def _put_positions(dialect: str) -> Insert:
    insert = upsert(dialect, positions)
    return insert.on_conflict_do_update(
        index_elements=[positions.c.channel, positions.c.partition], set_={"next": insert.excluded.next}
    )


@cache
def _put_meta(dialect: str) -> Insert:
    insert = upsert(dialect, meta)
    return insert.on_conflict_do_update(index_elements=[meta.c.name], set_={"value": insert.excluded.value})
