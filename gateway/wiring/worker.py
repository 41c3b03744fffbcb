"""The worker role, joined: providers, services, the onion, the forwarder, the status."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from prometheus_client import CollectorRegistry

from adapters.delivery.fanout import FanOut, Subscriber
from adapters.delivery.once import Marks
from adapters.delivery.outbox import Outbox
from adapters.delivery.pipeline import BoundSystem, Tools
from adapters.delivery.retry import Forwarder
from adapters.delivery.services import BoundService, service_name
from adapters.delivery.status import StatusPublisher
from adapters.delivery.worker import Worker
from adapters.hurry import HurriedProvider, Hurry
from adapters.mapping.compile import compile_mapping
from adapters.metrics import WorkerMetrics
from adapters.subscriptions.recipients import Recipients
from adapters.systems.kinds import address_of, open_provider
from adapters.workspace.snapshot import AdapterConfig, ServiceConfig, Workspace
from contracts.catalogue import Contract
from contracts.outcome import Pattern
from contracts.ports import Ledger
from contracts.validation import Validator
from gateway.wiring.core import Core, event_contracts, retry_delays_s
from gateway.wiring.secrets import secret_reader
from gateway.wiring.subscriptions import SubscriptionsRole

GROUP = "worker"


class WorkerRole:
    """Everything that a worker process runs. Used from one event loop."""

    def __init__(self, core: Core, ledger: Ledger, metrics: CollectorRegistry, instance: str, hurry: Hurry) -> None:
        instruments = WorkerMetrics(metrics)
        spans = core.telemetry.spans
        outbox = Outbox(core.transport, core.own, core.clock, core.random_bytes, spans)
        grants = {grant.id: grant for grant in core.workspace.grants}
        today = partial(_today, core)
        tools = Tools(
            outbox,
            Marks(core.clock),
            ledger,
            core.registry,
            instruments,
            core.clock,
            core.random_bytes,
            grants,
            today,
            spans,
        )
        systems = [_telling(each, core.workspace, hurry) for each in bound_systems(core.workspace)]
        self._worker = Worker(core.transport, systems, tools, group=GROUP)
        self._forwarder = Forwarder(core.transport, outbox, core.clock, retry_delays_s(core.workspace))
        fold = core.subscriptions
        who = Recipients(fold, subscribers(core.workspace), core.workspace.grants, today)
        events = event_contracts(core.workspace)
        self._fan_out = FanOut(core.transport, outbox, events, who, fold.caught_up, spans)
        self._subscriptions = SubscriptionsRole(core, tools, today)
        served = (self._worker, self._subscriptions.serving)
        self._status = StatusPublisher(core.transport, core.own, served, instruments, core.clock, instance)
        self._status_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to work. LogUnavailable."""
        await self._worker.start()
        await self._forwarder.start()
        await self._subscriptions.start()
        await self._fan_out.start()
        self._status_task = asyncio.create_task(self._status.run())

    async def stop(self) -> None:
        """End what is in flight, leave the rest to others. Idempotent."""
        if self._status_task is not None:
            self._status_task.cancel()
            await asyncio.gather(self._status_task, return_exceptions=True)
            self._status_task = None
        await self._fan_out.stop()
        await self._subscriptions.stop()
        await self._forwarder.stop()
        await self._worker.stop()


def subscribers(workspace: Workspace) -> list[Subscriber]:
    """Every system that is pushed events."""
    return [
        Subscriber(
            service.system,
            service.contract,
            service.major,
            tuple(
                grant
                for grant in workspace.grants
                if (grant.system, grant.contract, grant.major) == (service.system, service.contract, service.major)
            ),
        )
        for service in workspace.services
        if workspace.contracts[service.contract].pattern is Pattern.EVENT
    ]


def _telling(system: BoundSystem, workspace: Workspace, hurry: Hurry) -> BoundSystem:
    """The system, whose queries let those know who give way to them."""
    queries = {each.name for each in workspace.contracts.values() if each.pattern is Pattern.QUERY}
    return replace(system, provider=HurriedProvider(system.provider, queries, hurry))


def _today(core: Core) -> date:
    return datetime.fromtimestamp(core.clock() / 1000, core.workspace.bus.time_zone).date()


def bound_systems(workspace: Workspace) -> list[BoundSystem]:
    """Every system that provides a service, ready to be called."""
    secret = secret_reader(workspace.root)
    systems = []
    for adapter in workspace.adapters.values():
        if not adapter.services:
            continue
        services = {(each.contract, each.major): _bound(workspace, adapter, each) for each in adapter.services}
        operations = {service_name(each.contract, each.major): each.operation for each in adapter.services}
        provider = open_provider(adapter.kind, adapter.connection, operations, base=workspace.root, secrets=secret)
        systems.append(
            BoundSystem(
                id=adapter.system,
                provider=provider,
                services=services,
                concurrency=adapter.concurrency,
                breaker_failures=adapter.breaker.failures,
                breaker_pause_s=adapter.breaker.pause_s,
                retry_s=adapter.retry_s,
                rate_per_s=None if adapter.rate is None else adapter.rate.per_second,
                address=address_of(adapter.kind, adapter.connection),
                rate_burst=1 if adapter.rate is None else adapter.rate.burst,
            )
        )
    return systems


def _bound(workspace: Workspace, adapter: AdapterConfig, service: ServiceConfig) -> BoundService:
    contract: Contract = workspace.contracts[service.contract]
    version = contract.versions[service.major]
    codelists = workspace.codelists
    zone = workspace.bus.time_zone
    return BoundService(
        contract=service.contract,
        major=service.major,
        system=adapter.system,
        pattern=contract.pattern,
        idempotent=service.idempotent,
        operation=service_name(service.contract, service.major),
        request=version.request,
        reply=None if version.reply is None else Validator(version.reply, zone, codelists),
        reply_schema=version.reply,
        request_map=None if service.request_map is None else compile_mapping(service.request_map),
        parts_map=None if service.parts_map is None else compile_mapping(service.parts_map),
        reply_map=None if service.reply_map is None else compile_mapping(service.reply_map),
        extra=service.extra,
        zone=zone,
        codelists=codelists,
        ordered=contract.ordered is not None,
    )
