"""Pulling, where the clock is ours: grants that end, quotas, and what is written down of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from adapters.own_records import OwnRecords
from adapters.registry import CHANNEL as SCHEMAS_CHANNEL
from adapters.registry import SchemaRegistry
from adapters.transport.memory import MemoryStore, MemoryTransport
from contracts.catalogue import Contract, ContractVersion, Grant, Quota, System
from contracts.channels import JOURNAL, event
from contracts.codec import encode
from contracts.envelope import Envelope, Kind, exchange_id
from contracts.errors import LogUnavailable
from contracts.outcome import Outcome, Pattern
from contracts.ports import ChannelSpec, Message, Partition
from contracts.schema import parse_schema
from contracts.trace import TraceContext
from gateway import journal as journals
from gateway.cloud_events import CloudEvents
from gateway.cursors import Cursors
from gateway.directory import Directory
from gateway.inbox import Inbox, Page, Pull
from gateway.intake import Principal
from gateway.journal import Journal
from gateway.problems import Problem
from gateway.quota import Quotas
from gateway.tails import Tails
from gateway.warm_readers import WarmReaders
from tests.gateway.city import directory

READING = "air.reading"
FIRST = parse_schema('{"type": "record", "name": "First", "fields": [{"name": "pm", "type": "double"}]}')
SECOND = parse_schema('{"type": "record", "name": "Second", "fields": [{"name": "pm25", "type": "double"}]}')
SCHEMAS = {1: FIRST, 2: SECOND}
LAST_DAY = datetime(2025, 9, 1, 16, 59, 59, tzinfo=UTC)
"""In Hanoi it is one second before midnight."""


def grant(grant_id: str, system: str, major: int = 1, **more: Any) -> Grant:
    known = Grant(grant_id, system, READING, major, ("tram",), "giám sát", "NĐ", date(2025, 1, 1), date(2027, 1, 1))
    return replace(known, **more)


GRANTS = (grant("g-1", "dieuhanh"), grant("g-2", "dieuhanh", 2), grant("g-old", "benhvien", 1))


class Gate:
    """The parts of a gateway around an inbox, over a log in memory."""

    def __init__(self, log: MemoryTransport | None = None) -> None:
        self.now = LAST_DAY
        self.monotonic_s = 0.0
        self.log = log or MemoryTransport(self.now_ms)
        self.registry = SchemaRegistry(self.log)
        self.own = OwnRecords(self.registry)
        self.tails = Tails(self.log, [READING], 10)
        self.journal = Journal(self.log, self.own, self.now_ms, "g1")
        self.directory = _directory(GRANTS)
        self.inbox = Inbox(
            lambda: self.directory,
            self.log,
            self.tails,
            WarmReaders(self.log),
            CloudEvents(lambda: self.directory, self.registry),
            Cursors(b"k" * 32, "thanh-pho"),
            Quotas(lambda: self.monotonic_s),
            self.journal,
            self.now_ms,
        )

    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    async def start(self) -> list[asyncio.Task[None]]:
        await self.log.start()
        await self.log.ensure([SCHEMAS_CHANNEL, ChannelSpec(event(READING), 1, None), ChannelSpec(JOURNAL, 1, None)])
        await self.registry.start()
        await self.own.start()
        await self.registry.register(SCHEMAS.values())
        tasks = [asyncio.create_task(self.tails.run()), asyncio.create_task(self.journal.run())]
        await self.tails.ready.wait()
        return tasks

    async def publish(self, key: str, major: int = 1, sender: str = "tram") -> str:
        exchange = exchange_id(sender, key)
        envelope = Envelope(
            kind=Kind.EVENT,
            exchange=exchange,
            time_ms=self.now_ms(),
            contract=READING,
            major=major,
            pattern=Pattern.EVENT,
            sender=sender,
            receiver="",
            trace=TraceContext.start(lambda size: b"\1" * size),
            configuration="c" * 64,
        )
        schema = SCHEMAS[major]
        record = {field.name: 31.5 for field in schema.root.fields}
        value = encode(self.registry.id_of(schema), schema, record)
        await self.log.append(Message(event(READING), exchange.encode(), value, envelope.headers()))
        async with asyncio.timeout(10):
            while self.tails.ends(event(READING)) != [len(self._stored())]:
                await asyncio.sleep(0)
        return exchange

    def _stored(self) -> list[Any]:
        store = self.log.store
        assert isinstance(store, MemoryStore)
        return store._messages[Partition(event(READING), 0)]

    async def page(self, system: str = "dieuhanh", contract: str = READING, **asked: Any) -> Page:
        known = self.directory.systems.get(system)
        return await self.inbox.pull(Principal(system, known, operator=False), Pull(contract, **asked))

    async def pull(self, system: str = "dieuhanh", contract: str = READING, **asked: Any) -> list[str]:
        return [text.decode() for text in (await self.page(system, contract, **asked)).events]


def _directory(grants: tuple[Grant, ...]) -> Directory:
    versions = {major: ContractVersion(major, schema, None) for major, schema in SCHEMAS.items()}
    return directory(
        contracts={READING: Contract(READING, "Quan trắc", Pattern.EVENT, versions)},
        systems={name: System(name, name, "H17") for name in ("tram", "dieuhanh", "benhvien")},
        grants=grants,
    )


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    gate = Gate()
    tasks = await gate.start()
    yield gate
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await gate.log.close()


async def refusal(gate: Gate, system: str = "dieuhanh", contract: str = READING, **asked: Any) -> str:
    with pytest.raises(Problem) as refused:
        await gate.pull(system, contract, **asked)
    return refused.value.kind


async def test_each_major_is_given_to_those_who_asked_for_it(gate: Gate) -> None:
    await gate.publish("a", 1)
    await gate.publish("b", 2)
    assert ['"pm25":31.5' in text for text in await gate.pull()] == [True]
    assert ['"pm":31.5' in text for text in await gate.pull(contract=f"{READING}@1")] == [True]
    assert ['"pm":31.5' in text for text in await gate.pull("benhvien")] == [True]
    assert await refusal(gate, "benhvien", f"{READING}@2") == "no-grant"


async def test_a_grant_that_ends_while_its_system_waits_gives_nothing_any_more(gate: Gate) -> None:
    gate.directory = _directory((grant("g-1", "dieuhanh", valid_to=date(2025, 9, 2)),))
    assert await gate.pull() == []
    waiting = asyncio.create_task(refusal(gate, wait_s=60))
    async with asyncio.timeout(10):
        while not gate.tails.waiting:
            await asyncio.sleep(0)
    gate.now = datetime(2025, 9, 1, 17, 0, tzinfo=UTC)
    await gate.publish("a")
    assert await waiting == "no-grant"


async def test_any_gateway_goes_on_from_the_cursor_of_another(gate: Gate) -> None:
    """One that was started later, and has none of the older events in memory."""
    ids = [await gate.publish(str(number), 2) for number in range(6)]
    other = Gate(gate.log)
    tasks = await other.start()
    first = await gate.page(limit=2)
    second = await other.page(limit=2, cursor=first.cursor)
    third = await gate.page(limit=2, cursor=second.cursor)
    given = [text.decode() for page in (first, second, third) for text in page.events]
    assert [[exchange in text for text in given].index(True) for exchange in ids] == [0, 1, 2, 3, 4, 5]
    assert [page.more for page in (first, second, third)] == [True, True, False]
    waiting = asyncio.create_task(other.pull(cursor=third.cursor, wait_s=60))
    later = await gate.publish("later", 2)
    assert [later in text for text in await waiting] == [True]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_an_operator_without_a_system_reads_nothing(gate: Gate) -> None:
    await gate.publish("a")
    assert await refusal(gate, "operator:ai-do") == "no-grant"


async def test_a_pull_counts_as_one_request_of_the_quota(gate: Gate) -> None:
    gate.directory = _directory((grant("g-1", "dieuhanh", quota=Quota(2, 60)),))
    await gate.pull()
    await gate.pull()
    assert await refusal(gate) == "quota-exceeded"
    gate.monotonic_s = 60
    await gate.pull()


async def test_a_log_that_is_away_is_said_and_the_tail_goes_on_without_it(gate: Gate) -> None:
    exchange = await gate.publish("a", 2)
    store = gate.log.store
    assert isinstance(store, MemoryStore)
    store.available = False
    with pytest.raises(LogUnavailable):
        await gate.pull()
    store.available = True
    assert [exchange in text for text in await gate.pull()] == [True]


async def test_many_who_were_given_much_are_written_down_in_batches(gate: Gate) -> None:
    count = 2 * journals._IN_A_BATCH + 1
    for number in range(count):
        gate.journal.supplied(f"e{number}", "dieuhanh", "g-1", Outcome.DATA)
    reader = await gate.log.reader({Partition(JOURNAL, 0): 0})
    batches: list[list[str]] = []
    async with asyncio.timeout(10):
        while sum(map(len, batches)) < count:
            for stored in await reader.take(wait_s=1):
                record = await gate.own.decode(stored.message.value)
                batches.append([entry["exchange"] for entry in record["entries"]])
    assert [len(batch) for batch in batches] == [journals._IN_A_BATCH, journals._IN_A_BATCH, 1]
    assert [each for batch in batches for each in batch] == [f"e{number}" for number in range(count)]


async def test_nothing_is_given_that_could_not_be_written_down(gate: Gate) -> None:
    await gate.publish("a", 2)
    for number in range(journals._MAX_WAITING):
        gate.journal.supplied(f"e{number}", "dieuhanh", "g-1", Outcome.DATA)
    assert await refusal(gate) == "overloaded"
