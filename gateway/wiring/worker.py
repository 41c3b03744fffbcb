"""The worker role, joined: providers, services, the onion, the forwarder, the status."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from prometheus_client import CollectorRegistry

from adapters.delivery.fanout import FanOut
from adapters.delivery.once import Marks
from adapters.delivery.outbox import Outbox
from adapters.delivery.pipeline import BoundSystem, Tools
from adapters.delivery.retry import Forwarder
from adapters.delivery.status import StatusPublisher
from adapters.delivery.waiting import Waiting
from adapters.delivery.withdrawals import Withdrawals
from adapters.delivery.worker import Worker
from adapters.hurry import HurriedProvider, Hurry
from adapters.metrics import WorkerMetrics
from adapters.subscriptions.recipients import Recipients
from adapters.workspace.snapshot import Workspace
from contracts.catalogue import Grant
from contracts.handed_over import with_former_holders
from contracts.outcome import Pattern
from contracts.ports import Ledger
from gateway.wiring.core import Core, event_contracts, grants_of, retry_channels_s
from gateway.wiring.current import Switch
from gateway.wiring.subscriptions import SubscriptionsRole
from gateway.wiring.systems import all_systems, subscribers

GROUP = "worker"

Member = TypeVar("Member", Forwarder, FanOut)


class WorkerRole:
    """Everything that a worker process runs. Used from one event loop."""

    def __init__(self, core: Core, ledger: Ledger, metrics: CollectorRegistry, instance: str, hurry: Hurry) -> None:
        instruments = WorkerMetrics(metrics)
        self._core = core
        self._hurry = hurry
        self._outbox = Outbox(core.transport, core.own, core.clock, core.random_bytes, core.telemetry.spans)
        self._today = partial(_today, core)
        self._withdrawals = Withdrawals(core.transport, core.own)
        self._tools = Tools(
            self._outbox,
            Marks(core.clock),
            Waiting(),
            self._withdrawals,
            ledger,
            core.registry,
            instruments,
            core.clock,
            core.random_bytes,
            grants_of(core.workspace),
            self._today,
            core.telemetry.spans,
            core.current.reach.up_to,
        )
        self._worker = Worker(core.transport, self._systems(core.workspace), self._tools, group=GROUP)
        self._delays_s = retry_channels_s(core, core.workspace)
        self._forwarder = self._new_forwarder()
        self._recipients = Recipients(
            core.subscriptions, subscribers(core.workspace), _held(core.workspace), self._today
        )
        self._events = event_contracts(core.workspace)
        self._fan_out = self._new_fan_out()
        self._subscriptions = SubscriptionsRole(core, self._tools, self._today)
        served = (self._worker, self._subscriptions.serving)
        self._status = StatusPublisher(core.transport, core.own, served, instruments, core.clock, instance)
        self._status_task: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to work. LogUnavailable."""
        await self._withdrawals.start()
        await self._worker.start()
        await self._forwarder.start()
        await self._subscriptions.start()
        await self._fan_out.start()
        self._status_task = asyncio.create_task(self._status.run())

    async def stop(self) -> None:
        """End what is in flight, all parts at once; leave the rest to others. Idempotent."""
        if self._status_task is not None:
            self._status_task.cancel()
            await asyncio.gather(self._status_task, return_exceptions=True)
            self._status_task = None
        parts = (self._fan_out, self._subscriptions, self._forwarder, self._worker)
        await asyncio.gather(*(part.stop() for part in parts))
        await asyncio.gather(*self._leaving, return_exceptions=True)
        await self._withdrawals.close()

    async def try_out(self, workspace: Workspace) -> None:
        """Open every provider, and contact none. CannotOpen, SecretMissing, and whatever a plug-in raises."""
        for system in await asyncio.to_thread(self._systems, workspace):
            await system.provider.close()

    async def prepare(self, workspace: Workspace) -> Switch:
        """Ready for another configuration. CannotOpen, SecretMissing, and whatever a plug-in raises."""
        grants, configured = grants_of(workspace), subscribers(workspace)
        systems = await asyncio.to_thread(self._systems, workspace)
        rebinding = await self._worker.prepare(systems, grants)

        def now() -> None:
            rebinding.now()
            self._tools = replace(self._tools, grants=grants)
            self._recipients.configure(configured, _held(workspace))

        return Switch(now, self._settle, rebinding.abandon)

    def _systems(self, workspace: Workspace) -> list[BoundSystem]:
        """All systems, whose queries let those know who give way to them."""
        queries = {each.name for each in workspace.contracts.values() if each.pattern is Pattern.QUERY}
        return [
            replace(system, provider=HurriedProvider(system.provider, queries, self._hurry))
            for system in all_systems(self._core, workspace)
        ]

    async def _settle(self) -> None:
        """Join the groups for what is new: of those that move something, the new member before the old one leaves."""
        workspace = self._core.workspace
        await self._worker.join()
        delays_s = retry_channels_s(self._core, workspace)
        if delays_s != self._delays_s:
            self._forwarder = await self._in_place_of(self._forwarder, self._new_forwarder())
            self._delays_s = delays_s
        events = event_contracts(workspace)
        if events != self._events:
            self._fan_out = await self._in_place_of(self._fan_out, self._new_fan_out())
            self._events = events
        await self._subscriptions.settle()

    async def _in_place_of(self, old: Member, new: Member) -> Member:
        try:
            await new.start()
        except BaseException:
            await new.stop()
            raise
        leaving = asyncio.create_task(old.stop())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)
        return new

    def _new_forwarder(self) -> Forwarder:
        delays_s = retry_channels_s(self._core, self._core.workspace)
        return Forwarder(self._core.transport, self._outbox, self._core.clock, delays_s)

    def _new_fan_out(self) -> FanOut:
        core = self._core
        informed, up_to = core.subscriptions.caught_up, core.current.reach.up_to
        events = event_contracts(core.workspace)
        return FanOut(core.transport, self._outbox, events, self._recipients, informed, up_to, core.telemetry.spans)


def _held(workspace: Workspace) -> tuple[Grant, ...]:
    """The grants by which subscriptions are pushed: who goes on with a system's work has its subscriptions."""
    return with_former_holders(workspace.grants, workspace.systems)


def _today(core: Core) -> date:
    return datetime.fromtimestamp(core.clock() / 1000, core.workspace.bus.time_zone).date()
