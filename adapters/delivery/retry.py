"""The forwarder: brings what waits on the retry channels back to its inbox when it is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Final

from adapters.clock import Clock
from adapters.delivery.outbox import Outbox
from contracts import channels
from contracts.envelope import Envelope, MalformedMessage, header
from contracts.ports import Consumer, Delivery, Transport

log = logging.getLogger(__name__)

GROUP: Final = "forwarder"


class Forwarder:
    """One member of the group that serves the retry channels. Part of the worker role.

    A channel holds one delay, so its messages fall due in the order in which they lie there: waiting for the first is
    waiting for all.
    """

    def __init__(self, transport: Transport, outbox: Outbox, clock: Clock, delays_s: Collection[int]) -> None:
        self._transport = transport
        self._outbox = outbox
        self._clock = clock
        self._channels = [channels.retry(delay_s) for delay_s in delays_s]
        self._tasks: set[asyncio.Task[None]] = set()
        self._consumer: Consumer | None = None
        self._loop_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Join the group and begin. LogUnavailable."""
        if self._channels:
            self._consumer = await self._transport.consumer(GROUP, self._channels, max_in_flight=256)
            self._loop_task = asyncio.create_task(self._work(self._consumer))

    async def stop(self) -> None:
        """Leave what is not due to the next one. Idempotent."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._consumer is not None:
            await self._consumer.close()
            self._consumer = None
        if self._loop_task is not None:
            await self._loop_task
            self._loop_task = None

    async def _work(self, consumer: Consumer) -> None:
        while deliveries := await consumer.take():
            for delivery in deliveries:
                task = asyncio.create_task(self._forward(delivery))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _forward(self, delivery: Delivery) -> None:
        message = delivery.stored.message
        try:
            envelope = Envelope.read(message.headers)
            due_ms = int(header(message.headers, "ce_due") or 0)
        except (MalformedMessage, ValueError) as error:
            await self._outbox.dead_unread(delivery.stored, f"not a message of the bus: {error}")
        else:
            await asyncio.sleep(max(0, due_ms - self._clock()) / 1000)
            await self._outbox.again(envelope, message.value)
        delivery.settle()
