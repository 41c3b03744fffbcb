"""What every role shares: the log, the schemas on it, the bus's own records."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.clock import Clock, random_source, wall_clock_ms
from adapters.configuration.fold import ConfigurationFold
from adapters.configuration.statuses import StatusFold
from adapters.measures import CHANNEL as METRICS_CHANNEL
from adapters.own_records import OwnRecords
from adapters.registry import CHANNEL as SCHEMAS_CHANNEL
from adapters.registry import SchemaRegistry
from adapters.subjects import SubjectFold
from adapters.subscriptions.fold import SubscriptionFold
from adapters.transport.kafka_security import IN_CLEAR, BadCertificates, Login, Security, tls_of
from adapters.transport.memory import MemoryTransport
from adapters.transport.sqlite import SqliteTransport
from adapters.workspace.snapshot import Workspace
from contracts import channels
from contracts.catalogue import Grant, inboxes_of
from contracts.channels import Inbox
from contracts.errors import LogUnavailable
from contracts.outcome import Pattern
from contracts.ports import ChannelSpec, Transport
from contracts.registry.own import own_subjects
from contracts.said import said
from contracts.subscriptions import Subscription, subscription_inboxes
from contracts.trace import RandomBytes
from gateway.wiring.current import Current, take_over
from gateway.wiring.secrets import SecretMissing, secret_reader
from gateway.wiring.telemetry import Telemetry, open_telemetry

_DAY_MS: Final = 86_400_000
_STATUS_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Core:
    """The open log with what lies on it, and the configuration that is current."""

    current: Current
    transport: Transport
    registry: SchemaRegistry
    own: OwnRecords
    subjects: SubjectFold
    subscriptions: SubscriptionFold
    statuses: StatusFold
    clock: Clock
    random_bytes: RandomBytes
    telemetry: Telemetry

    @property
    def workspace(self) -> Workspace:
        """The workspace that is current now."""
        return self.current.workspace

    @property
    def configurations(self) -> ConfigurationFold:
        """All that were applied."""
        return self.current.fold

    async def close(self) -> None:
        """Let go of the log, and send the spans that wait. Idempotent."""
        folds = (self.statuses, self.subscriptions, self.subjects, self.configurations, self.registry)
        await asyncio.gather(*(each.close() for each in folds))
        await self.current.close()
        await self.transport.close()
        await self.telemetry.close()


async def open_core(workspace: Workspace, *, read_only: bool = False, roles: str = "") -> Core:
    """Open the log of `workspace` and make sure that it has every channel and schema. LogUnavailable.

    What was applied on that log takes the place of `workspace`, which says where this process finds it. `roles` names
    the process in traces, where it does not run everything.
    """
    transport = open_transport(workspace, read_only=read_only)
    await transport.start()
    registry = SchemaRegistry(transport)
    own = OwnRecords(registry)
    await registry.start()
    if not read_only:
        await own.start()
    configurations = ConfigurationFold(transport, own, read_only=read_only)
    await configurations.start()
    current = Current(workspace, configurations)
    await take_over(current)
    subscriptions = SubscriptionFold(
        transport,
        own,
        lambda subscription: subscription_specs(current.workspace, subscription),
        workspace.bus.retention_days * _DAY_MS,
        wall_clock_ms,
        read_only=read_only,
    )
    subjects = SubjectFold(transport, registry, own, wall_clock_ms, read_only=read_only)
    telemetry = Telemetry() if read_only else open_telemetry(workspace, roles)
    statuses = StatusFold(transport, own, wall_clock_ms)
    core = Core(
        current,
        transport,
        registry,
        own,
        subjects,
        subscriptions,
        statuses,
        wall_clock_ms,
        random_source(),
        telemetry,
    )
    await subjects.start()
    if not read_only:
        await make_room(core, current.workspace)
    await subscriptions.start()
    return core


async def make_room(core: Core, workspace: Workspace) -> None:
    """See that the log has every channel and every schema that `workspace` needs, beside those it has. LogError."""
    specs = {spec.name: spec for spec in channel_specs(workspace)}
    specs.update((spec.name, spec) for spec in _left_specs(core, workspace))
    for subscription in core.subscriptions.lying(core.clock()):
        specs.update((spec.name, spec) for spec in subscription_specs(workspace, subscription))
    await core.transport.ensure(list(specs.values()))
    await core.registry.register(
        schema
        for contract in workspace.contracts.values()
        for version in contract.versions.values()
        for schema in (version.request, version.reply)
        if schema is not None
    )
    await core.subjects.ensure(own_subjects(workspace.contracts, workspace.ingress, workspace.bus.prefix))


def open_transport(workspace: Workspace, *, read_only: bool) -> Transport:
    """The transport that `bus.yaml` names, not yet started. LogUnavailable where its secrets cannot be read."""
    url = workspace.bus.transport
    kind, _, rest = url.partition(":")
    if kind == "kafka":
        # A bus on the embedded log, and every command that needs no log, does without the client and its memory.
        from adapters.transport.kafka import KafkaTransport  # noqa: PLC0415

        brokers, security = rest.removeprefix("//"), kafka_security(workspace)
        return KafkaTransport(brokers, prefix=workspace.bus.prefix, security=security)
    if kind == "sqlite":
        return SqliteTransport(Path(workspace.root, rest), clock=wall_clock_ms, read_only=read_only)
    return MemoryTransport(clock=wall_clock_ms)


def kafka_security(workspace: Workspace) -> Security:
    """How `bus.yaml` says that Kafka is reached, with its secrets. LogUnavailable."""
    access, root = workspace.bus.kafka, workspace.root
    if access is None:
        return IN_CLEAR
    secret = secret_reader(root)
    try:
        login = None
        if access.sasl is not None:
            login = Login(access.sasl.mechanism, access.sasl.username, secret(access.sasl.password))
        if access.tls is None:
            return Security(None, login)
        tls = access.tls
        ca = None if tls.ca is None else root / tls.ca
        cert = None if tls.cert is None else root / tls.cert
        key = None if tls.key is None else root / tls.key.removeprefix("file:")
        return Security(tls_of(ca, cert, key, verify_host=tls.verify_host), login)
    except (BadCertificates, SecretMissing) as error:
        raise LogUnavailable(said("bus.yaml: kafka: {error}", error=error)) from None


def left_inboxes(core: Core, workspace: Workspace) -> list[Inbox]:
    """The inboxes that `workspace` has no more, and in which something may lie from before."""
    return sorted(core.configurations.inboxes().difference(inboxes(workspace)), key=lambda each: each.channel)


def retry_channels_s(core: Core, workspace: Workspace) -> list[int]:
    """The delays of all retry channels in which something may wait."""
    return sorted(core.configurations.retry_s().union(retry_delays_s(workspace)))


def _left_specs(core: Core, workspace: Workspace) -> Iterator[ChannelSpec]:
    bus = workspace.bus
    kept_ms = bus.retention_days * _DAY_MS
    for inbox in left_inboxes(core, workspace):
        yield ChannelSpec(inbox.channel, bus.channels.inbox, kept_ms)
        yield ChannelSpec(inbox.settled, bus.channels.inbox, kept_ms)
    for delay_s in retry_channels_s(core, workspace):
        yield ChannelSpec(channels.retry(delay_s), bus.channels.other, kept_ms)


def inboxes(workspace: Workspace) -> list[Inbox]:
    """The inboxes of those that provide a service, or are pushed events."""
    return inboxes_of(workspace.services, workspace.contracts)


def lying_inboxes(core: Core) -> list[Inbox]:
    """The inboxes in which something may lie: those of the workspace, today's and before, and of subscriptions."""
    lying = core.subscriptions.lying(core.clock())
    own = (inbox for each in lying for inbox in subscription_inboxes(each, core.workspace.contracts))
    return list(dict.fromkeys([*inboxes(core.workspace), *left_inboxes(core, core.workspace), *own]))


def ordered_channels(core: Core) -> set[str]:
    """The channels that are keyed by what their contract is ordered by."""
    workspace = core.workspace
    own = [inbox for inbox in lying_inboxes(core) if inbox.ordered is not None]
    events = {channels.event(name) for name in event_contracts(workspace) if workspace.contracts[name].ordered}
    return events | {name for inbox in own for name in (inbox.channel, inbox.settled)}


def grants_of(workspace: Workspace) -> dict[str, Grant]:
    """All grants, by id."""
    return {grant.id: grant for grant in workspace.grants}


def event_contracts(workspace: Workspace) -> list[str]:
    """The contracts whose events are published."""
    return sorted(each.name for each in workspace.contracts.values() if each.pattern is Pattern.EVENT)


def retry_delays_s(workspace: Workspace) -> list[int]:
    """The retry channels that the adapters use, and those that subscriptions may."""
    delays_s = {delay_s for adapter in workspace.adapters.values() for delay_s in adapter.retry_s}
    if event_contracts(workspace):
        delays_s.update(workspace.bus.subscriptions.retry_s)
    return sorted(delays_s)


def subscription_specs(workspace: Workspace, subscription: Subscription) -> list[ChannelSpec]:
    """The inboxes of a subscription, and their marks."""
    kept_ms = workspace.bus.retention_days * _DAY_MS
    return [
        ChannelSpec(name, workspace.bus.channels.inbox, kept_ms)
        for inbox in subscription_inboxes(subscription, workspace.contracts)
        for name in (inbox.channel, inbox.settled)
    ]


def channel_specs(workspace: Workspace) -> Iterator[ChannelSpec]:
    """Every channel of the bus, with its partitions and how long it is kept."""
    bus = workspace.bus
    kept_ms = bus.retention_days * _DAY_MS
    counts = bus.channels
    yield SCHEMAS_CHANNEL
    for inbox in inboxes(workspace):
        yield ChannelSpec(inbox.channel, counts.inbox, kept_ms)
        yield ChannelSpec(inbox.settled, counts.inbox, kept_ms)
    for delay_s in retry_delays_s(workspace):
        yield ChannelSpec(channels.retry(delay_s), counts.other, kept_ms)
    for contract in event_contracts(workspace):
        yield ChannelSpec(channels.event(contract), counts.other, kept_ms)
    for topic in workspace.ingress:
        yield ChannelSpec(topic.channel, counts.other, kept_ms)
    yield ChannelSpec(channels.REPLY, counts.reply, kept_ms)
    # These expire only once they have been archived.
    yield ChannelSpec(channels.DEAD, counts.other, None)
    yield ChannelSpec(channels.JOURNAL, counts.other, None)
    yield ChannelSpec(channels.STATUS, counts.other, _STATUS_MS)
    yield METRICS_CHANNEL
    # A request is there no longer than this: then there is nothing left to withdraw.
    yield ChannelSpec(channels.WITHDRAWALS, 1, kept_ms)
    if workspace.sources:
        # What was brought in long ago is known by its notes alone.
        yield ChannelSpec(channels.SOURCES, counts.other, None)
