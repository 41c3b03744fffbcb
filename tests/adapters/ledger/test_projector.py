"""The projector: the same rows whatever happens on the way, and the right log or none."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ledger.database import open_writer
from adapters.ledger.entries import Batch
from adapters.ledger.identity import WrongLedger
from adapters.ledger.projector import Projector
from adapters.ledger.reading import read_into
from adapters.ledger.store import Store
from adapters.transport.memory import MemoryTransport
from contracts import records
from contracts.channels import SCHEMAS
from contracts.codec import decode, encode, split
from contracts.errors import LedgerUnavailable, LogUnavailable, Origin
from contracts.outcome import Outcome
from contracts.ports import ChannelSpec, Message, Partition, Position, Stored, partition_of
from contracts.records import AvroRecord, Mark, MarkKind, Step, StepKind
from contracts.schema import parse_schema
from contracts.testkit.exchanges import Told, query, submission
from tests.adapters.ledger.support import FOLLOWED, PARTITIONS, Bench, OtherView, Ticks, open_bench, rows

_SCHEMAS: Final = [parse_schema(text) for text in records.OWN_SCHEMAS]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


def encode_own(text: str, record: AvroRecord) -> bytes:
    """A record of the bus's own; its schema's id is its place in the list."""
    number = records.OWN_SCHEMAS.index(text)
    return encode(number, _SCHEMAS[number], record)


async def decode_own(value: bytes) -> AvroRecord:
    """What `encode_own` encoded."""
    number, payload = split(value)
    return decode(payload, _SCHEMAS[number])


def everything(told: Told) -> list[Message]:
    """All that can happen, in the order of the log: every kind of message, ends that compete, copies."""
    sent, asked, other = submission("s", reply_to="gateway-2"), query("q"), submission("other")
    second = replace(sent, attempt=2)
    elsewhere = replace(asked, reply_to="gateway-9")
    return [
        told.request(sent),
        told.request(asked),
        told.request(other),
        told.mark(sent, Mark(MarkKind.STARTED)),
        told.reply(asked, Outcome.WITHHELD),
        told.reply(elsewhere, Outcome.DATA),
        told.mark(sent, Mark(MarkKind.NOT_SENT, "connection refused")),
        told.handed_on(sent, "connection refused", due_ms=1_790_000_005_000),
        told.request(second),
        told.request(replace(sent, body_hash="d" * 64)),
        told.dead(second, "no such school"),
        told.dead(second, "no such school, again", Origin.BUS),
        told.handed_on(second, "no such school", due_ms=None),
        told.decided(second, StepKind.DEAD_DROPPED, Outcome.FAILED),
        told.settled(second, Outcome.DELIVERED),
        told.settled(other, Outcome.IN_DOUBT, Origin.BUS),
        told.settled(other, Outcome.REFUSED, Origin.PROVIDER),
        told.decided(other, StepKind.RESOLVED, Outcome.DELIVERED),
        told.decided(other, StepKind.RESOLVED, Outcome.FAILED),
        told.supplied((asked, Outcome.WITHHELD, 5), (sent, Outcome.FAILED, 6)),
        told.dead_unread(b"key", "in.gddt/0/99", "not a message of the bus"),
        told.step(other, Step(StepKind.CONFLICT, "worker")),
        told.step(submission("refused"), Step(StepKind.REFUSED, "gateway", "x", "invalid-record")),
    ]


def laid_out(messages: Sequence[Message]) -> list[Stored]:
    """Messages as they would lie on a log. Two lie on it in each millisecond, so that time alone orders nothing."""
    ends: dict[Partition, int] = {}
    stored = []
    for number, message in enumerate(messages):
        where = Partition(message.channel, partition_of(message.key, PARTITIONS))
        ends[where] = ends.get(where, 0) + 1
        stored.append(Stored(message, Position(*where, ends[where] - 1), 1_790_000_000_000 + number // 2))
    return stored


async def told_by(taken: Sequence[Stored]) -> Batch:
    """What a batch of messages tells."""
    batch = Batch()
    for stored in taken:
        await read_into(batch, stored, decode_own)
    return batch


def projected(path: Path, batches: Sequence[Sequence[Stored]]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a new ledger that took `batches`, each in a transaction of its own."""
    engine = open_writer(path)
    store = Store(engine, path)
    for number, batch in enumerate(batches):
        if number % 2:
            store.open()
        store.write(asyncio.run(told_by(batch)), {})
    engine.dispose()
    return rows(path)


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_any_order_of_partitions_and_any_reading_again_give_the_same_rows(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    log = laid_out(everything(Told(encode_own)))
    expected = projected(tmp_path_factory.mktemp("a") / "l.sqlite", [log])
    queues = [[stored for stored in log if stored.position.where == where] for where in FOLLOWED]
    queues = [queue for queue in queues if queue]
    read: list[Stored] = []
    while any(queues):
        number = data.draw(st.sampled_from([number for number, queue in enumerate(queues) if queue]))
        read.append(queues[number].pop(0))
        if data.draw(st.integers(0, 5)) == 0:
            read.append(data.draw(st.sampled_from(read)))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(read)), max_size=5)))
    batches = [read[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(read)], strict=True)]
    assert projected(tmp_path_factory.mktemp("b") / "l.sqlite", batches) == expected
    assert {name: bool(table) for name, table in expected.items()} == {
        "exchanges": True,
        "steps": True,
        "dead": True,
        "positions": False,
    }


async def test_a_projector_that_starts_again_goes_on_where_it_was(bench: Bench) -> None:
    told = Told(bench.encode)
    await bench.append(told.request(submission("one")))
    assert await bench.projector.catch_up() == 1
    await bench.projector.close()
    await bench.append(told.request(submission("two")))
    bench.projector = bench.new_projector()
    await bench.projector.start()
    assert await bench.projector.catch_up() == 1
    assert len(rows(bench.path)["exchanges"]) == 2


async def test_it_follows_the_log_while_it_runs(bench: Bench) -> None:
    told, request = Told(bench.encode), submission("one")
    running = asyncio.create_task(bench.projector.run())
    try:
        for message in (told.request(request), told.settled(request, Outcome.DELIVERED)):
            await bench.append(message)
        async with asyncio.timeout(10):
            while (row := await bench.ledger.exchange(request.exchange)) is None or row.outcome is None:
                await asyncio.sleep(0.01)
        assert row.outcome is Outcome.DELIVERED
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_of_two_projectors_of_one_ledger_one_yields(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    other = bench.new_projector()
    await other.start()
    batch_of = other._batch

    async def overtaken(taken: Sequence[Stored]) -> Batch:
        await bench.projector.catch_up()
        return await batch_of(taken)

    monkeypatch.setattr(other, "_batch", overtaken)
    await bench.append(Told(bench.encode).request(submission("one")))
    with pytest.raises(LedgerUnavailable, match="another process writes"):
        await other.catch_up()
    await other.close()
    assert len(rows(bench.path)["exchanges"]) == 1


async def test_a_database_that_cannot_be_written_is_waited_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("adapters.ledger.projector._AGAIN_S", 0.01)
    request = submission("one")
    with closing(sqlite3.connect(bench.path)) as connection:
        connection.execute("ALTER TABLE steps RENAME TO away")
    running = asyncio.create_task(bench.projector.run())
    try:
        await bench.append(Told(bench.encode).request(request))
        async with asyncio.timeout(10):
            while "the ledger stands still" not in caplog.text:
                await asyncio.sleep(0.01)
        assert await bench.ledger.known([request.exchange]) == {}
        with closing(sqlite3.connect(bench.path)) as connection:
            connection.execute("ALTER TABLE away RENAME TO steps")
        async with asyncio.timeout(10):
            while not await bench.ledger.known([request.exchange]):
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_a_log_that_is_away_while_a_value_is_decoded_loses_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = submission("one")
    told = Told(bench.encode)

    async def away(_value: bytes) -> AvroRecord:
        raise LogUnavailable("the log is away")

    await bench.append(told.request(request))
    await bench.append(told.settled(request, Outcome.REFUSED, Origin.PROVIDER))
    with monkeypatch.context() as patched:
        patched.setattr(bench.projector, "_decode", away)
        with pytest.raises(LogUnavailable):
            await bench.projector.catch_up()
    await bench.projector.catch_up()
    row = await bench.ledger.exchange(request.exchange)
    assert row is not None
    assert row.origin is Origin.PROVIDER


async def test_a_value_that_cannot_be_decoded_does_not_stop_the_ledger(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    request = submission("one")
    told = Told(bench.encode)
    unreadable = replace(told.settled(request, Outcome.REFUSED, Origin.PROVIDER), value=b"\0\0\0\0\x63?")
    for message in (told.request(request), unreadable):
        await bench.append(message)
    with caplog.at_level(logging.WARNING):
        await bench.catch_up()
    row = await bench.ledger.exchange(request.exchange)
    assert row is not None
    assert (row.outcome, row.origin) == (Outcome.REFUSED, None)
    assert "only the headers" in caplog.text


async def test_the_ledger_of_another_log_is_refused_with_its_remedy(bench: Bench, tmp_path: Path) -> None:
    await bench.append(Told(bench.encode).request(submission("one")))
    await bench.catch_up()
    async with open_bench(tmp_path / "other", begin_ms=1_800_000_000_000) as other:
        stranger = bench.new_projector(OtherView(other.transport).transport)
        with pytest.raises(WrongLedger, match=r"the ledger of another log.*move the file away"):
            await stranger.start()
    assert len(rows(bench.path)["exchanges"]) == 1


async def test_the_ledger_of_a_log_in_memory_begins_anew_with_it(bench: Bench, tmp_path: Path) -> None:
    await bench.append(Told(bench.encode).request(submission("one")))
    await bench.catch_up()
    async with open_bench(tmp_path / "other", begin_ms=1_800_000_000_000) as other:
        next_ = bench.new_projector(other.transport)
        await next_.start()
        await next_.close()
    assert rows(bench.path) == {"exchanges": [], "steps": [], "dead": [], "positions": []}


async def test_a_ledger_that_is_ahead_of_its_log_is_refused_with_its_remedy(bench: Bench) -> None:
    await bench.append(Told(bench.encode).request(submission("one")))
    await bench.catch_up()
    view = OtherView(bench.transport)
    view.ends = dict.fromkeys(FOLLOWED, 0)
    with pytest.raises(
        WrongLedger, match=r"ahead of the log: it has read in.gddt/\d up to 1.*lienthong ledger rebuild"
    ):
        await bench.new_projector(view.transport).start()


async def test_what_retention_took_before_it_was_read_is_not_waited_for(bench: Bench) -> None:
    told = Told(bench.encode)
    lost, kept = submission("lost"), submission("kept")
    (position, _) = [await bench.append(told.request(request)) for request in (lost, kept)]
    view = OtherView(bench.transport)
    view.firsts = {position.where: position.offset + 1, Partition("journal", 0): 40}
    view.ends = {Partition("journal", 0): 40}
    projector = bench.new_projector(view.transport)
    await projector.start()
    await projector.catch_up()
    await projector.close()
    assert (await bench.ledger.known([lost.exchange, kept.exchange])).keys() == {kept.exchange}
    assert await bench.ledger.position(Partition("journal", 0)) == 40
    assert await bench.ledger.lag(await view.transport.extents(FOLLOWED)) == 0


async def test_a_ledger_that_cannot_be_opened_says_so(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is no folder")
    path = tmp_path / "file" / "ledger.sqlite"
    projector = Projector(bench.transport, path, FOLLOWED, bench.own.decode)
    with pytest.raises(LedgerUnavailable, match="cannot be used now"):
        await projector.start()
    with pytest.raises(LedgerUnavailable, match="is not open"):
        await projector.catch_up()


async def test_a_log_without_schemas_has_no_ledger_yet(bench: Bench, tmp_path: Path) -> None:
    empty = MemoryTransport(clock=Ticks(0))
    await empty.ensure([ChannelSpec(SCHEMAS, 1, None)])
    with pytest.raises(LogUnavailable, match="no schema is registered"):
        await Projector(empty, tmp_path / "l.sqlite", (), bench.own.decode).start()
