"""Appending to Kafka: one producer a process, bounded, told apart what was certainly not stored from what may be."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from adapters.transport.kafka_client import Cluster, KafkaError, Topics
from contracts.errors import LogError, LogOverloaded, LogUnavailable, LogUnknown
from contracts.ports import Message, Partition, Position

log = logging.getLogger(__name__)

# The client's own buffer has no bound.
MAX_IN_FLIGHT: Final = 20_000
MAX_IN_FLIGHT_BYTES: Final = 64_000_000
_PROBES: Final = 16
_CLOSE_S: Final = 9.0


@dataclass(slots=True)
class _Told:
    """What became of a message: its offset, or the client's error."""

    where: Partition
    size_bytes: int
    waiter: asyncio.Future[Position]
    became: Any = None


class KafkaAppender:
    """Appends for one event loop. `start` before use."""

    def __init__(self, cluster: Cluster, topics: Topics) -> None:
        self._cluster = cluster
        self._topics = topics
        self._producer: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._in_flight = 0
        self._in_flight_bytes = 0
        self._told: deque[_Told] = deque()
        self._told_lock = threading.Lock()
        self._wake_is_due = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.healthy = True

    async def start(self) -> None:
        """Connect. LogUnavailable."""
        self._loop = asyncio.get_running_loop()
        try:
            self._producer = await asyncio.to_thread(self._cluster.producer)
        except KafkaError as error:
            raise LogUnavailable(f"Kafka at {self._cluster.bootstrap} cannot be reached: {error}") from error

    async def close(self) -> None:
        """Let what is in flight end, then disconnect. Idempotent."""
        if self._producer is None:
            return
        producer = self._producer
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._idle.wait()
        except TimeoutError:
            log.warning("%d messages were not acknowledged before closing", self._in_flight)
        self._producer = None
        await asyncio.to_thread(_end, producer)

    def load(self, topic: str) -> int:
        """How many partitions a topic has; from here on the client knows it. Blocks; KafkaError."""
        return len(self._producer.partitions_for(topic))

    async def append(self, message: Message, where: Partition) -> Position:
        """Store one message. LogUnavailable, LogUnknown, LogOverloaded."""
        if self._producer is None or self._loop is None:
            raise LogUnavailable("the log is not open")
        size = len(message.value)
        if self._in_flight >= MAX_IN_FLIGHT or self._in_flight_bytes + size > MAX_IN_FLIGHT_BYTES:
            raise LogOverloaded(f"{self._in_flight} messages wait to be stored")
        if not self.healthy and self._in_flight >= _PROBES:
            # Who is told at once can go elsewhere; a few go on trying, and find out when it is back.
            raise LogUnavailable("Kafka does not answer")
        told = _Told(where, size, self._loop.create_future())
        try:
            sent = self._producer.send(
                self._topics.of(message.channel),
                value=message.value,
                key=message.key,
                headers=list(message.headers),
                partition=where.number,
            )
        except KafkaError as error:
            self.healthy = False
            raise LogUnavailable(f"Kafka took nothing: {error}") from error
        self._in_flight += 1
        self._in_flight_bytes += size
        self._idle.clear()
        sent.add_both(partial(self._became, told))
        return await told.waiter

    def _became(self, told: _Told, became: Any) -> None:  # noqa: ANN401 - the client's
        """In the client's thread: remember it, and wake the loop once for all that come together."""
        told.became = became
        with self._told_lock:
            self._told.append(told)
            if self._wake_is_due:
                return
            self._wake_is_due = True
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._tell)
        except RuntimeError:
            log.warning("the event loop is closed; nobody waits for what was stored")

    def _tell(self) -> None:
        with self._told_lock:
            all_told, self._told = self._told, deque()
            self._wake_is_due = False
        for told in all_told:
            self._in_flight -= 1
            self._in_flight_bytes -= told.size_bytes
            outcome = self._outcome(told)
            if told.waiter.done():
                continue
            if isinstance(outcome, Position):
                told.waiter.set_result(outcome)
            else:
                told.waiter.set_exception(outcome)
        if not self._in_flight:
            self._idle.set()

    def _outcome(self, told: _Told) -> Position | LogError:
        if isinstance(told.became, BaseException):
            if self.healthy:
                log.warning("Kafka did not store a message: %s", told.became)
            self.healthy = False
            return LogUnknown(f"Kafka did not say whether it was stored: {told.became}")
        if not self.healthy:
            log.warning("Kafka stores messages again")
        self.healthy = True
        return Position(told.where.channel, told.where.number, told.became.offset)


def _end(producer: Any) -> None:  # noqa: ANN401 - the client's
    try:
        producer.close(timeout=1.0)
    except KafkaError as error:
        log.warning("the producer did not end in order: %s", error)
