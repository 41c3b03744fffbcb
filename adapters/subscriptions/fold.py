"""The subscriptions there are: a fold over the channel `subscriptions`, in every process.

A record counts where its number follows that of the one before it, so of two changes at once the first in the log wins
everywhere, and who wrote the other one finds out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from math import inf
from typing import Final

from adapters.clock import Clock
from adapters.own_records import OwnRecords
from contracts.channels import SUBSCRIPTIONS
from contracts.envelope import CONTENT_TYPE
from contracts.errors import BusError, LogError, LogUnavailable
from contracts.ports import ChannelSpec, Message, Partition, Reader, Stored, Transport
from contracts.subscriptions import Outdated, Subscription, SubscriptionState, subscription_from_avro

log = logging.getLogger(__name__)

CHANNEL: Final = ChannelSpec(SUBSCRIPTIONS, partitions=1, retention_ms=None)
_PARTITION: Final = Partition(SUBSCRIPTIONS, 0)
_CATCH_UP_S: Final = 10.0
_START_S: Final = 120.0
_WAIT_S: Final = 5.0
_AGAIN_S: Final = 1.0
_REMEMBERED: Final = 4096
_LAPSE_S: Final = 300.0
_LET_GO_MS: Final = 3_600_000

Inboxes = Callable[[Subscription], Sequence[ChannelSpec]]
"""The channels that a subscription needs."""


class SubscriptionFold:
    """Implements the port `Subscriptions`. Used from one event loop."""

    def __init__(
        self,
        transport: Transport,
        own: OwnRecords,
        inboxes: Inboxes,
        left_over_ms: int,
        clock: Clock,
        *,
        read_only: bool = False,
    ) -> None:
        self._transport = transport
        self._own = own
        self._inboxes = inboxes
        self._left_over_ms = left_over_ms
        self._clock = clock
        self._read_only = read_only
        self._known: dict[str, Subscription] = {}
        self._counted: deque[int] = deque(maxlen=_REMEMBERED)
        self._replays: dict[int, Subscription] = {}
        self._version = 0
        self._read = 0
        self._news = asyncio.Condition()
        self._looking = asyncio.Lock()
        self._next_look: asyncio.Task[None] | None = None
        self._reader: Reader | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Read what the channel holds, and follow it from now on. LogUnavailable."""
        if not self._read_only:
            await self._transport.ensure([CHANNEL])
        try:
            self._transport.partitions(SUBSCRIPTIONS)
        except ValueError:
            # A log that was made by an older version, and that nobody writes to now.
            return
        self._reader = await self._transport.reader({_PARTITION: 0})
        await self._read_up(self._reader)
        self._tasks = [
            asyncio.create_task(self._follow(self._reader), name="subscriptions"),
            asyncio.create_task(self._lapse(), name="subscriptions-lapse"),
        ]

    async def _read_up(self, reader: Reader) -> None:
        """Take in what there is. Only then is it known which inboxes are still needed: no others are made."""
        end = (await self._transport.extents([_PARTITION]))[_PARTITION].end
        try:
            async with asyncio.timeout(_START_S):
                while reader.positions()[_PARTITION] < end:
                    for each in await reader.take(wait_s=_WAIT_S):
                        self._fold(each.position.offset, await self._told(each))
        except TimeoutError:
            raise LogUnavailable("the subscriptions could not be read to their end in time") from None
        self._read = reader.positions()[_PARTITION]
        await self._ensure(self.lying(self._clock()))

    async def close(self) -> None:
        """Stop following. Idempotent."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._reader is not None:
            await self._reader.close()
            self._reader = None

    @property
    def version(self) -> int:
        """Grows with each change."""
        return self._version

    async def changed(self, since: int) -> int:
        """Wait until `version` is beyond `since`; answers it."""
        async with self._news:
            await self._news.wait_for(lambda: self._version > since)
            return self._version

    def all(self) -> Sequence[Subscription]:
        """Those that are not deleted, by id."""
        return [each for _, each in sorted(self._known.items()) if each.state is not SubscriptionState.DELETED]

    def get(self, subscription: str) -> Subscription | None:
        """The one of that id; None where there is none (any more)."""
        found = self._known.get(subscription)
        return None if found is None or found.state is SubscriptionState.DELETED else found

    def lying(self, now_ms: int) -> Sequence[Subscription]:
        """Those for which something may lie on the log, by id: also the deleted, for `left_over_ms` after the last
        message that was on its way to their inbox. `version` grows when one of them lapses."""
        return [each for _, each in sorted(self._known.items()) if now_ms < self._lies_until_ms(each)]

    def gone(self, now_ms: int) -> Sequence[Subscription]:
        """Those for which nothing lies on the log any more, and every process had an hour to find that out."""
        return [each for _, each in sorted(self._known.items()) if now_ms >= self._lies_until_ms(each) + _LET_GO_MS]

    def _lies_until_ms(self, each: Subscription) -> float:
        if each.state is not SubscriptionState.DELETED:
            return inf
        # What waits for another attempt comes back once more, and ends there.
        return each.changed_ms + max(each.retry_s, default=0) * 1000 + self._left_over_ms

    def replay_at(self, offset: int) -> Subscription | None:
        """The subscription that a record asked to replay for; None where it asked for nothing, or did not count."""
        return self._replays.get(offset)

    async def caught_up(self) -> None:
        """Return once everything is known that was on the log when this was called. LogUnavailable."""
        if self._reader is None:
            return
        # One look is for all who asked before it began.
        if self._next_look is None:
            self._next_look = asyncio.create_task(self._look())
        await asyncio.shield(self._next_look)

    async def _look(self, within_s: float = _CATCH_UP_S) -> None:
        async with self._looking:
            self._next_look = None
            end = (await self._transport.extents([_PARTITION]))[_PARTITION].end
        try:
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(lambda: self._read >= end)
        except TimeoutError:
            raise LogUnavailable("the subscriptions could not be read to their end in time") from None

    async def put(self, subscription: Subscription) -> None:
        """Write it, with its inbox where it is new; returns once it is known. Outdated, LogError."""
        if subscription.id not in self._known:
            await self._transport.ensure(self._inboxes(subscription))
        value = self._own.subscription(subscription)
        key = subscription.id.encode()
        at = await self._transport.append(Message(SUBSCRIPTIONS, key, value, (("content-type", CONTENT_TYPE),)))
        await self.caught_up()
        if at.offset not in self._counted:
            raise Outdated(f"{subscription.id} was changed by somebody else meanwhile")

    async def _follow(self, reader: Reader) -> None:
        while True:
            told = [(each.position.offset, await self._told(each)) for each in await reader.take(wait_s=_WAIT_S)]
            # Together: each channel that is met for the first time costs a wait.
            new = {each.id: each for _, each in told if each is not None and each.id not in self._known}
            await self._ensure([each for each in new.values() if self._clock() < self._lies_until_ms(each)])
            for offset, each in told:
                self._fold(offset, each)
            async with self._news:
                self._read = reader.positions()[_PARTITION]
                self._news.notify_all()

    async def _lapse(self) -> None:
        """Tell those who wait for a change that fewer of them lie on the log."""
        lapsed = self._lapsed()
        while True:
            await asyncio.sleep(_LAPSE_S)
            before, lapsed = lapsed, self._lapsed()
            if lapsed > before:
                async with self._news:
                    self._version += 1
                    self._news.notify_all()

    def _lapsed(self) -> int:
        return len(self._known) - len(self.lying(self._clock()))

    async def _told(self, stored: Stored) -> Subscription | None:
        while True:
            try:
                return subscription_from_avro(await self._own.decode(stored.message.value))
            except LogError as error:
                log.warning("a subscription waits for the log: %s", error)
                await asyncio.sleep(_AGAIN_S)
            except (BusError, ValueError, LookupError, TypeError) as error:
                log.warning("passed over, not a subscription: %s: %s", stored.position, error)
                return None

    async def _ensure(self, told: Sequence[Subscription]) -> None:
        """Every process has to know an inbox before anything is copied to it."""
        specs = {spec.name: spec for each in told for spec in self._inboxes(each)}
        while specs and not self._read_only:
            try:
                await self._transport.ensure(list(specs.values()))
            except LogError as error:
                log.warning("new subscriptions wait for the log: %s", error)
                await asyncio.sleep(_AGAIN_S)
            else:
                return

    def _fold(self, offset: int, told: Subscription | None) -> None:
        if told is None:
            return
        known = self._known.get(told.id)
        if told.revision != (1 if known is None else known.revision + 1):
            return
        self._known[told.id] = told
        self._version += 1
        self._counted.append(offset)
        if told.replay_since_ms is not None:
            self._replays[offset] = told
