"""Appending to Kafka: one producer a process, bounded, told apart what was certainly not stored from what may be.

Messages go out in rounds: what comes while others are on their way waits for them, a few milliseconds at most, and goes
together with what came meanwhile. Alone a message waits for nothing; in a crowd one request to the broker, and one
waking of the client's thread, serve many.

The client promises an answer within its delivery time-out and does not always keep that: after a broker that hung and
came back, an idempotent producer may wait for ever for a new producer id [tried]. So after a message that was not
stored nothing more is taken until Kafka answers again, and then by another producer.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from adapters.transport.kafka_client import CALL_S, Cluster, KafkaError, Topics, end_producer
from contracts.errors import LogError, LogOverloaded, LogUnavailable, LogUnknown
from contracts.ports import Message, Partition, Position

log = logging.getLogger(__name__)

# The client's own buffer has no bound.
MAX_IN_FLIGHT: Final = 20_000
MAX_IN_FLIGHT_BYTES: Final = 64_000_000
_CLOSE_S: Final = 9.0
# A little more than the client's own delivery time-out.
_STUCK_S: Final = 10.0
_WATCH_S: Final = 0.5
_AGAIN_S: Final = 1.0
# The longest that a message waits for those before it: one slow broker must not slow the others down.
_ROUND_S: Final = 0.005


@dataclass(slots=True)
class _Told:
    """What became of a message: its offset, or the client's error. `counted` while it is in flight, `out` once sent."""

    message: Message
    where: Partition
    size_bytes: int
    sent_s: float
    waiter: asyncio.Future[Position]
    became: Any = None
    counted: bool = True
    out: bool = False


class KafkaAppender:
    """Appends for one event loop. `start` before use. `probe` asks Kafka something harmless; LogError."""

    def __init__(self, cluster: Cluster, topics: Topics, probe: Callable[[], Awaitable[object]]) -> None:
        self._probe = probe
        self._cluster = cluster
        self._topics = topics
        self._producer: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._in_flight = 0
        self._in_flight_bytes = 0
        self._queued: list[_Told] = []
        self._round: asyncio.Handle | None = None
        self._out = 0
        self._oldest: deque[_Told] = deque()
        self._loaded: set[str] = set()
        self._watching: asyncio.Task[None] | None = None
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
        self._watching = asyncio.create_task(self._watch(), name="kafka-producer")

    async def close(self) -> None:
        """Let what is in flight end, then disconnect. Idempotent."""
        if self._watching is None:
            return
        watching, self._watching = self._watching, None
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._idle.wait()
        except TimeoutError:
            log.warning("%d messages were not acknowledged before closing", self._in_flight)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        producer, self._producer = self._producer, None
        self._give_up("the log was closed")
        if producer is not None:
            await asyncio.to_thread(end_producer, producer)

    def load(self, topic: str) -> int:
        """How many partitions a topic has; from here on the client knows it. Blocks; KafkaError.

        A broker that has just made a thousand topics needs longer than the client may block an append.
        """
        until = time.monotonic() + CALL_S
        while True:
            try:
                count = len(self._producer.partitions_for(topic))
                break
            except KafkaError:
                if time.monotonic() > until:
                    raise
        self._loaded.add(topic)
        return count

    async def append(self, message: Message, where: Partition) -> Position:
        """Store one message. LogUnavailable, LogUnknown, LogOverloaded."""
        if self._producer is None or self._loop is None:
            raise LogUnavailable("the log is not open")
        size = len(message.value)
        if self._in_flight >= MAX_IN_FLIGHT or self._in_flight_bytes + size > MAX_IN_FLIGHT_BYTES:
            raise LogOverloaded(f"{self._in_flight} messages wait to be stored")
        if not self.healthy:
            raise LogUnavailable("Kafka does not answer")
        told = _Told(message, where, size, self._loop.time(), self._loop.create_future())
        self._in_flight += 1
        self._in_flight_bytes += size
        self._idle.clear()
        self._queued.append(told)
        if self._round is None:
            self._round = self._loop.call_later(_ROUND_S if self._out else 0, self._send)
        return await told.waiter

    def _send(self) -> None:
        """The next round: all that is queued."""
        for told in self._dequeued():
            if not self.healthy:
                self._refuse(told, LogUnavailable("Kafka does not answer"))
                continue
            try:
                sent = self._handed_over(told)
            except KafkaError as error:
                self.healthy = False
                self._refuse(told, LogUnavailable(f"Kafka took nothing: {error}"))
            except Exception as error:  # noqa: BLE001 - whoever asked for it is told, and the others go on
                self._refuse(told, error)
            else:
                told.out = True
                self._out += 1
                self._oldest.append(told)
                sent.add_both(partial(self._became, told))
        if not self._in_flight:
            self._idle.set()

    def _dequeued(self) -> list[_Told]:
        if self._round is not None:
            self._round.cancel()
            self._round = None
        queued, self._queued = self._queued, []
        return queued

    def _handed_over(self, told: _Told) -> Any:  # noqa: ANN401 - the client's
        message = told.message
        return self._producer.send(
            self._topics.of(message.channel),
            value=message.value,
            key=message.key,
            headers=list(message.headers),
            partition=told.where.number,
        )

    def _refuse(self, told: _Told, error: Exception) -> None:
        """Certainly not stored: the client never had it."""
        self._uncount(told)
        if not told.waiter.done():
            told.waiter.set_exception(error)

    def _uncount(self, told: _Told) -> None:
        if told.counted:
            told.counted = False
            self._out -= told.out
            self._in_flight -= 1
            self._in_flight_bytes -= told.size_bytes

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
            self._uncount(told)
            outcome = self._outcome(told)
            if told.waiter.done():
                continue
            if isinstance(outcome, Position):
                told.waiter.set_result(outcome)
            else:
                told.waiter.set_exception(outcome)
        if self._queued and not self._out:
            self._send()
        if not self._in_flight:
            self._idle.set()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_S)
            while self._oldest and self._oldest[0].became is not None:
                self._oldest.popleft()
            if self._oldest and asyncio.get_running_loop().time() - self._oldest[0].sent_s > _STUCK_S:
                log.warning("the producer does not answer")
                self.healthy = False
                self._give_up("Kafka did not say whether it was stored")
            if not self.healthy and not self._in_flight:
                await self._come_back()

    async def _come_back(self) -> None:
        """Once Kafka answers again, go on with another producer."""
        while True:
            try:
                await self._probe()
                fresh = await asyncio.to_thread(self._opened)
                break
            except (LogError, KafkaError) as error:
                log.info("Kafka is still away: %s", error)
                await asyncio.sleep(_AGAIN_S)
        stale, self._producer = self._producer, fresh
        self.healthy = True
        log.warning("Kafka answers again")
        await asyncio.to_thread(end_producer, stale)

    def _opened(self) -> Any:  # noqa: ANN401 - the client's
        """A producer that knows its topics already. Blocks; KafkaError."""
        producer = self._cluster.producer()
        try:
            for topic in sorted(self._loaded):
                producer.partitions_for(topic)
        except KafkaError:
            end_producer(producer)
            raise
        return producer

    def _give_up(self, why: str) -> None:
        """Tell everybody who still waits."""
        for told in self._oldest:
            self._uncount(told)
            if told.became is None and not told.waiter.done():
                told.waiter.set_exception(LogUnknown(why))
        self._oldest.clear()
        for told in self._dequeued():
            self._refuse(told, LogUnavailable(why))
        if not self._in_flight:
            self._idle.set()

    def _outcome(self, told: _Told) -> Position | LogError:
        if isinstance(told.became, BaseException):
            if self.healthy:
                log.warning("Kafka did not store a message: %s", told.became)
            self.healthy = False
            return LogUnknown(f"Kafka did not say whether it was stored: {told.became}")
        return Position(told.where.channel, told.where.number, told.became.offset)
