"""A log in memory with a ledger beside it, for tests."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

from adapters.ledger.projector import Projector
from adapters.ledger.queries import LedgerQueries
from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.transport.memory import MemoryTransport
from contracts import channels
from contracts.codec import encode
from contracts.errors import LogUnavailable
from contracts.ports import ChannelSpec, Extent, Guarantees, Message, Partition, Position, Reader, Transport
from contracts.schema import parse_schema

PARTITIONS: Final = 3
ORDERED: Final = channels.Inbox("gddt", "education.student-transfer")
CHANNELS: Final = (
    channels.REPLY,
    channels.DEAD,
    channels.JOURNAL,
    *(name(system) for system in ("gddt", "dancu") for name in (channels.inbox, channels.settled)),
    ORDERED.channel,
    ORDERED.settled,
)
FOLLOWED: Final = tuple(Partition(name, number) for name in CHANNELS for number in range(PARTITIONS))
TABLES: Final = ("exchanges", "steps", "dead", "positions")


class Ticks:
    """A clock that goes on by ten milliseconds each time it is read."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        self.now_ms += 10
        return self.now_ms


@dataclass(slots=True)
class Bench:
    """A ledger under test; see `LedgerBench`."""

    transport: MemoryTransport
    own: OwnRecords
    registry: SchemaRegistry
    ledger: LedgerQueries
    path: Path
    partitions: int = PARTITIONS
    projector: Projector = field(init=False)

    def __post_init__(self) -> None:
        self.projector = self.new_projector()

    def new_projector(self, transport: Transport | None = None) -> Projector:
        """Another projector of the same log to the same ledger, not yet started."""
        return Projector(transport or self.transport, self.path, FOLLOWED, self.own.decode, gather_s=0)

    def encode(self, schema: str, record: dict[str, Any]) -> bytes:
        """A record of the bus's own in the wire format of this log."""
        parsed = parse_schema(schema)
        return encode(self.registry.id_of(parsed), parsed, record)

    async def append(self, message: Message) -> Position:
        """Put a message on the log."""
        return await self.transport.append(message)

    async def catch_up(self) -> None:
        """Read all that is on the log."""
        await self.projector.catch_up()


@asynccontextmanager
async def open_bench(folder: Path, *, begin_ms: int = 1_790_000_000_000) -> AsyncIterator[Bench]:
    """A bench whose ledger lies in `folder`, and whose log begins at `begin_ms`."""
    transport = MemoryTransport(clock=Ticks(begin_ms))
    await transport.start()
    await transport.ensure([ChannelSpec(name, PARTITIONS, None) for name in CHANNELS])
    registry = SchemaRegistry(transport)
    await registry.start()
    own = OwnRecords(registry)
    await own.start()
    bench = Bench(transport, own, registry, LedgerQueries(folder / "ledger.sqlite"), folder / "ledger.sqlite")
    await bench.projector.start()
    try:
        yield bench
    finally:
        await bench.ledger.close()
        await bench.projector.close()
        await registry.close()
        await transport.close()


def rows(path: Path, tables: Sequence[str] = TABLES) -> dict[str, list[tuple[Any, ...]]]:
    """All that the ledger at `path` holds, in the order of keys."""
    with closing(sqlite3.connect(path)) as connection:
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}


class OtherView:
    """A log seen in another way: as one that survives a restart, that is away, that lost its beginning or its end."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.is_away = False
        self.firsts: dict[Partition, int] = {}
        self.ends: dict[Partition, int] = {}

    @property
    def transport(self) -> Transport:
        """This, as what it does for those who look at it."""
        return cast("Transport", self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    @property
    def guarantees(self) -> Guarantees:
        """As of a log on disk."""
        return replace(self._transport.guarantees, survives_restart=True)

    async def extents(self, partitions: Sequence[Partition]) -> dict[Partition, Extent]:
        """What is there, less what was lost."""
        if self.is_away:
            raise LogUnavailable("the log is away")
        extents = await self._transport.extents(partitions)
        return {
            where: Extent(max(extent.first, self.firsts.get(where, 0)), self.ends.get(where, extent.end))
            for where, extent in extents.items()
        }

    async def reader(self, starts: Mapping[Partition, int]) -> Reader:
        """Reads on from what is left."""
        return await self._transport.reader({at: max(next_, self.firsts.get(at, 0)) for at, next_ in starts.items()})
