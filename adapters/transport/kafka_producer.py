"""Appending to Kafka: one producer a process, bounded, told apart what was certainly not stored from what may be.

Messages go out in rounds, a few milliseconds apart. Alone a message waits for nothing; in a crowd one request to the
broker serves many, and so does one look of those who read them.

After a message that was not stored nothing more is taken until Kafka answers again, and then by another producer: some
of the client's errors end it for good, and what the first one still had in hand is over before the second begins.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Final

from confluent_kafka import KafkaError

from adapters.transport.kafka_client import Cluster, Topics
from adapters.transport.kafka_sender import KafkaSender, MessageTooLarge
from contracts.errors import LogError, LogOverloaded, LogUnavailable, LogUnknown
from contracts.ports import Message, Partition, Position

log = logging.getLogger(__name__)

MAX_IN_FLIGHT: Final = 20_000
MAX_IN_FLIGHT_BYTES: Final = 64_000_000
# A little more than the client's own delivery time-out.
_CLOSE_S: Final = 9.0
_GIVE_UP_S: Final = 1.0
_WATCH_S: Final = 0.5
# The longest that a message waits for those that come with it.
_ROUND_S: Final = 0.002
# How often the client is asked what became of messages, while there are any.
_POLL_S: Final = 0.001
_AGAIN_S: Final = 1.0


@dataclass(slots=True)
class _Told:
    """A message, and who waits to be told what became of it."""

    message: Message
    where: Partition
    size_bytes: int
    waiter: asyncio.Future[Position]


class KafkaAppender:
    """Appends for one event loop. `start` before use. `probe` asks Kafka something harmless; LogError."""

    def __init__(self, cluster: Cluster, topics: Topics, probe: Callable[[], Awaitable[object]]) -> None:
        self._probe = probe
        self._cluster = cluster
        self._topics = topics
        self._sender: KafkaSender | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._in_flight = 0
        self._in_flight_bytes = 0
        self._watching: asyncio.Task[None] | None = None
        self._queued: list[_Told] = []
        self._round: asyncio.TimerHandle | None = None
        self._next_round_s = 0.0
        self._out = 0
        self._polling = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.healthy = True

    async def start(self) -> None:
        """Connect, sooner or later. LogUnavailable: what it was told of TLS and of its login cannot be."""
        self._loop = asyncio.get_running_loop()
        self._sender = await asyncio.to_thread(self._opened)
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
        if self._sender is not None:
            await self._give_up(self._sender)
            sender, self._sender = self._sender, None
            await asyncio.to_thread(sender.end)

    async def _give_up(self, sender: KafkaSender) -> None:
        """What is still in flight has had its time: who waits for it is told."""
        until_s = time.monotonic() + _GIVE_UP_S
        while self._out and time.monotonic() < until_s:
            sender.give_up()
            sender.poll()
            await asyncio.sleep(_POLL_S)

    def load(self, channels: Collection[str]) -> dict[str, int]:
        """How many partitions each channel has, once the brokers know it. Blocks; LogUnavailable."""
        if self._sender is None:
            raise LogUnavailable("the log is not open")
        found = self._sender.partitions([self._topics.of(channel) for channel in channels])
        return {channel: found[self._topics.of(channel)] for channel in channels}

    async def append(self, message: Message, where: Partition) -> Position:
        """Store one message. LogUnavailable, LogUnknown, LogOverloaded."""
        if self._sender is None or self._loop is None:
            raise LogUnavailable("the log is not open")
        size = len(message.value)
        if self._in_flight >= MAX_IN_FLIGHT or self._in_flight_bytes + size > MAX_IN_FLIGHT_BYTES:
            raise LogOverloaded(f"{self._in_flight} messages wait to be stored")
        if not self.healthy:
            raise LogUnavailable("Kafka does not answer")
        told = _Told(message, where, size, self._loop.create_future())
        self._in_flight += 1
        self._in_flight_bytes += size
        self._idle.clear()
        self._queued.append(told)
        if self._round is None:
            self._round = self._loop.call_at(self._next_round_s, self._send)
        return await told.waiter

    def _send(self) -> None:
        """The next round: all that is queued."""
        self._round = None
        if self._loop is not None:
            self._next_round_s = self._loop.time() + _ROUND_S
        queued, self._queued = self._queued, []
        for told in queued:
            try:
                self._hand_over(told)
            except Exception as error:  # noqa: BLE001 - whoever asked for it is told, and the others go on
                self._end(told, error)
            else:
                self._out += 1
        self._poll_soon()

    def _hand_over(self, told: _Told) -> None:
        if self._sender is None or not self.healthy:
            raise LogUnavailable("Kafka does not answer")
        topic, where = self._topics.of(told.message.channel), told.where.number
        try:
            self._sender.send(topic, where, told.message, partial(self._became, told))
        except MessageTooLarge:
            raise
        except LogUnavailable:
            self.healthy = False
            raise

    def _became(self, told: _Told, became: int | KafkaError | None) -> None:
        self._out -= 1
        self._end(told, self._outcome(told, became))

    def _end(self, told: _Told, outcome: Position | Exception) -> None:
        self._in_flight -= 1
        self._in_flight_bytes -= told.size_bytes
        if not self._in_flight:
            self._idle.set()
        if told.waiter.done():
            return
        if isinstance(outcome, Position):
            told.waiter.set_result(outcome)
        else:
            told.waiter.set_exception(outcome)

    def _poll_soon(self) -> None:
        if self._out and not self._polling and self._sender is not None and self._loop is not None:
            self._polling = True
            self._loop.call_later(_POLL_S, self._poll)

    def _poll(self) -> None:
        self._polling = False
        if self._sender is not None:
            self._sender.poll()
        self._poll_soon()

    def _outcome(self, told: _Told, became: int | KafkaError | None) -> Position | LogError:
        if isinstance(became, int):
            return Position(told.where.channel, told.where.number, became)
        if became is None:
            return LogUnknown("Kafka did not say where it was stored")
        if became.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return MessageTooLarge(f"Kafka refuses a message of {told.size_bytes} bytes: {became.str()}")
        if self.healthy:
            log.warning("Kafka did not store a message: %s", became)
        self.healthy = False
        return LogUnknown(f"Kafka did not say whether it was stored: {became}")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_S)
            if not self.healthy and not self._in_flight:
                await self._come_back()

    async def _come_back(self) -> None:
        """Once Kafka answers again, go on with another producer."""
        while True:
            try:
                await self._probe()
                fresh = await asyncio.to_thread(self._opened)
                break
            except LogError as error:
                log.info("Kafka is still away: %s", error)
                await asyncio.sleep(_AGAIN_S)
        stale, self._sender = self._sender, fresh
        self.healthy = True
        log.warning("Kafka answers again")
        if stale is not None:
            await asyncio.to_thread(stale.end)

    def _opened(self) -> KafkaSender:
        return KafkaSender(self._cluster.sending())
