"""The fan-out (recipient list): copies each event to the inbox of every subscriber that is pushed to.

A copy has an id of its own, derived from the event and the subscriber: whatever is copied again after a crash is the
same copy again, and the inbox's own `once` makes it one in effect. So retry, breaker, dead letter and isolation exist
once, in the inbox.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from adapters.delivery.dispatcher import Dispatcher
from adapters.delivery.outbox import Outbox
from adapters.delivery.turns import Turns
from contracts import channels
from contracts.catalogue import Grant
from contracts.envelope import Envelope, Kind, MalformedMessage, copy_id
from contracts.ports import Delivery, Transport
from contracts.spans import NO_SPANS, Spans

log = logging.getLogger(__name__)

GROUP: Final = "fanout"
_AGAIN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A system, or a subscription of one, that is pushed the events of a contract's major version.

    Under any of `grants` that is in force.
    """

    system: str
    contract: str
    major: int
    grants: tuple[Grant, ...]


Subscribers = Callable[[Envelope], Sequence[tuple[str, Grant]]]
"""Who is pushed an event, and under which grant."""


class FanOut:
    """One member of the group that serves the event channels. Part of the worker role."""

    def __init__(
        self,
        transport: Transport,
        outbox: Outbox,
        contracts: Collection[str],
        subscribers: Subscribers,
        informed: Callable[[], Awaitable[None]],
        up_to: Callable[[str], Awaitable[None]],
        spans: Spans = NO_SPANS,
    ) -> None:
        self._outbox = outbox
        self._subscribers = subscribers
        self._informed = informed
        self._up_to = up_to
        self._spans = spans
        self._turns = Turns()
        published = [channels.event(contract) for contract in contracts]
        self._dispatcher = Dispatcher(transport, GROUP, published, self._deliver, max_in_flight=256)

    async def start(self) -> None:
        """Join the group and begin. LogUnavailable."""
        await self._dispatcher.start()

    async def stop(self) -> None:
        """Leave what is not copied to the next one. Idempotent."""
        await self._dispatcher.stop()

    async def _deliver(self, delivery: Delivery) -> None:
        # The events of an ordered contract have their order's key, all others each their own: no inbox gets two of one
        # key in another order than the log has them.
        async with self._turns.of(delivery.stored.message.key):
            await self._copied(delivery)

    async def _copied(self, delivery: Delivery) -> None:
        """Copy it, however often that takes: the turn is kept meanwhile."""
        while True:
            try:
                # Who subscribed before the event was published is known from here on.
                await self._informed()
                await self._copy(delivery)
            except Exception:
                # A fault in the bus itself: the event stays where it is, and an operator sees why in the log.
                log.exception("cannot copy %s", delivery.stored.position)
                await asyncio.sleep(_AGAIN_S)
            else:
                return

    async def _copy(self, delivery: Delivery) -> None:
        message = delivery.stored.message
        try:
            event = Envelope.read(message.headers)
        except MalformedMessage as error:
            await self._outbox.dead_unread(delivery.stored, f"not a message of the bus: {error}")
            return
        # As is whoever was given a grant before it was.
        await self._up_to(event.configuration)
        with self._spans.process(delivery.stored, event, GROUP) as span:
            under = replace(event, trace=span.context)
            copies = (
                self._outbox.again(copy_for(under, system, grant), message.value, link=event.trace)
                for system, grant in self._subscribers(event)
            )
            await asyncio.gather(*copies)


def subscribers_of(subscribers: Collection[Subscriber], today: Callable[[], date]) -> Subscribers:
    """Who is pushed an event: those with a grant in force, on the day it is copied, that covers its publisher."""
    by_contract: dict[tuple[str, int], list[Subscriber]] = {}
    for each in subscribers:
        by_contract.setdefault((each.contract, each.major), []).append(each)

    def find(event: Envelope) -> Sequence[tuple[str, Grant]]:
        day = today()
        found = []
        for subscriber in by_contract.get((event.contract, event.major), ()):
            grant = next((each for each in subscriber.grants if _covers(each, event.sender, day)), None)
            if grant is not None:
                found.append((subscriber.system, grant))
        return found

    return find


def _covers(grant: Grant, sender: str, day: date) -> bool:
    return sender in grant.providers and grant.in_force(day)


def copy_for(event: Envelope, system: str, grant: Grant, replay: int = 0) -> Envelope:
    """The copy of an event for a subscriber; for each of its replays, counted from 1, it is another one."""
    return replace(
        event,
        kind=Kind.REQUEST,
        exchange=copy_id(event.exchange, f"{system}#{replay}" if replay else system),
        event=event.exchange,
        receiver=system,
        grant=grant.id,
        purpose=grant.purpose,
    )
