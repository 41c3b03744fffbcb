"""Looking things up in Kafka beside the groups: extents, times, single records. One client, in one thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from adapters.transport.kafka_client import ALL_THAT_CAME, CALL_S, Cluster, KafkaError, Topics
from contracts.errors import LogUnavailable
from contracts.ports import Assignment, Extent, Partition, Stored

Found = TypeVar("Found")

_POLL_MS: Final = 200
_FETCH_BYTES: Final = 65_536


class KafkaLookup:
    """Answers for one event loop. Connects with the first question."""

    def __init__(self, cluster: Cluster, topics: Topics) -> None:
        self._cluster = cluster
        self._topics = topics
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka-lookup")
        self._consumer: Any = None
        self._closed = False

    async def close(self) -> None:
        """Disconnect. Idempotent."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
            self._thread.shutdown()

    async def extents(self, partitions: Collection[Partition]) -> Mapping[Partition, Extent]:
        """What each partition holds. LogUnavailable."""
        wanted = list(partitions)
        return await self._ask(lambda consumer: self._extents(consumer, wanted))

    async def offset_at(self, partition: Partition, time_ms: int) -> int:
        """The first offset at or after a time, else the end. LogUnavailable."""

        def ask(consumer: Any) -> int:  # noqa: ANN401 - the client's
            asked = self._topics.partition(partition)
            found = consumer.offsets_for_times({asked: time_ms})[asked]
            return int(self._extents(consumer, [partition])[partition].end if found is None else found.offset)

        return await self._ask(ask)

    async def read(self, partition: Partition, offset: int) -> Stored | None:
        """The message at exactly that offset. LogUnavailable."""

        def ask(consumer: Any) -> Stored | None:  # noqa: ANN401 - the client's
            extent = self._extents(consumer, [partition])[partition]
            if not extent.first <= offset < extent.end:
                return None
            found = self._firsts(consumer, {partition: offset}).get(partition)
            return found if found is not None and found.position.offset == offset else None

        return await self._ask(ask)

    async def assignments(self, positions: Mapping[Partition, int]) -> Mapping[Partition, Assignment]:
        """What a group member is told of partitions that it was given at these positions. LogUnavailable."""

        def ask(consumer: Any) -> Mapping[Partition, Assignment]:  # noqa: ANN401 - the client's
            extents = self._extents(consumer, list(positions))
            resume = {each: max(offset, extents[each].first) for each, offset in positions.items()}
            firsts = self._firsts(consumer, {each: at for each, at in resume.items() if at < extents[each].end})
            return {
                each: Assignment(each, at, firsts[each].time_ms if each in firsts else None)
                for each, at in resume.items()
            }

        return await self._ask(ask)

    def _extents(self, consumer: Any, partitions: Collection[Partition]) -> dict[Partition, Extent]:  # noqa: ANN401
        asked = {partition: self._topics.partition(partition) for partition in partitions}
        try:
            firsts = consumer.beginning_offsets(list(asked.values()))
            ends = consumer.end_offsets(list(asked.values()))
            return {partition: Extent(firsts[each], ends[each]) for partition, each in asked.items()}
        except KeyError as absent:
            # While it learns anew who leads a partition, the client's answer leaves that one out [tried].
            raise KafkaError(f"nobody said where {absent} begins and ends") from absent

    def _firsts(self, consumer: Any, offsets: Mapping[Partition, int]) -> dict[Partition, Stored]:  # noqa: ANN401
        """The first record at or after each offset; there is one. KafkaError."""
        found: dict[Partition, Stored] = {}
        if not offsets:
            return found
        consumer.assign([self._topics.partition(partition) for partition in offsets])
        for partition, offset in offsets.items():
            consumer.seek(self._topics.partition(partition), offset)
        until = time.monotonic() + CALL_S
        while len(found) < len(offsets):
            if time.monotonic() > until:
                raise KafkaError("the records were not delivered in time")
            for partition, records in consumer.poll(timeout_ms=_POLL_MS).items():
                found.setdefault(self._topics.read(partition), self._topics.stored(records[0]))
                consumer.pause(partition)
        consumer.unsubscribe()
        return found

    async def _ask(self, ask: Callable[[Any], Found]) -> Found:
        if self._closed:
            raise LogUnavailable("the log is not open")

        def run() -> Found:
            try:
                if self._consumer is None:
                    self._consumer = self._cluster.consumer(
                        fetch_max_wait_ms=50, fetch_bytes=_FETCH_BYTES, records_at_once=ALL_THAT_CAME
                    )
                return ask(self._consumer)
            except KafkaError:
                # What it was in the middle of is unknown; the next question finds a fresh one.
                self._drop()
                raise

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, run)
        except KafkaError as error:
            raise LogUnavailable(f"Kafka at {self._cluster.bootstrap} does not answer: {error}") from error

    def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close(autocommit=False, timeout_ms=1_000)
