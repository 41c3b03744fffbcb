"""Reads a whole workspace: everything that is wrong in one run, or frozen values to run a bus with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.clock import Clock, wall_clock_ms
from adapters.workspace.adapter_files import read_adapters
from adapters.workspace.agencies import Agencies, read_agencies
from adapters.workspace.bus_models import BusModel
from adapters.workspace.contract_files import Surroundings, read_contracts
from adapters.workspace.contract_life import check_breaks, check_sunsets
from adapters.workspace.documents import WHOLE, Document
from adapters.workspace.files import Files
from adapters.workspace.grant_files import read_grants
from adapters.workspace.grounds import Grounds
from adapters.workspace.kafka_access import read_kafka_access
from adapters.workspace.law_files import read_laws
from adapters.workspace.lists import read_lists
from adapters.workspace.report import Report
from adapters.workspace.secrets_in_clear import find_secrets
from adapters.workspace.snapshot import (
    BusConfig,
    ChannelCounts,
    Http,
    KafkaAccess,
    Publishing,
    SubscriptionRules,
    Workspace,
)
from adapters.workspace.users import read_users
from contracts.affected import Users
from contracts.findings import Finding
from contracts.languages import Language
from contracts.said import said
from contracts.spelling import meant

BUS: Final = "bus.yaml"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workspace, None where something is wrong with it, and everything there is to mend.

    `files` are those that it was read from, by their names from its folder on.
    """

    workspace: Workspace | None
    findings: Sequence[Finding]
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def load(root: Path, clock: Clock = wall_clock_ms) -> Loaded:
    """Read the workspace in `root`. Never raises for what is in it; secrets are not looked up.

    `clock` gives the time for which examples are checked, where a code is governed by the time of its message.
    """
    report = Report()
    if not _is_workspace(root, report):
        return Loaded(None, report.findings)
    files = Files(root, report)
    workspace = _read(root, files, report, clock)
    for name in _yaml_files(root):
        document = files.document(name)
        if document is not None:
            find_secrets(report, document)
    files.warn_of_strangers()
    return Loaded(None if report.failed else workspace, report.findings, files.contents)


def load_bus(root: Path) -> tuple[BusConfig | None, Sequence[Finding]]:
    """`bus.yaml` alone, for what has to be quick and asks a running bus for the rest; None where it has errors."""
    report = Report()
    if not _is_workspace(root, report):
        return None, report.findings
    files = Files(root, report)
    document = files.document(BUS)
    model = None if document is None else report.read(BusModel, document, document.tree)
    if document is None or model is None:
        return None, report.findings
    bus = _bus(model, read_kafka_access(files, report, document, model))
    return None if report.failed else bus, report.findings


def _is_workspace(root: Path, report: Report) -> bool:
    found = (root / BUS).is_file()
    if not found:
        not_one = said("{root} is not a workspace", root=root)
        report.add(BUS, WHOLE, not_one, said("give the folder that holds {bus}", bus=BUS))
    return found


def _read(root: Path, files: Files, report: Report, clock: Clock) -> Workspace | None:
    document = files.document(BUS)
    bus = None if document is None else report.read(BusModel, document, document.tree)
    # Everything else is read all the same: who mends a workspace wants to see all of it at once.
    model = bus or BusModel(name="unknown", transport="memory:", ledger="sqlite:x", token_key="file:x")  # noqa: S106 - no secret
    lists, names = read_lists(files, report)
    now = datetime.fromtimestamp(clock() / 1000, UTC)
    around = Surroundings(lists, names, model.time_zone, now)
    agencies = read_agencies(files, report)
    contracts = read_contracts(files, report, around)
    adapters = read_adapters(files, report, around, agencies, contracts, retention_days=model.retention_days)
    laws = read_laws(files, report)
    today = now.astimezone(model.time_zone).date()
    grounds = Grounds(report, laws, today, Language(model.languages[0]))
    grants = read_grants(files, report, agencies, contracts, adapters, grounds)
    check_sunsets(report, files, contracts.found.values(), grants, today)
    uses = Users(grants, tuple(adapters.services), tuple(adapters.publishers), today)
    check_breaks(report, files, contracts.found.values(), uses)
    users = read_users(files, report)
    if document is None or bus is None:
        return None
    kafka = read_kafka_access(files, report, document, bus)
    _check_publisher(report, document, bus, agencies)
    return Workspace(
        root=root,
        folder=root,
        hash=files.hash(),
        bus=_bus(bus, kafka),
        agencies=agencies.agencies,
        systems=agencies.systems,
        contracts=contracts.found,
        adapters=adapters.found,
        services=tuple(adapters.services),
        publishers=tuple(adapters.publishers),
        grants=grants,
        codelists=lists,
        sources=tuple(adapters.sources),
        ingress=tuple(adapters.ingress),
        users=users,
        laws=laws,
        files=files.contents,
    )


def _check_publisher(report: Report, document: Document, model: BusModel, agencies: Agencies) -> None:
    code = model.publish.publisher
    if code is not None and agencies.lacks_agency(code):
        remedy = meant(code, agencies.agencies, said("agencies"))
        report.at(document, ("publish", "publisher"), said("there is no agency {code}", code=code), remedy)


def _bus(model: BusModel, kafka: KafkaAccess | None) -> BusConfig:
    return BusConfig(
        name=model.name,
        transport=model.transport,
        ledger=model.ledger,
        token_key=model.token_key,
        languages=tuple(model.languages),
        time_zone=model.time_zone,
        retention_days=model.retention_days,
        channels=ChannelCounts(model.channels.inbox, model.channels.reply, model.channels.other),
        prefix=model.prefix or model.name,
        http=Http(model.http.host, model.http.port),
        subscriptions=SubscriptionRules(
            model.subscriptions.allow_private,
            tuple(model.subscriptions.retry),
            model.subscriptions.disable_after,
            model.subscriptions.most,
        ),
        kafka=kafka,
        otlp=None if model.telemetry is None else model.telemetry.otlp,
        log=model.log,
        publish=Publishing(model.publish.url, model.publish.publisher, model.publish.portal == "public"),
    )


def _yaml_files(root: Path) -> list[str]:
    found = [path for pattern in ("*.yaml", "*/*.yaml", "contracts/*/*.yaml") for path in root.glob(pattern)]
    return sorted({path.relative_to(root).as_posix() for path in found})
