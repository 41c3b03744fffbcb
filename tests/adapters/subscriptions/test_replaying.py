"""A replay brings the events of a key in their order, however unevenly the log takes the copies."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date

from adapters.clock import wall_clock_ms
from adapters.delivery.outbox import Outbox
from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.subscriptions.fold import SubscriptionFold
from adapters.subscriptions.replaying import Replayer
from adapters.transport.memory import MemoryTransport
from contracts.catalogue import Grant
from contracts.channels import Inbox, event
from contracts.envelope import Envelope, Kind
from contracts.outcome import Pattern
from contracts.ports import ChannelSpec, Message, Partition, Position
from contracts.subscriptions import changed
from contracts.testkit.exchanges import submission
from tests.adapters.subscriptions.test_fold import MADE

COUNT = 12
KEYS = ("a", "b", "c")
PUBLISHED = event(MADE.contract)
INBOX = Inbox(MADE.id, MADE.contract).channel
GRANT = Grant("g", "ops", MADE.contract, 1, ("asker",), "why", "law", date(2025, 1, 1), None)


class Uneven(MemoryTransport):
    """A log that takes the copies in an inbox the sooner, the later they come."""

    copies = 0

    async def append(self, message: Message) -> Position:
        """Store it, after a while."""
        if message.channel == INBOX:
            self.copies += 1
            await asyncio.sleep(0.01 * (COUNT * len(KEYS) - self.copies))
        return await super().append(message)


def published(number: int, key: str) -> Message:
    """An event of a contract that is ordered."""
    envelope = replace(
        submission(f"{key}{number}"),
        kind=Kind.EVENT,
        pattern=Pattern.EVENT,
        contract=MADE.contract,
        sender="asker",
        receiver="",
        order_key=key,
        purpose=str(number),
    )
    return Message(PUBLISHED, envelope.key, str(number).encode(), envelope.headers())


async def test_the_copies_of_a_key_lie_in_the_order_of_the_events() -> None:
    async with AsyncExitStack() as stack:
        transport = Uneven(clock=wall_clock_ms)
        registry = SchemaRegistry(transport)
        own = OwnRecords(registry)
        await registry.start()
        stack.push_async_callback(registry.close)
        await own.start()
        await transport.ensure([ChannelSpec(PUBLISHED, 1, None)])
        inboxes = [ChannelSpec(name, 1, None) for name in (Inbox(MADE.id).channel, INBOX)]
        fold = SubscriptionFold(transport, own, lambda _: inboxes, left_over_ms=1000, clock=wall_clock_ms)
        await fold.start()
        stack.push_async_callback(fold.close)
        for number in range(COUNT):
            for key in KEYS:
                await transport.append(published(number, key))
        await fold.put(MADE)
        await fold.put(changed(MADE, 2, replay=1, replay_since_ms=0))
        outbox = Outbox(transport, own, wall_clock_ms, os.urandom)
        replayer = Replayer(transport, outbox, fold, lambda: [GRANT], lambda: date(2026, 1, 1))
        await replayer.start()
        stack.push_async_callback(replayer.stop)
        where = Partition(INBOX, 0)
        async with asyncio.timeout(20):
            while (await transport.extents([where]))[where].end < COUNT * len(KEYS):
                await asyncio.sleep(0.01)
        copies = [await transport.read(Position(*where, offset)) for offset in range(COUNT * len(KEYS))]
    told = [(each.message.key.decode(), int(each.message.value)) for each in copies if each is not None]
    assert {Envelope.read(each.message.headers).receiver for each in copies if each is not None} == {MADE.id}
    for key in KEYS:
        assert [number for each, number in told if each == key] == list(range(COUNT))
