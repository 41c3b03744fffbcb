"""Message dispatcher: one member of a group, and a task for each message that it is given."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from contracts.ports import Consumer, Delivery, Prepare, Transport

log = logging.getLogger(__name__)

_AGAIN_S: Final = 5.0

Handle = Callable[[Delivery], Awaitable[None]]


class Dispatcher:
    """Hands each message of `channels` to `handle`, and settles it afterwards. Used from one event loop.

    What `handle` raises is a fault in the bus itself: the message stays unsettled and is handed over again, slowly,
    where an operator sees why in the log.
    """

    def __init__(
        self,
        transport: Transport,
        group: str,
        channels: Collection[str],
        handle: Handle,
        *,
        max_in_flight: int,
        prepare: Prepare | None = None,
    ) -> None:
        self._transport = transport
        self._group = group
        self._channels = list(channels)
        self._handle = handle
        self._max_in_flight = max_in_flight
        self._prepare = prepare
        self._tasks: set[asyncio.Task[None]] = set()
        self._consumer: Consumer | None = None
        self._taking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Join the group and begin; without channels there is nothing to do. LogUnavailable."""
        if self._channels:
            self._consumer = await self._transport.consumer(
                self._group, self._channels, prepare=self._prepare, max_in_flight=self._max_in_flight
            )
            self._taking = asyncio.create_task(self._take(self._consumer))

    async def stop(self) -> None:
        """Leave what is not done to the next member. Idempotent."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._consumer is not None:
            await self._consumer.close(drain=False)
            self._consumer = None
        if self._taking is not None:
            await self._taking
            self._taking = None

    async def _take(self, consumer: Consumer) -> None:
        while deliveries := await consumer.take():
            for delivery in deliveries:
                task = asyncio.create_task(self._deal_with(delivery))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deal_with(self, delivery: Delivery) -> None:
        while True:
            try:
                await self._handle(delivery)
            except Exception:
                log.exception("%s: cannot deal with %s", self._group, delivery.stored.position)
                await asyncio.sleep(_AGAIN_S)
            else:
                delivery.settle()
                return
