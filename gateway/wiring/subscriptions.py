"""Subscriptions, joined for a worker: serving their inboxes, noting how that goes, replaying."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

from adapters.delivery.once import Marks
from adapters.delivery.pipeline import Tools
from adapters.delivery.waiting import Waiting
from adapters.subscriptions.binding import Binder
from adapters.subscriptions.discarding import Discarding
from adapters.subscriptions.health import Health
from adapters.subscriptions.replaying import Replayer
from adapters.subscriptions.serving import Serving
from contracts.records import Step, StepKind
from contracts.subscriptions import Subscription, SubscriptionState, journal_envelope
from contracts.trace import TraceContext
from gateway.wiring.core import Core, grants_of
from gateway.wiring.subscribing import sealer_of

_SHOWN: Final = (SubscriptionState.ACTIVE, SubscriptionState.PAUSED, SubscriptionState.DISABLED)


class SubscriptionsRole:
    """What of a worker process is for subscriptions. Used from one event loop."""

    def __init__(self, core: Core, tools: Tools, today: Callable[[], date]) -> None:
        self._core = core
        self._tools = tools
        fold = core.subscriptions
        self._health = Health(fold, core.clock, self._disable_after_s, self._disabled)
        binder = Binder(lambda: core.workspace, fold, sealer_of(core.workspace), self._health, core.clock)
        self.serving = Serving(
            core.transport,
            fold,
            binder.bind,
            # Marks belong to the consumer that read them: each worker has its own.
            lambda: replace(tools, marks=Marks(core.clock), waiting=Waiting(), grants=grants_of(core.workspace)),
            core.clock,
        )
        self._replayer = Replayer(
            core.transport, tools.outbox, fold, lambda: core.workspace.grants, today, core.telemetry.spans
        )
        self._discarding = Discarding(core.transport, fold, core.clock)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to serve. LogUnavailable."""
        await self.serving.start()
        await self._replayer.start()
        self._tasks = [
            asyncio.create_task(self._health.run(), name="subscriptions-health"),
            asyncio.create_task(self._count(), name="subscriptions-count"),
            asyncio.create_task(self._discarding.run(), name="subscriptions-discarding"),
        ]

    async def settle(self) -> None:
        """Serve by the configuration that is current now. LogError."""
        await self.serving.renew(grants_of(self._core.workspace))

    def _disable_after_s(self) -> int:
        return self._core.workspace.bus.subscriptions.disable_after_s

    async def stop(self) -> None:
        """End what is in flight, leave the rest to others. Idempotent."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._replayer.stop()
        await self.serving.stop()

    async def _count(self) -> None:
        version = -1
        while True:
            version = await self._core.subscriptions.changed(version)
            states = Counter(each.state for each in self._core.subscriptions.all())
            for state in _SHOWN:
                self._tools.metrics.subscriptions(state, states[state])

    async def _disabled(self, subscription: Subscription) -> None:
        core = self._core
        about = journal_envelope(subscription, core.workspace.hash, TraceContext.start(core.random_bytes))
        step = Step(StepKind.SUBSCRIPTION, "worker", "", f"disabled: {subscription.failure}")
        await self._tools.outbox.journal(about, step)
