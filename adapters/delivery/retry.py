"""The forwarder: brings what waits on the retry channels back to its inbox when it is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Final

from adapters.clock import Clock
from adapters.delivery.dispatcher import Dispatcher
from adapters.delivery.outbox import Outbox
from contracts import channels
from contracts.envelope import Envelope, MalformedMessage, header
from contracts.ports import Delivery, Transport
from contracts.withdrawal import is_firm

log = logging.getLogger(__name__)

GROUP: Final = "forwarder"


class Forwarder:
    """One member of the group that serves the retry channels. Part of the worker role.

    A channel holds one delay, so its messages fall due in the order in which they lie there: waiting for the first is
    waiting for all.
    """

    def __init__(self, transport: Transport, outbox: Outbox, clock: Clock, delays_s: Collection[int]) -> None:
        self._outbox = outbox
        self._clock = clock
        waiting = [channels.retry(delay_s) for delay_s in delays_s]
        self._dispatcher = Dispatcher(transport, GROUP, waiting, self._forward, max_in_flight=256)

    async def start(self) -> None:
        """Join the group and begin. LogUnavailable."""
        await self._dispatcher.start()

    async def stop(self) -> None:
        """Leave what is not due to the next one. Idempotent."""
        await self._dispatcher.stop()

    async def _forward(self, delivery: Delivery) -> None:
        message = delivery.stored.message
        try:
            envelope = Envelope.read(message.headers)
            due_ms = int(header(message.headers, "ce_due") or 0)
        except (MalformedMessage, ValueError) as error:
            await self._outbox.dead_unread(delivery.stored, f"not a message of the bus: {error}")
        else:
            await asyncio.sleep(max(0, due_ms - self._clock()) / 1000)
            await self._outbox.again(envelope, message.value, firm=is_firm(message.headers))
