"""Who holds an inbox decides on the withdrawals in it: where nothing stands against them, and nowhere else."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack

import pytest

from adapters.clock import wall_clock_ms
from adapters.delivery.once import Last, Marks
from adapters.delivery.outbox import Outbox
from adapters.delivery.waiting import Waiting
from adapters.delivery.withdrawals import Withdrawals
from adapters.delivery.withdrawing import Withdrawing
from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.transport.memory import MemoryTransport
from contracts.channels import REPLY, WITHDRAWALS
from contracts.envelope import Envelope, Kind
from contracts.outcome import Outcome
from contracts.ports import ChannelSpec, Known, Message, Partition, Position
from contracts.records import MarkKind, Step, StepKind, mark_from_avro
from contracts.testkit.exchanges import submission
from contracts.withdrawal import is_withdrawn

REQUEST = submission("s1", reply_to="gateway-1")
INBOX = Partition(REQUEST.inbox.channel, 0)
MARKS = Partition(REQUEST.inbox.settled, 0)
STEP = Step(StepKind.WITHDRAWAL_ASKED, "gateway", "operator:lan", "the wrong file")


class Settled:
    """A ledger that knows of the exchanges in `ids` that they are settled, and of no other."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    async def known(self, exchanges: Collection[str]) -> Mapping[str, Known]:
        """Those in `ids`."""
        at = Position(*INBOX, 0)
        return {each: Known(each, "c", 1, "a", "b", "", at, settled=True) for each in exchanges if each in self.ids}

    async def position(self, partition: Partition) -> int:  # noqa: ARG002
        """It has read nothing."""
        return 0


class Bench:
    """A log, and the part of a worker that decides."""

    def __init__(self, transport: MemoryTransport, own: OwnRecords) -> None:
        self.transport = transport
        self.own = own
        self.withdrawals = Withdrawals(transport, own)
        self.marks = Marks(wall_clock_ms)
        self.ledger = Settled()
        self.ended: list[str] = []
        outbox = Outbox(transport, own, wall_clock_ms, os.urandom)
        self.withdrawing = Withdrawing(self.withdrawals, Waiting(), self.marks, outbox, self.ledger, self.ended.append)

    async def ask(self, request: Envelope = REQUEST) -> None:
        """Somebody asks to withdraw; returns once that is known."""
        value, headers = self.own.step(STEP), request.as_(Kind.STEP).headers()
        await self.transport.append(Message(WITHDRAWALS, request.exchange.encode(), value, headers))
        async with asyncio.timeout(5):
            while self.withdrawals.asked(INBOX, request.exchange) is None:
                await asyncio.sleep(0.001)

    async def decided(self) -> int:
        """How many marks there are once all has been decided that can be."""
        async with self.marks.serialised(REQUEST.exchange):
            pass
        await asyncio.sleep(0.05)
        return (await self.transport.extents([MARKS]))[MARKS].end


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """It holds nothing yet."""
    async with AsyncExitStack() as stack:
        transport = MemoryTransport(clock=wall_clock_ms)
        registry = SchemaRegistry(transport)
        own = OwnRecords(registry)
        await registry.start()
        stack.push_async_callback(registry.close)
        await own.start()
        await transport.ensure([ChannelSpec(name, 1, None) for name in (INBOX[0], MARKS[0], WITHDRAWALS, REPLY)])
        bench = Bench(transport, own)
        await bench.withdrawals.start()
        stack.push_async_callback(bench.withdrawals.close)
        stack.push_async_callback(bench.withdrawing.stop)
        yield bench


async def test_the_holder_ends_it_and_tells_who_waits(bench: Bench) -> None:
    bench.withdrawing.hold(INBOX, 0)
    await bench.ask()
    assert await bench.decided() == 1
    stored = await bench.transport.read(Position(*MARKS, 0))
    assert stored is not None
    result = mark_from_avro(await bench.own.decode(stored.message.value)).result
    assert result is not None
    assert (result.outcome, is_withdrawn(result)) == (Outcome.FAILED, True)
    assert dict(result.errors[0].params) == {"by": "operator:lan", "why": "the wrong file"}
    assert (await bench.transport.extents([Partition(REPLY, 0)]))[Partition(REPLY, 0)].end == 1
    assert bench.ended == [REQUEST.exchange]


async def test_who_does_not_hold_it_leaves_it_to_the_holder(bench: Bench) -> None:
    await bench.ask()
    assert await bench.decided() == 0
    bench.withdrawing.hold(INBOX, 0)
    assert await bench.decided() == 1
    bench.withdrawing.release(INBOX)
    bench.withdrawing.hold(INBOX, 0)
    await bench.ask()
    assert await bench.decided() == 1


async def test_what_was_asked_before_the_marks_that_are_known_waits_for_its_message(bench: Bench) -> None:
    await bench.ask()
    bench.withdrawing.hold(INBOX, wall_clock_ms() + 60_000)
    assert await bench.decided() == 0


@pytest.mark.parametrize(
    ("last", "marks"),
    [
        (Last(MarkKind.SETTLED, 1, 0), 0),
        (Last(MarkKind.STARTED, 1, 0), 0),
        (Last(MarkKind.HANDED_ON, 1, 0), 0),
        (Last(MarkKind.HANDED_ON, 1, 0, due_ms=1, firm=True), 0),
        (Last(MarkKind.HANDED_ON, 1, 0, due_ms=1), 1),
        (Last(MarkKind.NOT_SENT, 1, 0), 1),
    ],
)
async def test_only_what_cannot_have_been_taken_is_withdrawn(bench: Bench, last: Last, marks: int) -> None:
    bench.marks.fold(INBOX, REQUEST.exchange, last)
    bench.withdrawing.hold(INBOX, 0)
    await bench.ask()
    assert await bench.decided() == marks


async def test_an_end_that_only_the_ledger_remembers_stands(bench: Bench) -> None:
    bench.ledger.ids.add(REQUEST.exchange)
    bench.withdrawing.hold(INBOX, 0)
    await bench.ask()
    assert await bench.decided() == 0


async def test_a_worker_that_starts_later_knows_what_was_asked(bench: Bench) -> None:
    await bench.ask()
    later = Withdrawals(bench.transport, bench.own)
    await later.start()
    try:
        assert later.asked(INBOX, REQUEST.exchange) == bench.withdrawals.asked(INBOX, REQUEST.exchange)
        found = await later.read(INBOX, REQUEST.exchange)
    finally:
        await later.close()
    assert found is not None
    assert found.request == REQUEST
