"""A watched folder, an intake that validates and appends to a real log, and ways to count what came of it."""

from __future__ import annotations

import asyncio
import collections
import csv
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from adapters.clock import wall_clock_ms
from adapters.hurry import Hurry
from adapters.mapping.compile import compile_mapping
from adapters.mapping.language import MapSpec
from adapters.metrics import SourceMetrics
from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.sources.files.model import FilesConnection
from adapters.sources.files.setting import Setting
from adapters.sources.files.source import FilesSource
from adapters.sources.lease import Leases
from adapters.sources.records import Recorder, columns_of, names_exchange
from adapters.sources.tools import SourceTools
from adapters.transport.memory import MemoryTransport
from adapters.transport.sqlite import SqliteTransport
from contracts import channels
from contracts.codec import encode
from contracts.envelope import Envelope, Kind, exchange_id, header
from contracts.errors import BusError, Origin, Permanent, Rejected
from contracts.outcome import Pattern
from contracts.ports import ChannelSpec, Message, Partition, Position, Stored, Submitted, TakenIn, Transport
from contracts.records import SourceNote, source_note_from_avro
from contracts.schema import parse_schema
from contracts.trace import TraceContext
from contracts.validation import Validator
from contracts.wording import Language

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
SENDER: Final = "station"
CONTRACT: Final = "test.reading"
EVENTS: Final = channels.event(CONTRACT)
SCHEMA: Final = parse_schema(
    json.dumps(
        {
            "type": "record",
            "name": "Reading",
            "namespace": "test",
            "fields": [
                {"name": "station", "type": "string"},
                {"name": "value", "type": "double"},
                {"name": "note", "type": ["null", "string"], "default": None},
            ],
        }
    )
)
MAPPING: Final = {
    "map": {
        "station": "/station",
        "value": {"from": "/value", "through": ["number"]},
        "note": {"from": "/note", "nulls": ["", "N/A"], "optional": True},
    }
}
HEAD: Final = "station,value,note\n"
PARTITIONS: Final = 3


class RealIntake:
    """Validates, seals and appends, as the gateway's does, to `event.<contract>`. Copies it knows while it `remembers`.

    `before` is awaited first and may raise; `after` is awaited once the log has the record, and may raise too.
    """

    def __init__(self, transport: Transport, registry: SchemaRegistry) -> None:
        self._transport = transport
        self._registry = registry
        self._validator = Validator(SCHEMA, ZONE, {})
        self._known: dict[str, tuple[Position, bytes]] = {}
        self.remembers = False
        self.calls = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.before: Callable[[Submitted], Any] | None = None
        self.after: Callable[[Submitted], Any] | None = None

    async def accept(self, submitted: Submitted) -> TakenIn:
        """One record."""
        self.calls += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._accept(submitted)
        finally:
            self.in_flight -= 1

    async def _accept(self, submitted: Submitted) -> TakenIn:
        if self.before is not None:
            await self.before(submitted)
        if (submitted.sender, submitted.contract) != (SENDER, CONTRACT):
            raise Permanent(f"{submitted.sender} may not bring in {submitted.contract}", origin=Origin.GATEWAY)
        valid = self._validator.from_value(submitted.record, now=datetime.now(UTC))
        value = encode(self._registry.id_of(SCHEMA), SCHEMA, valid.record)
        exchange = exchange_id(submitted.sender, submitted.idempotency_key)
        if self.remembers and not submitted.is_new and exchange in self._known:
            position, before = self._known[exchange]
            if before != value:
                raise Rejected("the key stands for another record", origin=Origin.GATEWAY)
            return TakenIn(exchange, position, repeated=True)
        envelope = Envelope(
            kind=Kind.REQUEST,
            exchange=exchange,
            time_ms=wall_clock_ms(),
            contract=submitted.contract,
            major=submitted.major or 1,
            pattern=Pattern.SUBMISSION,
            sender=submitted.sender,
            receiver="",
            trace=TraceContext.start(lambda size: b"\1" * size),
            configuration="",
        )
        message = Message(EVENTS, exchange.encode(), value, envelope.headers(*submitted.attributes))
        position = await self._transport.append(message)
        self._known[exchange] = position, value
        if self.after is not None:
            await self.after(submitted)
        return TakenIn(exchange, position)


@dataclass
class Bus:
    """A log with what lies on it, and a folder."""

    transport: Transport
    registry: SchemaRegistry
    own: OwnRecords
    intake: RealIntake
    folder: Path
    metrics: CollectorRegistry = field(default_factory=CollectorRegistry)
    hurry: Hurry = field(default_factory=lambda: Hurry(time.monotonic))
    running: list[Leases] = field(default_factory=list)

    def tools(self, holder: str = "one", language: Language = Language.EN) -> SourceTools:
        """What sources work with."""
        registry = self.metrics if holder == "one" else CollectorRegistry()
        return SourceTools(
            transport=self.transport,
            own=self.own,
            intake=self.intake,
            metrics=SourceMetrics(registry),
            clock=wall_clock_ms,
            holder=holder,
            language=language,
            zone=ZONE,
            codelists={},
            hurry=self.hurry,
        )

    def source(self, tools: SourceTools, note_s: float = 10.0, **options: Any) -> FilesSource:
        """The source over the folder; `options` are those of the YAML, and `key`, `mapping`, `ordered`."""
        key, mapping, ordered = options.pop("key", ()), options.pop("mapping", MAPPING), options.pop("ordered", None)
        given = {"folder": str(self.folder), "pattern": "*", "complete": "renamed", "format": "csv", **options}
        form = FilesConnection.model_validate(given)
        spec = None if mapping is None else MapSpec.model_validate(mapping)
        mapped = None if spec is None else compile_mapping(spec)
        setting = Setting(
            id="station/readings",
            recorder=Recorder(SENDER, CONTRACT, key, mapped, tools, spec is not None and names_exchange(spec), ordered),
            major=1,
            form=form,
            folder=self.folder,
            done=Path(form.done_path),
            rejects=Path(form.rejects_path),
            channels=(EVENTS,),
            wanted=frozenset() if spec is None else columns_of(spec),
            poll_s=0.02,
            note_s=note_s,
        )
        return FilesSource(setting)

    async def start(self, holder: str = "one", language: Language = Language.EN, **options: Any) -> Leases:
        """Run the source in one more worker."""
        tools = self.tools(holder, language)
        leases = Leases([self.source(tools, **options)], tools, grace_s=0.3)
        await leases.start()
        self.running.append(leases)
        return leases

    async def stop(self) -> None:
        """Stop all workers."""
        while self.running:
            await self.running.pop().stop()

    def drop(self, name: str, content: str | bytes) -> Path:
        """Bring a file in, whole."""
        path = self.folder / name
        hidden = path.with_name(f".{name}.tmp")
        hidden.write_bytes(content if isinstance(content, bytes) else content.encode())
        hidden.rename(path)
        return path

    async def all_of(self, channel: str) -> list[Stored]:
        """Everything on a channel."""
        found: list[Stored] = []
        for number in range(self.transport.partitions(channel)):
            partition = Partition(channel, number)
            extent = (await self.transport.extents([partition]))[partition]
            reader = await self.transport.reader({partition: extent.first})
            while reader.positions()[partition] < extent.end:
                found += await reader.take(wait_s=0.5)
            await reader.close()
        return found

    async def events(self) -> list[tuple[str, int]]:
        """What lies on the event channel: file hash and row of each message."""
        return [
            (
                header(each.message.headers, "ce_sourcefile") or "",
                int(header(each.message.headers, "ce_sourcerow") or 0),
            )
            for each in await self.all_of(EVENTS)
        ]

    async def records(self) -> list[dict[str, Any]]:
        """The records on the event channel."""
        return [await self.own.decode(each.message.value) for each in await self.all_of(EVENTS)]

    async def notes(self) -> list[SourceNote]:
        """What the source noted of files."""
        found = [
            source_note_from_avro(await self.own.decode(each.message.value)) for each in await self.all_of("sources")
        ]
        return [note for note in found if note.file is not None]

    async def ended(self, *kinds: str, files: int = 1, within_s: float = 100.0) -> list[SourceNote]:
        """The notes once so many files have ended as one of `kinds`."""
        async with asyncio.timeout(within_s):
            while True:
                found = [note for note in await self.notes() if note.kind in (kinds or ("done",))]
                if len(found) >= files:
                    return found
                await asyncio.sleep(0.02)

    def rejected(self) -> list[dict[str, str]]:
        """The rows of all reject files."""
        found: list[dict[str, str]] = []
        for path in sorted((self.folder / "rejected").glob("*.rejected.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                found += csv.DictReader(file)
        return found

    def value(self, name: str, **labels: str) -> float:
        """A metric."""
        return self.metrics.get_sample_value(name, {"source": "station/readings", **labels}) or 0.0


@asynccontextmanager
async def bus(root: Path, *, sqlite: bool = False) -> AsyncIterator[Bus]:
    """A bus in `root`."""
    folder = root / "in"
    folder.mkdir(parents=True, exist_ok=True)
    transport: Transport = (
        SqliteTransport(root / "log.db", clock=wall_clock_ms) if sqlite else MemoryTransport(clock=wall_clock_ms)
    )
    await transport.start()
    registry = SchemaRegistry(transport)
    await transport.ensure([ChannelSpec(EVENTS, PARTITIONS, None), ChannelSpec(channels.SOURCES, PARTITIONS, None)])
    await registry.start()
    own = OwnRecords(registry)
    await own.start()
    await registry.register([SCHEMA])
    made = Bus(transport, registry, own, RealIntake(transport, registry), folder)
    try:
        yield made
    finally:
        await made.stop()
        await registry.close()
        await transport.close()


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds."""
    async with asyncio.timeout(100):
        while not holds():
            await asyncio.sleep(0.02)


def table(rows: int, bad: Sequence[int] = ()) -> str:
    """A CSV file with so many rows, some of which are no readings."""
    lines = [f"st-{row},{'?' if row in bad else row / 10},\n" for row in range(1, rows + 1)]
    return HEAD + "".join(lines)


def twice(events: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """What is there more than once."""
    return [event for event, count in collections.Counter(events).items() if count > 1]


def failing(error: BusError, times: int) -> Callable[[Submitted], Any]:
    """Raise `error` so many times, then let pass."""
    left = [times]

    async def fail(_: Submitted) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise error

    return fail
