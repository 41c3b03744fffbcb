"""The one place that speaks to confluent-kafka (librdkafka): a producer.

It sends and tries again in threads of its own, without the interpreter; what became of a message it tells when it is
asked (`poll`), so that no thread of Python has to wait for the interpreter to hear it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from adapters.transport.kafka_client import CALL_S
from contracts.errors import LogOverloaded, LogUnavailable
from contracts.ports import Message


class MessageTooLarge(LogUnavailable):
    """No message of that size is taken; others are."""


Became = Callable[[int | KafkaError | None], None]
"""Told what became of a message: its offset, or the client's error; None: the client takes it for stored, and no
broker said where."""

_ASK_AGAIN_S: Final = 0.05
_SETTINGS: Final[Mapping[str, Any]] = {
    "acks": "all",
    "enable.idempotence": True,
    # With more on their way, the client takes a batch for stored because one behind it was: not so where a broker that
    # has just become the leader refuses the first and then accepts the second [tried].
    "max.in.flight.requests.per.connection": 1,
    "allow.auto.create.topics": False,
    "linger.ms": 0,
    "message.max.bytes": 1_048_576,
    "message.timeout.ms": 8_000,
    "request.timeout.ms": 4_000,
    "socket.connection.setup.timeout.ms": 4_000,
    "reconnect.backoff.max.ms": 1_000,
    "topic.metadata.refresh.interval.ms": 60_000,
    # It tells each attempt to connect as an error; what matters is told by the transport itself.
    "log_level": 0,
}


class KafkaSender:
    """A producer that acknowledges what every replica that counts has stored. Closed by `end`. LogUnavailable."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        try:
            self._producer = Producer({**settings, **_SETTINGS})
        except KafkaException as error:
            raise LogUnavailable(f"the client of Kafka does not start: {_told(error)}") from None

    def send(self, topic: str, partition: int, message: Message, became: Became) -> None:
        """Hand a message over; never blocks. LogOverloaded, LogUnavailable: the client does not have it. `became` is
        called from `poll`."""
        try:
            self._producer.produce(
                topic,
                message.value,
                message.key,
                partition,
                partial(_pass_on, became),
                headers=list(message.headers),
            )
        except BufferError:
            raise LogOverloaded("the client of Kafka holds as much as it may") from None
        except KafkaException as error:
            if error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                raise MessageTooLarge(f"Kafka takes no message of {len(message.value)} bytes") from None
            raise LogUnavailable(f"Kafka took nothing: {_told(error)}") from error

    def poll(self) -> None:
        """Tell what is known by now. Never blocks."""
        self._producer.poll(0)

    def partitions(self, topics: Collection[str]) -> dict[str, int]:
        """How many partitions each topic has, once the brokers know all of them and who leads them. Blocks;
        LogUnavailable."""
        until_s = time.monotonic() + CALL_S
        while True:
            known = self._known(until_s - time.monotonic())
            if known.keys() >= set(topics):
                return {topic: known[topic] for topic in topics}
            if time.monotonic() > until_s:
                missing = sorted(set(topics) - known.keys())
                raise LogUnavailable(f"Kafka does not know {missing[0]} ({len(missing)} are missing)")
            # A broker that has just made a thousand topics needs its time.
            time.sleep(_ASK_AGAIN_S)

    def _known(self, wait_s: float) -> dict[str, int]:
        try:
            topics = self._producer.list_topics(timeout=max(wait_s, 0.1)).topics
        except KafkaException as error:
            raise LogUnavailable(f"Kafka does not say which topics there are: {_told(error)}") from error
        return {
            name: len(topic.partitions)
            for name, topic in topics.items()
            if topic.error is None and all(each.leader >= 0 for each in topic.partitions.values())
        }

    def give_up(self) -> None:
        """Send nothing more of what it still has; `poll` tells of each. Never blocks."""
        self._producer.purge(blocking=False)

    def end(self) -> None:
        """Disconnect, once nothing is in flight. Blocks, briefly."""
        self._producer.close()


def _pass_on(became: Became, error: KafkaError | None, message: Any) -> None:  # noqa: ANN401 - the client's
    became(message.offset() if error is None else error)


def _told(error: KafkaException) -> str:
    """In the client's words."""
    return str(error.args[0].str())
