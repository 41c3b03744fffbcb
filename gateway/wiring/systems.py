"""From a workspace to systems as a worker holds them: providers, services with their mappings, who is pushed events."""

from __future__ import annotations

from dataclasses import replace

from adapters.delivery.fanout import Subscriber
from adapters.delivery.pipeline import BoundSystem
from adapters.delivery.services import BoundService, service_name
from adapters.mapping.compile import compile_mapping
from adapters.systems.absent import Nobody
from adapters.systems.kinds import address_of, open_provider
from adapters.workspace.snapshot import AdapterConfig, ServiceConfig, Workspace
from contracts.catalogue import Contract
from contracts.handed_over import holder_of, with_former_providers
from contracts.outcome import Pattern
from contracts.validation import Validator
from gateway.wiring.core import Core, left_inboxes
from gateway.wiring.secrets import secret_reader


def subscribers(workspace: Workspace) -> list[Subscriber]:
    """Every system that is pushed events."""
    known = with_former_providers(workspace.grants, workspace.systems)
    return [
        Subscriber(
            service.system,
            service.contract,
            service.major,
            tuple(
                grant
                for grant in known
                if (grant.system, grant.contract, grant.major) == (service.system, service.contract, service.major)
            ),
        )
        for service in workspace.services
        if workspace.contracts[service.contract].pattern is Pattern.EVENT
    ]


def all_systems(core: Core, workspace: Workspace) -> list[BoundSystem]:
    """Every system of `workspace` that provides a service and, with no service, whatever else has an inbox in which
    something may lie: who is sent nothing any more has dead letters, which a person sees."""
    left: dict[str, set[str]] = {}
    for inbox in left_inboxes(core, workspace):
        left.setdefault(inbox.system, set()).update(() if inbox.ordered is None else (inbox.ordered,))
    bound = [replace(system, left=tuple(sorted(left.pop(system.id, ())))) for system in bound_systems(workspace)]
    heirs = _heirs(workspace, left)
    nobody = [_nobody(system, tuple(sorted(contracts))) for system, contracts in sorted(left.items())]
    return [*bound, *heirs, *nobody]


def _heirs(workspace: Workspace, left: dict[str, set[str]]) -> list[BoundSystem]:
    """For each inbox of a system that was handed over, who goes on with its work: under the inbox's own marks, so that
    what was called, or tried, before is known. Takes them out of `left`.

    Orders are kept within an inbox: of an ordered contract only what lies here is looked after, new records do not
    come here any more.
    """
    former = {system: holder for system in left if (holder := holder_of(workspace.systems, system)) != system}
    heirs = []
    for system, holder in sorted(former.items()):
        # Each has a provider of its own: they are closed one by one.
        for bound in bound_systems(workspace, frozenset({holder})):
            ordered = tuple(sorted(left.pop(system)))
            services = {key: each for key, each in bound.services.items() if not each.ordered or key[0] in ordered}
            heirs.append(replace(bound, id=system, services=services, left=ordered))
    return heirs


def _nobody(system: str, contracts: tuple[str, ...]) -> BoundSystem:
    return BoundSystem(system, Nobody(system), {}, 1, 1, 1.0, (), left=contracts)


def bound_systems(workspace: Workspace, only: frozenset[str] | None = None) -> list[BoundSystem]:
    """Every system that provides a service, or those of them, ready to be called."""
    secret = secret_reader(workspace.root)
    systems = []
    for adapter in workspace.adapters.values():
        if not adapter.services or (only is not None and adapter.system not in only):
            continue
        services = {(each.contract, each.major): _bound(workspace, adapter, each) for each in adapter.services}
        operations = {service_name(each.contract, each.major): each.operation for each in adapter.services}
        provider = open_provider(adapter.kind, adapter.connection, operations, base=workspace.folder, secrets=secret)
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
