"""The log on Kafka passes the suite of the port; what only a broker can do to it is tried besides."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
from kafka.errors import RebalanceInProgressError

from adapters.transport import kafka_producer, kafka_sender
from adapters.transport.kafka import KafkaTransport
from adapters.transport.kafka_consumer import KafkaMember
from contracts.errors import LogUnavailable, LogUnknown
from contracts.ports import ChannelSpec, Consumer, Message, Partition, Position, Transport, partition_of
from contracts.testkit.transport import (
    CHANNEL,
    DAY_MS,
    PARTITIONS,
    SPECS,
    TransportSuite,
    note,
    number_of,
    read_all,
    take,
)
from deploy.local.kafka import LocalKafka


class KafkaBench:
    """A log under a prefix of its own, on a broker that may be suspended."""

    def __init__(self, kafka: LocalKafka) -> None:
        self._kafka = kafka
        self._prefix = f"t-{secrets.token_hex(4)}"
        self._open: list[KafkaTransport] = []

    async def open(self) -> KafkaTransport:
        """Connect."""
        transport = KafkaTransport(self._kafka.bootstrap, prefix=self._prefix)
        await transport.start()
        self._open.append(transport)
        return transport

    async def crash(self, transport: Transport) -> KafkaTransport:
        """The process falls silent without leaving its groups, and the broker is killed and started again."""
        assert isinstance(transport, KafkaTransport)
        for member in transport._open:
            if isinstance(member, KafkaMember):
                _fall_silent(member)
        await asyncio.to_thread(self._kafka.kill)
        await asyncio.to_thread(self._kafka.start)
        return await self.open()

    async def away(self) -> None:
        """Suspend the broker."""
        self._kafka.pause()

    async def back(self) -> None:
        """Let it go on."""
        self._kafka.resume()

    async def close(self) -> None:
        """Disconnect all."""
        for transport in self._open:
            await transport.close()


@pytest.fixture
async def bench(local_kafka: LocalKafka) -> AsyncIterator[KafkaBench]:
    bench = KafkaBench(local_kafka)
    yield bench
    local_kafka.resume()
    await bench.close()


class TestKafka(TransportSuite):
    """`kafka://…`"""


async def test_brokers_that_are_not_there_are_told_of_within_ten_seconds() -> None:
    with pytest.raises(LogUnavailable, match=r"127\.0\.0\.1:1"):
        await asyncio.wait_for(KafkaTransport("127.0.0.1:1", prefix="x").start(), 12)


async def test_two_buses_on_one_cluster_do_not_see_each_other(local_kafka: LocalKafka) -> None:
    one, other = KafkaBench(local_kafka), KafkaBench(local_kafka)
    first, second = await one.open(), await other.open()
    await first.ensure(SPECS)
    await second.ensure(SPECS)
    await first.append(note(1))
    where = Partition(CHANNEL, partition_of(b"k", PARTITIONS))
    assert (await second.extents([where]))[where].end == 0
    await one.close()
    await other.close()


async def test_who_comes_later_knows_the_channels_without_making_any(bench: KafkaBench) -> None:
    first = await bench.open()
    await first.ensure(SPECS)
    await first.append(note(7))
    second = await bench.open()
    assert second.partitions(CHANNEL) == PARTITIONS
    found = await read_all(second, {Partition(CHANNEL, number): 0 for number in range(PARTITIONS)}, 1)
    assert [number_of(each) for each in found] == [7]


async def test_the_broker_stamps_and_keeps_as_long_as_was_said(bench: KafkaBench) -> None:
    transport = await bench.open()
    await transport.ensure(SPECS)
    settings = await asyncio.to_thread(_settings, transport)
    assert settings[CHANNEL] == ("LogAppendTime", str(DAY_MS))
    assert settings[SPECS[1].name] == ("LogAppendTime", "-1")


def _settings(transport: KafkaTransport) -> dict[str, tuple[str, str]]:
    from kafka.admin import ConfigResource, ConfigResourceType  # noqa: PLC0415 - a client that is not the transport's

    admin = transport._cluster.admin()
    names = {transport._topics.of(spec.name): spec.name for spec in SPECS}
    try:
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])["topic"]
    finally:
        admin.close()
    wanted = ("message.timestamp.type", "retention.ms")
    return {names[topic]: (said[wanted[0]]["value"], said[wanted[1]]["value"]) for topic, said in found.items()}


async def test_what_was_settled_is_committed_however_long_a_rebalance_is_under_way(bench: KafkaBench) -> None:
    """For who leaves has no other time to."""
    transport = await bench.open()
    await transport.ensure(SPECS)
    for number in range(3):
        await transport.append(note(number))
    first = await transport.consumer("g", [CHANNEL])
    deliveries = await take(first, 3)
    _rebalance_for(first, attempts=8)
    for delivery in deliveries[:2]:
        delivery.settle()
    await first.close(drain=False)
    second = await transport.consumer("g", [CHANNEL])
    assert [number_of(delivery.stored) for delivery in await take(second, 1)] == [2]


def _rebalance_for(member: Consumer, attempts: int) -> None:
    """As many times a position is not taken, because the group is about to share itself out anew."""
    assert isinstance(member, KafkaMember)
    thread = member._thread
    commit = thread._consumer.commit
    refusals = iter(range(attempts))

    def refused(*asked: object, **how: object) -> object:
        if next(refusals, None) is None:
            return commit(*asked, **how)
        raise RebalanceInProgressError

    thread._consumer.commit = refused
    thread._commit = _nothing  # type: ignore[method-assign]


def _fall_silent(member: KafkaMember) -> None:
    """Commit nothing more, send no heartbeat, and do not leave: the broker has to find out by itself."""
    thread = member._thread
    # A dead process commits nothing.
    thread._commit = _nothing  # type: ignore[method-assign]
    thread._commit_last = _nothing  # type: ignore[method-assign]
    thread._consumer._coordinator.maybe_leave_group = _nothing
    thread._consumer._coordinator.maybe_leave_group_async = _nothing
    thread.leave()


def _nothing(*_: object, **__: object) -> None:
    """What a dead process does."""


async def test_a_message_that_is_too_large_is_refused_and_the_others_are_stored(bench: KafkaBench) -> None:
    transport = await bench.open()
    await transport.ensure(SPECS)
    large = Message(CHANNEL, b"k", bytes(1_100_000))
    told = await asyncio.gather(transport.append(note(1)), transport.append(large), return_exceptions=True)
    assert isinstance(told[0], Position)
    assert isinstance(told[1], LogUnavailable)
    assert "1100000 bytes" in str(told[1])
    assert transport.healthy()
    assert isinstance(await transport.append(note(2)), Position)


async def test_nothing_is_lost_where_a_channel_has_just_been_made(bench: KafkaBench) -> None:
    transport = await bench.open()
    for number in range(8):
        channel = f"new-{number}"
        await transport.ensure([ChannelSpec(channel, PARTITIONS, DAY_MS)])
        messages = [Message(channel, f"k{each}".encode(), b"-") for each in range(48)]
        await asyncio.gather(*(transport.append(each) for each in messages))
        extents = await transport.extents([Partition(channel, each) for each in range(PARTITIONS)])
        assert sum(each.end for each in extents.values()) == len(messages)


async def test_what_no_broker_gave_a_place_is_not_told_to_be_stored(
    bench: KafkaBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = await bench.open()
    await transport.ensure(SPECS)
    with monkeypatch.context() as lying:
        lying.setattr(kafka_sender, "_pass_on", lambda became, _error, _message: became(None))
        with pytest.raises(LogUnknown):
            await transport.append(note(1))
    assert transport.healthy()


async def test_who_waits_for_a_broker_that_hangs_is_told_when_the_log_is_closed(
    bench: KafkaBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_producer, "_CLOSE_S", 0.3)
    transport = await bench.open()
    await transport.ensure(SPECS)
    await bench.away()
    waiting = [asyncio.create_task(transport.append(note(number))) for number in range(3)]
    await asyncio.sleep(0.1)
    await asyncio.wait_for(transport.close(), 20)
    for told in await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 1):
        assert isinstance(told, LogUnknown)


async def test_partitions_that_were_held_back_go_on_when_nothing_else_comes(bench: KafkaBench) -> None:
    transport = await bench.open()
    await transport.ensure(SPECS)
    count = 4_000
    await asyncio.gather(*(transport.append(note(number, f"k{number % 16}")) for number in range(count)))
    consumer = await transport.consumer("g", [CHANNEL], max_in_flight=8)
    seen: set[int] = set()
    async with asyncio.timeout(60):
        while len(seen) < count:
            for delivery in await consumer.take():
                seen.add(number_of(delivery.stored))
                delivery.settle()
            # Slower than they come: the client is told again and again to hold a partition and to go on with it.
            await asyncio.sleep(0.002)
    await consumer.close()
