"""Which log a ledger is a projection of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, select

from adapters.ledger.tables import meta, metadata
from contracts.channels import SCHEMAS
from contracts.errors import BusError, LogUnavailable
from contracts.ports import Extent, Partition, Position, Transport

_FIRST: Final = Position(SCHEMAS, 0, 0)
_LOG: Final = "log"


class WrongLedger(BusError):
    """A ledger and a log do not belong together; the message says what to do."""


async def identity_of(transport: Transport) -> str:
    """The name of a log: the hash of the first schema that was registered on it, and when that was.

    The channel of the schemas is kept for ever, so the name is too. LogUnavailable where none is registered yet.
    """
    first = await transport.read(_FIRST)
    if first is None:
        raise LogUnavailable("no schema is registered on this log yet; start the schema registry first")
    return f"{first.time_ms}/{first.message.key.decode()}"


def claim(connection: Connection, identity: str, path: Path, *, survives_restart: bool) -> None:
    """Make sure that the ledger is that of the log `identity`; a new ledger becomes it. WrongLedger.

    The ledger of a log that does not survive a restart does not either: it is emptied.
    """
    known = connection.execute(select(meta.c.value).where(meta.c.name == _LOG)).scalar()
    if known == identity:
        return
    if known is not None and survives_restart:
        raise WrongLedger(
            f"{path} is the ledger of another log than the one in bus.yaml ({known}, not {identity}); "
            "set the right log, or move the file away and start again: a new one is made from the log"
        )
    for table in metadata.sorted_tables:
        connection.execute(delete(table))
    connection.execute(meta.insert(), {"name": _LOG, "value": identity})


def check_not_ahead(read: Mapping[Partition, int], extents: Mapping[Partition, Extent], path: Path) -> None:
    """WrongLedger where the ledger has read what the log does not hold yet: the log lost its end, or was restored."""
    for partition, extent in extents.items():
        if read.get(partition, 0) > extent.end:
            raise WrongLedger(
                f"{path} is ahead of the log: it has read {partition.channel}/{partition.number} up to "
                f"{read[partition]}, and the log ends at {extent.end}. If the log was restored from a copy, run "
                "`lienthong ledger rebuild`"
            )
