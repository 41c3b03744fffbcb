"""Reading Kafka without a group, from positions of one's own choosing."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from adapters.transport.kafka_client import Cluster, Topics
from contracts.ports import Partition, Stored

log = logging.getLogger(__name__)

_POLL_MS: Final = 250
_AHEAD: Final = 5_000
_AHEAD_BYTES: Final = 8_000_000
_AGAIN_S: Final = 1.0


class KafkaReader:
    """One reader, with a client and a thread of its own. Used from one event loop."""

    def __init__(
        self, cluster: Cluster, topics: Topics, starts: Mapping[Partition, int], closed: Callable[[KafkaReader], None]
    ) -> None:
        self._cluster = cluster
        self._topics = topics
        self._positions = dict(starts)
        self._closed = closed
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._found: list[Stored] = []
        self._found_bytes = 0
        self._room = threading.Event()
        self._room.set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kafka-reader", daemon=True)
        self._thread.start()

    async def take(self, *, wait_s: float) -> Sequence[Stored]:
        """What came since."""
        if not self._found and not self._stop.is_set():
            self._news.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._news.wait()
            except TimeoutError:
                return []
        found, self._found = self._found, []
        self._found_bytes = 0
        self._room.set()
        for stored in found:
            self._positions[stored.position.where] = stored.position.offset + 1
        return found

    def positions(self) -> Mapping[Partition, int]:
        """The next offsets."""
        return dict(self._positions)

    async def close(self) -> None:
        """Stop reading."""
        if not self._stop.is_set():
            self._stop.set()
            self._room.set()
            self._news.set()
            self._closed(self)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        next_offsets = dict(self._positions)
        while not self._stop.is_set():
            consumer = None
            try:
                consumer = self._cluster.consumer(fetch_max_wait_ms=500)
                consumer.assign([self._topics.partition(each) for each in next_offsets])
                for partition, offset in next_offsets.items():
                    consumer.seek(self._topics.partition(partition), offset)
                self._read(consumer, next_offsets)
            except Exception as error:  # noqa: BLE001 - whatever it is, reading goes on where it was
                if not self._stop.is_set():
                    log.warning("reading from Kafka begins again: %s", error)
                    time.sleep(_AGAIN_S)
            finally:
                if consumer is not None:
                    consumer.close(autocommit=False, timeout_ms=500)

    def _read(self, consumer: Any, next_offsets: dict[Partition, int]) -> None:  # noqa: ANN401 - the client's
        while not self._stop.is_set():
            self._room.wait()
            polled = consumer.poll(timeout_ms=_POLL_MS)
            if not polled:
                continue
            batch = [self._topics.stored(record) for records in polled.values() for record in records]
            for stored in batch:
                next_offsets[stored.position.where] = stored.position.offset + 1
            self._room.clear()
            self._loop.call_soon_threadsafe(self._take_in, batch)

    def _take_in(self, batch: list[Stored]) -> None:
        self._found.extend(batch)
        self._found_bytes += sum(len(stored.message.value) for stored in batch)
        if len(self._found) < _AHEAD and self._found_bytes < _AHEAD_BYTES:
            self._room.set()
        self._news.set()
