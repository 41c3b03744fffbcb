"""Every process arrives at the same subscriptions, whoever changes them at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from adapters.clock import wall_clock_ms
from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.subscriptions import fold
from adapters.subscriptions.discarding import Discarding
from adapters.subscriptions.fold import SubscriptionFold
from adapters.transport.memory import MemoryTransport
from contracts.channels import SUBSCRIPTIONS, inbox, settled
from contracts.ports import ChannelSpec, Message
from contracts.subscriptions import Outdated, SealedSecret, Subscription, SubscriptionState, changed

MADE = Subscription(
    id="ops_0123456789abcdef",
    revision=1,
    state=SubscriptionState.ACTIVE,
    contract="test.reading",
    major=1,
    url="https://example.com/hook",
    retry_s=(5, 30),
    secrets=(SealedSecret(b"\0sealed\xff"), SealedSecret(b"older", until_ms=7)),
    created_ms=1,
    changed_ms=1,
)


DELETED = changed(MADE, 5000, state=SubscriptionState.DELETED, secrets=())
GONE_MS = 36_000 + 3_600_000


def has(transport: MemoryTransport, channel: str) -> bool:
    """Whether there is such a channel."""
    try:
        transport.partitions(channel)
    except ValueError:
        return False
    return True


class Bench:
    """A log, and as many processes that follow it as are wanted."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.transport = MemoryTransport(clock=wall_clock_ms)
        self.now_ms = 1
        self._stack = stack

    async def process(self) -> SubscriptionFold:
        """One more process."""
        registry = SchemaRegistry(self.transport)
        own = OwnRecords(registry)
        await registry.start()
        await own.start()
        followed = SubscriptionFold(
            self.transport,
            own,
            lambda each: [ChannelSpec(name, 2, None) for name in (inbox(each.id), settled(each.id))],
            left_over_ms=1000,
            clock=lambda: self.now_ms,
        )
        await followed.start()
        self._stack.push_async_callback(registry.close)
        self._stack.push_async_callback(followed.close)
        return followed


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A log that nobody follows yet."""
    async with AsyncExitStack() as stack:
        yield Bench(stack)


async def test_what_one_process_writes_all_others_know_and_one_that_starts_later(bench: Bench) -> None:
    one, two = await bench.process(), await bench.process()
    await one.put(MADE)
    await two.caught_up()
    assert two.get(MADE.id) == one.get(MADE.id) == MADE
    assert (await bench.process()).all() == [MADE]


async def test_the_inbox_is_there_before_the_subscription_is_known(bench: Bench) -> None:
    one = await bench.process()
    await one.put(MADE)
    assert bench.transport.partitions(inbox(MADE.id)) == bench.transport.partitions(settled(MADE.id)) == 2


async def test_of_two_changes_at_once_one_wins_everywhere_and_the_other_is_told(bench: Bench) -> None:
    one, two = await bench.process(), await bench.process()
    await one.put(MADE)
    await two.caught_up()
    paused = changed(MADE, 2, state=SubscriptionState.PAUSED)
    disabled = changed(MADE, 2, state=SubscriptionState.DISABLED)
    ends = await asyncio.gather(one.put(paused), two.put(disabled), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "Outdated"]
    assert one.get(MADE.id) == two.get(MADE.id) == (paused if ends[0] is None else disabled)


async def test_a_change_is_not_lost_where_others_follow_it_at_once(bench: Bench) -> None:
    one = await bench.process()
    await one.put(MADE)
    first = changed(MADE, 2, url="https://example.com/a")
    second = changed(first, 3, url="https://example.com/b")
    await asyncio.gather(one.put(first), one.put(second))
    assert one.get(MADE.id) == second
    with pytest.raises(Outdated):
        await one.put(first)


async def test_a_deleted_one_is_gone_but_what_lies_there_is_still_looked_after(bench: Bench) -> None:
    one = await bench.process()
    await one.put(MADE)
    await one.put(DELETED)
    assert one.get(MADE.id) is None
    assert one.all() == []
    # The longest delay of its schedule later something may still come back, and is kept for a second more.
    assert [each.id for each in one.lying(35_999)] == [MADE.id]
    assert one.lying(36_000) == []


async def test_who_looks_after_what_lies_there_is_told_when_it_is_over(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "_LAPSE_S", 0.01)
    one = await bench.process()
    await one.put(MADE)
    await one.put(DELETED)
    waiting = asyncio.create_task(one.changed(one.version))
    bench.now_ms = 36_000
    await asyncio.wait_for(waiting, 10)
    assert one.lying(bench.now_ms) == []


async def test_the_inbox_of_one_that_is_gone_is_discarded_and_that_of_another_is_not(bench: Bench) -> None:
    one = await bench.process()
    other = replace(MADE, id="ops_fedcba9876543210")
    await asyncio.gather(one.put(MADE), one.put(other))
    await one.put(DELETED)
    discarding = Discarding(bench.transport, one, lambda: bench.now_ms)
    bench.now_ms = GONE_MS - 1
    await discarding.look()
    assert bench.transport.partitions(inbox(MADE.id)) == 2
    bench.now_ms = GONE_MS
    await discarding.look()
    await discarding.look()
    assert not has(bench.transport, inbox(MADE.id))
    assert not has(bench.transport, settled(MADE.id))
    assert bench.transport.partitions(inbox(other.id)) == 2


async def test_what_a_crash_left_of_it_is_discarded_later_and_nobody_makes_it_anew(bench: Bench) -> None:
    one = await bench.process()
    await one.put(MADE)
    await one.put(DELETED)
    bench.now_ms = GONE_MS
    await bench.transport.discard([inbox(MADE.id)])
    two = await bench.process()
    assert not has(bench.transport, inbox(MADE.id))
    await Discarding(bench.transport, two, lambda: bench.now_ms).look()
    assert not has(bench.transport, settled(MADE.id))


async def test_who_waits_for_a_change_is_told(bench: Bench) -> None:
    one = await bench.process()
    waiting = asyncio.create_task(one.changed(one.version))
    await asyncio.sleep(0)
    await one.put(MADE)
    assert await waiting == one.version == 1


async def test_a_stranger_on_the_channel_is_passed_over(bench: Bench) -> None:
    one = await bench.process()
    await bench.transport.append(Message(SUBSCRIPTIONS, b"x", b"not ours"))
    await one.put(MADE)
    assert one.all() == [MADE]


async def test_only_the_record_that_asked_for_a_replay_is_one(bench: Bench) -> None:
    one = await bench.process()
    await one.put(MADE)
    asked = changed(MADE, 2, replay=1, replay_since_ms=0)
    await one.put(asked)
    await one.put(changed(asked, 3, state=SubscriptionState.PAUSED))
    assert [one.replay_at(offset) for offset in range(3)] == [None, asked, None]
