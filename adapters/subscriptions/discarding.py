"""What a deleted subscription leaves behind: its channels, discarded once nothing that they held has to be kept."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from adapters.clock import Clock
from adapters.subscriptions.fold import SubscriptionFold
from contracts.channels import Inbox
from contracts.errors import LogError
from contracts.ports import Transport
from contracts.subscriptions import Subscription

log = logging.getLogger(__name__)

_EVERY_S: Final = 600.0


class Discarding:
    """Discards the channels of subscriptions that are gone. Part of the worker role; several do each other no harm.

    No record says that it was done: the channels that are still there are what is left to do, also after a crash.
    """

    def __init__(self, transport: Transport, fold: SubscriptionFold, clock: Clock) -> None:
        self._transport = transport
        self._fold = fold
        self._clock = clock

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            try:
                await self.look()
            except LogError as error:
                log.warning("the channels of deleted subscriptions stay for now: %s", error)
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> None:
        """Discard what is there to be discarded. LogError."""
        names = [name for each in self._fold.gone(self._clock()) for name in _channels_of(each) if self._has(name)]
        if names:
            await self._transport.discard(names)
            log.info("%d channels of deleted subscriptions were discarded", len(names))

    def _has(self, channel: str) -> bool:
        try:
            self._transport.partitions(channel)
        except ValueError:
            return False
        return True


def _channels_of(subscription: Subscription) -> list[str]:
    """All that it may have had: whether its contract was ordered then, nobody has to know any more."""
    had = (Inbox(subscription.id), Inbox(subscription.id, subscription.contract))
    return [name for inbox in had for name in (inbox.channel, inbox.settled)]
