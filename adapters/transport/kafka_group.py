"""The client of a group member, in a thread of its own.

It polls, hands what it found to the event loop, and carries out what the loop wants: to begin with a partition, to hold
one for a while, to commit. Rebalances are cooperative: only partitions that move are given up, after a drain.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Protocol

from adapters.transport.kafka_client import (
    ALL_THAT_CAME,
    Cluster,
    KafkaError,
    Rebalances,
    Topics,
    offset_to_commit,
    pause,
)
from contracts.ports import Partition, Stored

log = logging.getLogger(__name__)

# What comes is delivered at once; this is how long nothing may come before the client looks again. Holding a partition
# and going on with it wait for that too.
_WAIT_MS: Final = 100
_POLL_MS: Final = 200
_COMMIT_S: Final = 0.1
_ENDS_S: Final = 0.5
_AGAIN_S: Final = 1.0
_GIVE_UP_S: Final = 5.0
_LOOK_S: Final = 0.01
_KNOWN_S: Final = 10.0
# Each look costs the same, whatever it finds: where something was found, more is on its way.
_GATHER_S: Final = 0.003


class Member(Protocol):
    """What the thread tells. All of it is called in the event loop."""

    def found(self, batches: Mapping[Partition, list[Stored]]) -> None:
        """Records were polled."""

    def ends(self, ends: Mapping[Partition, int]) -> None:
        """Where partitions end, as the broker told last."""

    def assigned(self, positions: Mapping[Partition, int]) -> None:
        """New partitions, with the positions to go on from; nothing is fetched from them until `begin`."""

    def revoked(self, partitions: Collection[Partition], drained: threading.Event) -> None:
        """These partitions go as soon as `drained` is set."""


class GroupThread:
    """Public methods may be called from the event loop at any time, and never block, `join` aside."""

    def __init__(self, cluster: Cluster, topics: Topics, group: str, channels: Collection[str], member: Member) -> None:
        self._cluster = cluster
        self._topics = topics
        self._group = f"{topics.prefix}.{group}" if topics.prefix else group
        self._channels = list(channels)
        self._member = member
        self._loop = asyncio.get_running_loop()
        self._consumer: Any = None
        self._wanted: deque[Callable[[], None]] = deque()
        self._offsets: dict[Partition, int] = {}
        self._offsets_lock = threading.Lock()
        self._fresh: deque[Any] = deque()
        self._leaving = threading.Event()
        self._commit_at_s = 0.0
        self._ends_at_s = 0.0
        self._thread = threading.Thread(target=self._run, name="kafka-consumer", daemon=True)

    def start(self) -> None:
        """Join the group."""
        self._thread.start()

    def leave(self) -> None:
        """Commit, leave the group, end."""
        self._leaving.set()

    def join(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join()

    def commit(self, partition: Partition, offset: int) -> None:
        """Commit a position soon."""
        with self._offsets_lock:
            self._offsets[partition] = offset

    def begin(self, partition: Partition, offset: int) -> None:
        """Fetch from a new partition, from `offset` on."""

        def act() -> None:
            asked = self._topics.partition(partition)
            if self._consumer.position(asked) != offset:
                self._consumer.seek(asked, offset)
            self._consumer.resume(asked)

        self._wanted.append(act)

    def hold(self, partition: Partition) -> None:
        """Fetch nothing more for now."""
        self._wanted.append(lambda: self._consumer.pause(self._topics.partition(partition)))

    def go_on(self, partition: Partition) -> None:
        """Undo `hold`."""
        self._wanted.append(lambda: self._consumer.resume(self._topics.partition(partition)))

    # --- in the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._leaving.is_set():
            try:
                self._consumer = self._cluster.consumer(
                    fetch_max_wait_ms=_WAIT_MS, group=self._group, records_at_once=ALL_THAT_CAME
                )
                listener = Rebalances(self._on_assigned, self._on_revoked, self._on_lost)
                topics = [self._topics.of(channel) for channel in self._channels]
                self._wait_for(topics)
                self._consumer.subscribe(topics, listener=listener)
                self._serve()
                self._commit_last()
            except Exception as error:  # noqa: BLE001 - whatever it is, the group is joined again
                log.warning("the group %s is joined again: %s", self._group, error)
                self._leaving.wait(_AGAIN_S)
            finally:
                self._close()

    def _wait_for(self, topics: Collection[str]) -> None:
        """Who joins before the brokers know of a topic is given none of it until the client asks again, a minute later
        [tried]; and one may have been made a moment ago."""
        until_s = time.monotonic() + _KNOWN_S
        while not self._leaving.is_set() and time.monotonic() < until_s:
            if self._consumer.topics().issuperset(topics):
                return
            self._leaving.wait(_AGAIN_S / 10)

    def _serve(self) -> None:
        while not self._leaving.is_set():
            polled = self._consumer.poll(timeout_ms=_POLL_MS)
            if self._fresh:
                self._report_fresh()
            if polled:
                found = {
                    self._topics.read(partition): [self._topics.stored(record) for record in records]
                    for partition, records in polled.items()
                }
                self._tell(self._member.found, found)
                time.sleep(_GATHER_S)
            self._act()
            now_s = time.monotonic()
            if self._offsets and now_s >= self._commit_at_s:
                self._commit_at_s = now_s + _COMMIT_S
                self._commit()
            if now_s >= self._ends_at_s:
                self._ends_at_s = now_s + _ENDS_S
                self._report_ends()

    def _act(self) -> None:
        while self._wanted:
            act = self._wanted.popleft()
            try:
                act()
            except Exception as error:  # noqa: BLE001 - it was about a partition that is gone by now
                log.debug("a partition is no longer ours: %s", error)

    def _commit(self) -> None:
        offsets = self._ours()
        if offsets:
            self._commit_async(offsets)

    def _commit_last(self) -> None:
        """Before the group is left: what is not committed now comes again elsewhere. KafkaError."""
        until = time.monotonic() + _GIVE_UP_S
        while offsets := self._ours():
            try:
                self._consumer.commit(self._asked(offsets), timeout_ms=2_000)
            except KafkaError:
                if time.monotonic() >= until:
                    raise
                # A rebalance was under way; it goes on in a poll, which would end at once where there is something new.
                self._consumer.pause(*self._consumer.assignment())
                self._consumer.poll(timeout_ms=_POLL_MS)
            else:
                return

    def _ours(self) -> dict[Partition, int]:
        ours = {self._topics.read(each) for each in self._consumer.assignment()}
        with self._offsets_lock:
            return {partition: offset for partition, offset in self._offsets.items() if partition in ours}

    def _commit_async(self, offsets: Mapping[Partition, int]) -> None:
        """A position that the broker did not take, because a rebalance was under way, is sent again with the next."""

        def answered(_offsets: object, answer: object) -> None:
            if isinstance(answer, Exception):
                log.info("positions are committed later: %s", answer)
                return
            with self._offsets_lock:
                for partition, offset in offsets.items():
                    if self._offsets.get(partition) == offset:
                        del self._offsets[partition]

        self._consumer.commit_async(self._asked(offsets), callback=answered)

    def _asked(self, offsets: Mapping[Partition, int]) -> dict[Any, Any]:
        return {self._topics.partition(partition): offset_to_commit(offset) for partition, offset in offsets.items()}

    def _report_fresh(self) -> None:
        ours = self._consumer.assignment()
        fresh = [self._fresh.popleft() for _ in range(len(self._fresh))]
        positions = {self._topics.read(each): self._consumer.position(each) for each in fresh if each in ours}
        if positions:
            self._tell(self._member.assigned, positions)

    def _report_ends(self) -> None:
        ends = {self._topics.read(each): self._consumer.highwater(each) for each in self._consumer.assignment()}
        self._tell(self._member.ends, {partition: end for partition, end in ends.items() if end is not None})

    def _on_assigned(self, assigned: Collection[Any]) -> None:
        """Within a poll, where most of the client's methods raise: hold them, and see to them after it."""
        if assigned:
            self._consumer.pause(*assigned)
            self._fresh.extend(assigned)

    async def _on_revoked(self, revoked: Collection[Any]) -> None:
        """Within a poll: nothing new is delivered, what is in flight ends, its positions go out, and we let go."""
        if not revoked or self._leaving.is_set():
            return
        await self._drain(revoked)
        offsets = self._taken_out(revoked)
        until = time.monotonic() + _GIVE_UP_S
        while offsets and time.monotonic() < until:
            # The next holder begins where this says: it has to be there before we join again.
            sent = self._consumer.commit_async(self._asked(offsets))
            while not sent.is_done and time.monotonic() < until:
                await pause(self._consumer, _LOOK_S)
            if sent.is_done and sent.succeeded():
                return
            log.info("positions of partitions that were given up are committed again: %s", sent.exception)
            await pause(self._consumer, _COMMIT_S)

    async def _on_lost(self, lost: Collection[Any]) -> None:
        """Within a poll: others have them already, so there is nothing to commit."""
        if lost and not self._leaving.is_set():
            await self._drain(lost)
            self._taken_out(lost)

    def _taken_out(self, partitions: Collection[Any]) -> dict[Partition, int]:
        gone = [self._topics.read(each) for each in partitions]
        with self._offsets_lock:
            return {partition: self._offsets.pop(partition) for partition in gone if partition in self._offsets}

    async def _drain(self, partitions: Collection[Any]) -> None:
        drained = threading.Event()
        self._tell(self._member.revoked, [self._topics.read(each) for each in partitions], drained)
        until = time.monotonic() + _GIVE_UP_S
        while not drained.is_set() and time.monotonic() < until:
            await pause(self._consumer, _LOOK_S)

    def _tell(self, tell: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(tell, *arguments)
        except RuntimeError:
            # The loop is closed: whoever had it did not close the transport.
            self._leaving.set()

    def _close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close(autocommit=False, timeout_ms=2_000)
