"""The one place that speaks to kafka-python, which has no types: clients, settings, conversions, and its errors."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import NewTopic
from kafka.consumer.subscription_state import AsyncConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from adapters.transport.kafka_security import IN_CLEAR, Security
from contracts.ports import Message, Partition, Position, Stored

__all__ = [
    "Cluster",
    "KafkaError",
    "Rebalances",
    "Topics",
    "counts_of",
    "new_topic",
    "offset_to_commit",
]

# The client logs each reconnection attempt as an error; what matters is told by the transport itself.
logging.getLogger("kafka").setLevel(logging.CRITICAL)

CALL_S: Final = 10.0
_CLIENT_ID: Final = "lienthong"
_BOOTSTRAP_MS: Final = 8_000
_RECORDS_AT_ONCE: Final = 500
ALL_THAT_CAME: Final = 2**31 - 1
"""For who pauses partitions: what is left of one that is paused between two polls is put aside by the client, which
finds it again only when something else has come [tried]; where nothing does, it never goes on. So none may be left."""
_FETCH_BYTES: Final = 8_000_000


Assigned = Callable[[Collection[Any]], None]
GivenUp = Callable[[Collection[Any]], Awaitable[None]]


class Rebalances(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # the client has no types
    """Passes on what the client tells of a rebalance. What is awaited here, the client's own loop waits for; heartbeats
    go on meanwhile."""

    def __init__(self, assigned: Assigned, revoked: GivenUp, lost: GivenUp) -> None:
        self._assigned = assigned
        self._revoked = revoked
        self._lost = lost

    async def on_partitions_assigned(self, assigned: Collection[Any]) -> None:
        """New ones."""
        self._assigned(assigned)

    async def on_partitions_revoked(self, revoked: Collection[Any]) -> None:
        """Some that go to somebody else."""
        await self._revoked(revoked)

    async def on_partitions_lost(self, lost: Collection[Any]) -> None:
        """Some that somebody else may have already."""
        await self._lost(lost)


async def pause(consumer: Any, seconds: float) -> None:  # noqa: ANN401 - the client's
    """Wait within the client's own loop, which is none that asyncio knows."""
    await consumer._net.sleep(seconds)  # noqa: SLF001 - nothing public waits there


@dataclass(frozen=True, slots=True)
class Topics:
    """How channels are called on this cluster."""

    prefix: str

    def of(self, channel: str) -> str:
        """The topic of a channel."""
        return f"{self.prefix}.{channel}" if self.prefix else channel

    def channel(self, topic: str) -> str | None:
        """The channel of a topic; None where it is none of ours."""
        if not self.prefix:
            return topic
        begin = self.prefix + "."
        return topic.removeprefix(begin) if topic.startswith(begin) else None

    def partition(self, partition: Partition) -> TopicPartition:
        """As the client wants it."""
        return TopicPartition(self.of(partition.channel), partition.number)

    def read(self, partition: TopicPartition) -> Partition:
        """As the bus wants it."""
        return Partition(self.channel(partition.topic) or partition.topic, partition.partition)

    def stored(self, record: Any) -> Stored:  # noqa: ANN401 - the client's record
        """A record as the bus knows it."""
        channel = self.channel(record.topic) or record.topic
        # Strangers may write a header, a key or a value that is null.
        headers = tuple([each if each[1] is not None else (each[0], b"") for each in record.headers])
        message = Message(channel, record.key or b"", record.value or b"", headers)
        return Stored(message, Position(channel, record.partition, record.offset), record.timestamp)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the brokers are. Everything here blocks until they answer or the time is over: KafkaError."""

    bootstrap: str
    security: Security = IN_CLEAR

    def settings(self) -> dict[str, Any]:
        """What kafka-python's clients are made with: all that read and manage."""
        return {
            "bootstrap_servers": [host.strip() for host in self.bootstrap.split(",")],
            "bootstrap_timeout_ms": _BOOTSTRAP_MS,
            "client_id": _CLIENT_ID,
            "reconnect_backoff_max_ms": 1_000,
            "metadata_max_age_ms": 60_000,
            **self.security.settings(),
        }

    def sending(self) -> dict[str, Any]:
        """The same for librdkafka, which sends."""
        return {"bootstrap.servers": self.bootstrap, "client.id": _CLIENT_ID, **self.security.librdkafka()}

    def consumer(
        self,
        *,
        fetch_max_wait_ms: int,
        group: str | None = None,
        fetch_bytes: int = 1_048_576,
        records_at_once: int = _RECORDS_AT_ONCE,
    ) -> Any:  # noqa: ANN401 - the client's
        """A consumer, in a group or by itself. It never commits by itself."""
        in_group: Mapping[str, Any] = {}
        if group is not None:
            in_group = {
                "group_id": group,
                "partition_assignment_strategy": [CooperativeStickyAssignor],
                "session_timeout_ms": 10_000,
                "heartbeat_interval_ms": 1_000,
                "max_poll_interval_ms": 120_000,
            }
        return KafkaConsumer(
            **self.settings(),
            **in_group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            fetch_max_wait_ms=fetch_max_wait_ms,
            fetch_max_bytes=_FETCH_BYTES,
            max_partition_fetch_bytes=fetch_bytes,
            max_poll_records=records_at_once,
            request_timeout_ms=int(CALL_S * 1000),
            metrics_enabled=False,
        )

    def admin(self) -> Any:  # noqa: ANN401 - the client's
        """For making and describing topics."""
        return KafkaAdminClient(**self.settings(), request_timeout_ms=int(CALL_S * 1000))


def offset_to_commit(offset: int) -> OffsetAndMetadata:
    """What the client wants for a position to commit."""
    return OffsetAndMetadata(offset, "", -1)


def new_topic(name: str, partitions: int, retention_ms: int | None) -> NewTopic:
    """A topic to be made: the broker says when a message came, and how often it is copied."""
    settings = {
        "message.timestamp.type": "LogAppendTime",
        "retention.ms": str(-1 if retention_ms is None else retention_ms),
        "cleanup.policy": "delete",
    }
    return NewTopic(name, num_partitions=partitions, replication_factor=-1, topic_configs=settings)


def counts_of(descriptions: Iterable[Mapping[str, Any]], topics: Topics) -> dict[str, int]:
    """The channels among described topics, with their partitions."""
    found: dict[str, int] = {}
    for description in descriptions:
        channel = topics.channel(str(description["name"]))
        if channel is not None and not description.get("error_code"):
            found[channel] = len(description["partitions"])
    return found
