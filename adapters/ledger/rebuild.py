"""Making the ledger anew from the log.

The rule. What the log holds is told by the log alone: every row that comes from it is made anew, so a ledger that was
wrong is right afterwards, and one that was right is the same, byte for byte. What the log no longer holds cannot be
told anew, so it is kept:

- a step or dead letter whose message lies before the first offset of its partition, or in a partition that the ledger
  no longer follows, stays as it was;
- an exchange with such a step is not told by the log alone: its old state and its new one are joined (which is safe,
  for states are made to be joined, see `adapters.ledger.fold`). Every other exchange is the log's.

Rows of messages *beyond* the end of the log, which a restored log has lost, go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, MetaData, Table, bindparam, delete, exists, select, true

from adapters.ledger import store
from adapters.ledger.database import open_writer, told, upsert
from adapters.ledger.identity import claim, identity_of
from adapters.ledger.projector import Progress, Projector
from adapters.ledger.reading import Decode
from adapters.ledger.rows import to_state
from adapters.ledger.tables import dead, exchanges, metadata, positions, steps
from contracts import channels
from contracts.ports import Extent, Partition, Transport

_REBUILT: Final = "rebuilt"
_CHUNK: Final = 1000


async def rebuild(
    transport: Transport,
    path: Path,
    partitions: Collection[Partition],
    decode: Decode,
    *,
    progress: Progress | None = None,
) -> int:
    """Make the ledger at `path` anew; answers how many messages were read.

    It is made in a file beside the old one, and takes its place in one transaction: whoever reads sees the old ledger
    or the new one. LedgerUnavailable, LogError, WrongLedger; the old ledger is then as it was.
    """
    beside = path.with_name(path.name + ".rebuild")
    _remove(beside)
    projector = Projector(transport, beside, partitions, decode)
    try:
        await projector.start()
        count = await projector.catch_up(progress)
        await projector.close()
        # Asked last: what retention took while we read may not have been read, so it has to be kept.
        extents = await transport.extents(partitions)
        await asyncio.to_thread(_take_over, path, beside, await identity_of(transport), extents)
    finally:
        await projector.close()
        _remove(beside)
    return count


def _take_over(path: Path, beside: Path, identity: str, extents: Mapping[Partition, Extent]) -> None:
    engine = open_writer(path, attached={_REBUILT: beside})
    rebuilt = MetaData()
    tables = {table.name: table.to_metadata(rebuilt, schema=_REBUILT) for table in metadata.sorted_tables}
    try:
        with told(path), engine.begin() as connection:
            claim(connection, identity, path, survives_restart=True)
            _forget_what_the_log_holds(connection, extents)
            _join(connection, tables[exchanges.name])
            store.count_rebuild(connection)
            for table in (exchanges, steps, dead, positions):
                _copy(connection, tables[table.name], table)
    finally:
        engine.dispose()


def _forget_what_the_log_holds(connection: Connection, extents: Mapping[Partition, Extent]) -> None:
    firsts = [
        {"in_channel": where.channel, "in_partition": where.number, "first": extent.first}
        for where, extent in extents.items()
    ]
    if not firsts:
        return
    held = (steps.c.channel == bindparam("in_channel"), steps.c.partition == bindparam("in_partition"))
    connection.execute(delete(steps).where(*held, steps.c.offset >= bindparam("first")), firsts)
    held = (positions.c.channel == bindparam("in_channel"), positions.c.partition == bindparam("in_partition"))
    connection.execute(delete(positions).where(*held), [{**first} for first in firsts])
    letters = [first for first in firsts if first["in_channel"] == channels.DEAD]
    if letters:
        lies_in = dead.c.partition == bindparam("in_partition")
        connection.execute(delete(dead).where(lies_in, dead.c.offset >= bindparam("first")), letters)
    is_kept = exists().where(steps.c.exchange == exchanges.c.id)
    connection.execute(delete(exchanges).where(~is_kept))


def _join(connection: Connection, rebuilt: Table) -> None:
    """Join the states of the exchanges that both the old ledger and the log know of."""
    both = select(exchanges.c.id).join_from(exchanges, rebuilt, exchanges.c.id == rebuilt.c.id)
    ids = list(connection.execute(both).scalars())
    query = select(rebuilt).where(rebuilt.c.id.in_(bindparam("ids", expanding=True)))
    for chunk in store.chunks(ids, _CHUNK):
        rows = connection.execute(query, {"ids": chunk})
        store.put_states(connection, {row.id: to_state(row) for row in rows})


def _copy(connection: Connection, source: Table, target: Table) -> None:
    """Copy the rows that `target` has none for."""
    rows = select(source).where(true())
    insert = upsert(connection.dialect.name, target).from_select([column.name for column in source.columns], rows)
    connection.execute(insert.on_conflict_do_nothing())


def _remove(path: Path) -> None:
    for each in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
        each.unlink(missing_ok=True)
