"""Serving the inboxes of subscriptions: a worker in a group of its own, changed for another when there are new ones.

So the inboxes of the workspace's systems are never disturbed by what somebody subscribes to.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from adapters.clock import Clock
from adapters.delivery.pipeline import BoundSystem, Tools
from adapters.delivery.worker import Worker, inboxes_of
from adapters.subscriptions.fold import SubscriptionFold
from contracts.catalogue import Grant
from contracts.channels import Inbox
from contracts.errors import LogError
from contracts.ports import Partition, Transport
from contracts.subscriptions import Subscription, SubscriptionState

log = logging.getLogger(__name__)

GROUP: Final = "subscriptions"
_GATHER_S: Final = 0.2
_AGAIN_S: Final = 1.0


class Serving:
    """One member of the group that serves subscriptions. Used from one event loop.

    The new worker joins before the old one leaves, so that nobody waits for a call that hangs; what the old one has in
    flight ends there. What is left for a deleted subscription is settled too, as withheld.
    """

    def __init__(
        self,
        transport: Transport,
        fold: SubscriptionFold,
        bind: Callable[[Subscription], BoundSystem | None],
        tools: Callable[[], Tools],
        clock: Clock,
    ) -> None:
        self._transport = transport
        self._fold = fold
        self._bind = bind
        self._tools = tools
        self._clock = clock
        self._worker: Worker | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._served: frozenset[str] = frozenset()
        self._changing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve what there is, and follow what changes. LogUnavailable."""
        version = self._fold.version
        await self._apply()
        self._task = asyncio.create_task(self._follow(version), name="serving-subscriptions")

    async def stop(self) -> None:
        """End what is in flight, leave the rest to others. Idempotent."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.stop()
        await asyncio.gather(*self._leaving, return_exceptions=True)

    async def renew(self, grants: Mapping[str, Grant]) -> None:
        """Serve by another configuration: in place where the inboxes are the same, else by another member. LogError."""
        async with self._changing:
            wanted = self._fold.lying(self._clock())
            bound = self._bound(wanted)
            worker = self._worker
            if worker is not None and set(worker.inboxes) == set(inboxes_of(bound)):
                (await worker.prepare(bound, grants)).now()
            else:
                await self._change(wanted)
                self._served = frozenset(each.id for each in wanted)

    @property
    def inboxes(self) -> Mapping[str, Inbox]:
        """All that the worker of this moment may be given, by channel."""
        return {} if self._worker is None else self._worker.inboxes

    def backlog(self) -> Mapping[Partition, int]:
        """Messages that wait, for each inbox partition held."""
        return {} if self._worker is None else self._worker.backlog()

    def breaker_open_s(self, system: str) -> float:
        """How long the inbox of a subscription stays paused because its receiver is away; 0 where it is not."""
        return 0.0 if self._worker is None else self._worker.breaker_open_s(system)

    async def _follow(self, version: int) -> None:
        while True:
            await self._fold.changed(version)
            self._hold(self._worker)
            # New ones mostly come together.
            await asyncio.sleep(_GATHER_S)
            version = self._fold.version
            while True:
                try:
                    await self._apply()
                    break
                except LogError as error:
                    log.warning("subscriptions are served as before, trying again: %s", error)
                    await asyncio.sleep(_AGAIN_S)

    async def _apply(self) -> None:
        async with self._changing:
            wanted = self._fold.lying(self._clock())
            names = frozenset(each.id for each in wanted)
            if names != self._served:
                await self._change(wanted)
                self._served = names
        self._hold(self._worker)

    def _bound(self, wanted: Sequence[Subscription]) -> list[BoundSystem]:
        return [system for system in map(self._bind, wanted) if system is not None]

    async def _change(self, wanted: Sequence[Subscription]) -> None:
        bound = self._bound(wanted)
        new = Worker(self._transport, bound, self._tools(), group=GROUP)
        self._hold(new)
        try:
            await new.start()
        except BaseException:
            await new.stop()
            raise
        old, self._worker = self._worker, new
        log.info("%d subscriptions are served", len(bound))
        if old is not None:
            leaving = asyncio.create_task(old.stop())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    def _hold(self, worker: Worker | None) -> None:
        if worker is None:
            return
        for each in self._fold.lying(self._clock()):
            if each.state in {SubscriptionState.PAUSED, SubscriptionState.DISABLED}:
                worker.hold(each.id)
            else:
                worker.release(each.id)
