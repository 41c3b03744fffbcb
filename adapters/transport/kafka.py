"""The log on Kafka: a topic for each channel, one producer a process, a thread for each consumer."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Final

from adapters.transport.kafka_client import CALL_S, Cluster, KafkaError, Topics, counts_of, new_topic
from adapters.transport.kafka_consumer import KafkaMember
from adapters.transport.kafka_knock import knock
from adapters.transport.kafka_lookup import KafkaLookup
from adapters.transport.kafka_producer import KafkaAppender
from adapters.transport.kafka_reader import KafkaReader
from adapters.transport.kafka_security import IN_CLEAR, Security
from contracts.errors import LogUnavailable
from contracts.ports import (
    ChannelSpec,
    Consumer,
    Extent,
    Guarantees,
    Message,
    Partition,
    Position,
    Prepare,
    Reader,
    Release,
    Stored,
    Transport,
    partition_of,
)

_AT_ONCE: Final = 200
_UNKNOWN: Final = 3
_EXISTS: Final = 36


class KafkaTransport:
    """The log on the brokers at `bootstrap` (`host:port,host:port`). `prefix` begins the name of every topic."""

    def __init__(self, bootstrap: str, *, prefix: str, security: Security = IN_CLEAR) -> None:
        self._cluster = Cluster(bootstrap, security)
        self._topics = Topics(prefix)
        self._counts: dict[str, int] = {}
        self._appender = KafkaAppender(self._cluster, self._topics, self._probe)
        self._lookup: KafkaLookup | None = None
        self._open: set[KafkaMember | KafkaReader] = set()

    @property
    def guarantees(self) -> Guarantees:
        """All of them."""
        return Guarantees(survives_restart=True, many_processes=True)

    async def start(self) -> None:
        """Connect, and learn which channels there are. LogUnavailable."""
        if self._cluster.security is not IN_CLEAR:
            await asyncio.to_thread(knock, self._cluster)
        await self._appender.start()
        self._lookup = KafkaLookup(self._cluster, self._topics)
        try:
            self._counts = await asyncio.to_thread(self._described)
        except KafkaError as error:
            await self.close()
            raise LogUnavailable(f"Kafka at {self._cluster.bootstrap} does not answer: {error}") from error

    async def close(self) -> None:
        """Leave groups, stop reading, let appends end, disconnect. Idempotent."""
        await asyncio.gather(*(each.close() for each in list(self._open)))
        await self._appender.close()
        if self._lookup is not None:
            await self._lookup.close()

    async def ensure(self, channels: Collection[ChannelSpec]) -> None:
        """Create what is missing, and wait until the brokers know it."""
        wanted = {channel.name: channel for channel in channels}
        try:
            missing = [wanted[name] for name in sorted(wanted.keys() - self._counts.keys())]
            if missing:
                await asyncio.to_thread(self._create, missing)
            self._counts.update(await asyncio.to_thread(self._appender.load, wanted))
        except KafkaError as error:
            raise LogUnavailable(f"Kafka at {self._cluster.bootstrap} does not answer: {error}") from error

    async def discard(self, channels: Collection[str]) -> None:
        """Remove these."""
        try:
            await asyncio.to_thread(self._delete, sorted(channels))
        except KafkaError as error:
            raise LogUnavailable(f"Kafka at {self._cluster.bootstrap}: {error}") from error
        for channel in channels:
            self._counts.pop(channel, None)

    async def append(self, message: Message) -> Position:
        """Store it."""
        if not message.key:
            raise ValueError("a message needs a key")
        number = partition_of(message.key, self.partitions(message.channel))
        return await self._appender.append(message, Partition(message.channel, number))

    async def consumer(
        self,
        group: str,
        channels: Collection[str],
        *,
        prepare: Prepare | None = None,
        release: Release | None = None,
        max_in_flight: int = 64,
    ) -> Consumer:
        """Join a group."""
        for channel in channels:
            self.partitions(channel)
        member = KafkaMember(
            self._cluster,
            self._topics,
            self._looking(),
            group,
            channels,
            prepare=prepare,
            release=release,
            max_in_flight=max_in_flight,
            closed=self._open.discard,
        )
        self._open.add(member)
        member.start()
        return member

    async def reader(self, starts: Mapping[Partition, int]) -> Reader:
        """Read from `starts` on."""
        reader = KafkaReader(self._cluster, self._topics, starts, self._open.discard)
        self._open.add(reader)
        return reader

    async def extents(self, partitions: Collection[Partition]) -> Mapping[Partition, Extent]:
        """What each partition holds."""
        return await self._looking().extents(partitions)

    async def offset_at(self, partition: Partition, time_ms: int) -> int:
        """The first offset at or after a time."""
        return await self._looking().offset_at(partition, time_ms)

    async def read(self, position: Position) -> Stored | None:
        """One message."""
        if not 0 <= position.partition < self._counts.get(position.channel, 0):
            return None
        return await self._looking().read(position.where, position.offset)

    def partitions(self, channel: str) -> int:
        """How many partitions a channel has."""
        try:
            return self._counts[channel]
        except KeyError:
            raise ValueError(f"there is no channel {channel}") from None

    def healthy(self) -> bool:
        """Whether the last append went well."""
        return self._appender.healthy

    async def _probe(self) -> None:
        known = [Partition(channel, 0) for channel in list(self._counts)[:1]]
        await self._looking().extents(known)

    def _looking(self) -> KafkaLookup:
        if self._lookup is None:
            raise LogUnavailable("the log is not open")
        return self._lookup

    def _described(self) -> dict[str, int]:
        admin = self._cluster.admin()
        try:
            return counts_of(admin.describe_topics(), self._topics)
        finally:
            admin.close()

    def _create(self, missing: list[ChannelSpec]) -> None:
        admin = self._cluster.admin()
        try:
            for begin in range(0, len(missing), _AT_ONCE):
                part = missing[begin : begin + _AT_ONCE]
                made = admin.create_topics(
                    [new_topic(self._topics.of(each.name), each.partitions, each.retention_ms) for each in part],
                    timeout_ms=int(CALL_S * 1000),
                    raise_errors=False,
                )
                for topic in made["topics"]:
                    # Several roles may start at once: who comes second finds it made.
                    if topic["error_code"] not in {0, _EXISTS}:
                        raise KafkaError(f"{topic['name']} cannot be made: {topic['error_message']}")
        finally:
            admin.close()

    def _delete(self, channels: list[str]) -> None:
        admin = self._cluster.admin()
        try:
            for begin in range(0, len(channels), _AT_ONCE):
                part = [self._topics.of(each) for each in channels[begin : begin + _AT_ONCE]]
                gone = admin.delete_topics(part, timeout_ms=int(CALL_S * 1000), raise_errors=False)
                for topic in gone["topics"]:
                    if topic["error_code"] not in {0, _UNKNOWN}:
                        raise KafkaError(f"{topic['name']} cannot be deleted: {topic['error_message']}")
        finally:
            admin.close()


def _is_a_transport(transport: KafkaTransport) -> Transport:
    return transport
