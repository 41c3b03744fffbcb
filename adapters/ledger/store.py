"""Writing what a batch of messages says, and how far the log was read, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy import Connection, bindparam, select, tuple_

from adapters.ledger.database import Insert, insert_many, upsert
from adapters.ledger.entries import Batch, DeadRecord, StepRecord
from adapters.ledger.fold import ExchangeState, join
from adapters.ledger.rows import to_row, to_state
from adapters.ledger.tables import dead, exchanges, positions, steps
from contracts.errors import LedgerUnavailable
from contracts.ports import Partition

_CHUNK: Final = 500

Item = TypeVar("Item")


def write(connection: Connection, batch: Batch) -> None:
    """Join what `batch` says to what the tables say. Running it twice changes nothing."""
    put_states(connection, batch.states)
    put_steps(connection, batch.steps)
    put_dead(connection, batch.dead)


def put_states(connection: Connection, states: Mapping[str, ExchangeState]) -> None:
    """Join `states` to those of the table."""
    if not states:
        return
    known = states_of(connection, states)
    rows = [
        to_row(exchange, join(known[exchange], state) if exchange in known else state)
        for exchange, state in states.items()
    ]
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
    """Add dead letters; of several for one attempt the first in the log stays."""
    insert_many(connection, _put_dead(connection.dialect.name), dead, records)


def read_positions(connection: Connection) -> dict[Partition, int]:
    """The next offset of each partition that was read from."""
    return {Partition(row.channel, row.partition): row.next for row in connection.execute(select(positions))}


def move(connection: Connection, before: Mapping[Partition, int], after: Mapping[Partition, int]) -> None:
    """Set the positions of `after`, which were those of `before` when it was read.

    LedgerUnavailable where they are not: then somebody else writes to this ledger, and one of the two has to yield.
    """
    channels = {partition.channel for partition in after}
    query = select(positions).where(positions.c.channel.in_(bindparam("channels", expanding=True)))
    now: dict[Partition, int] = {}
    for chunk in chunks(channels, _CHUNK):
        rows = connection.execute(query, {"channels": chunk})
        now.update({Partition(row.channel, row.partition): row.next for row in rows})
    for partition in after:
        if now.get(partition, 0) != before.get(partition, 0):
            raise LedgerUnavailable(f"another process writes to this ledger: it moved on in {partition.channel}")
    put_positions(connection, after)


def put_positions(connection: Connection, after: Mapping[Partition, int]) -> None:
    """Set the positions of `after`."""
    rows = [(where.channel, where.number, next_) for where, next_ in after.items()]
    insert_many(connection, _put_positions(connection.dialect.name), positions, rows)


def chunks(items: Collection[Item], size: int) -> Iterator[list[Item]]:
    """`items` in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


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
