"""Who waits for a reply in this process, and the reading of the reply channel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from contracts.channels import REPLY
from contracts.envelope import Envelope, MalformedMessage, header
from contracts.outcome import Outcome
from contracts.partitions import reading_from_now
from contracts.ports import Partition, Stored, Transport, partition_of
from gateway.problems import Problem

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as it lies on the log."""

    envelope: Envelope
    outcome: Outcome
    value: bytes


class Waiting:
    """The replies that this gateway process waits for. `instance` is the key of its partition."""

    def __init__(self, transport: Transport, instance: str, max_waiting: int) -> None:
        self._transport = transport
        self._instance = instance
        self._max_waiting = max_waiting
        self._futures: dict[str, list[asyncio.Future[Reply]]] = {}
        self._count = 0
        self._is_over = False
        self.ready = asyncio.Event()

    @property
    def instance(self) -> str:
        """What a request names as `reply_to`."""
        return self._instance

    @property
    def count(self) -> int:
        """How many wait."""
        return self._count

    async def run(self) -> None:
        """Read replies until cancelled. `ready` is set once the end of the partition is known."""
        partition = Partition(REPLY, partition_of(self._instance.encode(), self._transport.partitions(REPLY)))
        async with reading_from_now(self._transport, [partition]) as reader:
            self.ready.set()
            while True:
                for stored in await reader.take(wait_s=5.0):
                    self._hand_out(stored)

    @asynccontextmanager
    async def expect(self, exchange: str) -> AsyncIterator[asyncio.Future[Reply]]:
        """A future for the reply of `exchange`, registered before the request is appended. Problem `overloaded`.

        It is cancelled by `let_go`.
        """
        if self._count >= self._max_waiting:
            raise Problem("overloaded", retry_after_s=1, headers={"retry-after": "1"})
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if self._is_over:
            future.cancel()
        self._futures.setdefault(exchange, []).append(future)
        self._count += 1
        try:
            yield future
        finally:
            self._count -= 1
            waiting = self._futures[exchange]
            waiting.remove(future)
            if not waiting:
                del self._futures[exchange]

    def let_go(self) -> None:
        """Nobody waits for a reply any more: the process is about to end."""
        self._is_over = True
        for futures in self._futures.values():
            for future in futures:
                future.cancel()

    def _hand_out(self, stored: Stored) -> None:
        exchange = header(stored.message.headers, "ce_subject") or ""
        futures = self._futures.get(exchange)
        if not futures:
            return
        try:
            envelope = Envelope.read(stored.message.headers)
            outcome = Outcome(header(stored.message.headers, "ce_outcome") or "")
        except (MalformedMessage, ValueError) as error:
            log.warning("not a reply at %s: %s", stored.position, error)
            return
        reply = Reply(envelope, outcome, stored.message.value)
        for future in futures:
            if not future.done():
                future.set_result(reply)
