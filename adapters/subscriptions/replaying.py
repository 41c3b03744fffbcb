"""Replays: copies of what lies in an event's channel since a time, once more, for one subscription.

Who asks for one writes so on the channel `subscriptions`; a group of workers takes it from there as any other message,
so a replay that a crash cut short begins again, with the same copies under the same ids.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from adapters.delivery.dispatcher import Dispatcher
from adapters.delivery.fanout import Subscribers, copy_for, subscribers_of
from adapters.delivery.outbox import Outbox
from adapters.delivery.turns import Turns
from adapters.subscriptions.fold import SubscriptionFold
from adapters.subscriptions.recipients import subscriber_of
from contracts import channels
from contracts.catalogue import Grant
from contracts.envelope import Envelope, MalformedMessage
from contracts.partitions import all_partitions
from contracts.ports import Delivery, Stored, Transport
from contracts.spans import NO_SPANS, Spans
from contracts.subscriptions import Subscription

log = logging.getLogger(__name__)

GROUP: Final = "replay"
_WAIT_S: Final = 0.5


class Replayer:
    """One member of the group that carries replays out. Part of the worker role."""

    def __init__(
        self,
        transport: Transport,
        outbox: Outbox,
        fold: SubscriptionFold,
        grants: Callable[[], Sequence[Grant]],
        today: Callable[[], date],
        spans: Spans = NO_SPANS,
    ) -> None:
        self._transport = transport
        self._outbox = outbox
        self._fold = fold
        self._grants = grants
        self._today = today
        self._spans = spans
        self._dispatcher = Dispatcher(transport, GROUP, [channels.SUBSCRIPTIONS], self._deliver, max_in_flight=16)

    async def start(self) -> None:
        """Join the group and begin. LogUnavailable."""
        await self._dispatcher.start()

    async def stop(self) -> None:
        """Leave what is not done to the next one. Idempotent."""
        await self._dispatcher.stop()

    async def _deliver(self, delivery: Delivery) -> None:
        await self._fold.caught_up()
        asked = self._fold.replay_at(delivery.stored.position.offset)
        if asked is not None and self._fold.get(asked.id) is not None:
            count = await self._replay(asked, delivery.stored.time_ms)
            log.info("replay %d of %s: %d events", asked.replay, asked.id, count)

    async def _replay(self, asked: Subscription, until_ms: int) -> int:
        """Copy what was published from `replay_since_ms` to `until_ms`; answers how much that was. LogError."""
        channel = channels.event(asked.contract)
        try:
            parts = all_partitions(self._transport, channel)
        except ValueError:
            log.warning("nothing to replay for %s: there is no contract %s any more", asked.id, asked.contract)
            return 0
        ends = await self._transport.extents(parts)
        starts = {each: await self._transport.offset_at(each, asked.replay_since_ms or 0) for each in parts}
        find = subscribers_of([subscriber_of(asked, self._grants())], self._today)
        reader = await self._transport.reader(starts)
        turns, count = Turns(), 0
        try:
            while any(reader.positions()[each] < ends[each].end for each in parts):
                found = [each for each in await reader.take(wait_s=_WAIT_S) if each.time_ms <= until_ms]
                count += sum(await asyncio.gather(*(self._copy(each, asked.replay, find, turns) for each in found)))
        finally:
            await reader.close()
        return count

    async def _copy(self, stored: Stored, replay: int, find: Subscribers, turns: Turns) -> int:
        # As in the fan-out: the events of an ordered contract are copied in the order of their key.
        async with turns.of(stored.message.key):
            return await self._copied(stored, replay, find)

    async def _copied(self, stored: Stored, replay: int, find: Subscribers) -> int:
        try:
            event = Envelope.read(stored.message.headers)
        except MalformedMessage:
            # It was laid down when it was fanned out.
            return 0
        found = find(event)
        if found:
            with self._spans.process(stored, event, GROUP) as span:
                under = replace(event, trace=span.context)
                for subscription, grant in found:
                    copy = copy_for(under, subscription, grant, replay)
                    await self._outbox.again(copy, stored.message.value, link=event.trace)
        return len(found)
