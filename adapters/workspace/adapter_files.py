"""Reads `systems/<system>.yaml`: how the bus talks to each system, what it provides, and what it brings in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import PurePosixPath

from pydantic import BaseModel

from adapters.mapping.check import check_mapping
from adapters.mapping.language import FieldsSpec, MapSpec
from adapters.systems.kinds import KINDS
from adapters.workspace.adapter_models import AdapterModel, ExampleModel, ServiceModel
from adapters.workspace.agencies import Agencies
from adapters.workspace.areas import check_areas, read_area
from adapters.workspace.contract_files import NAMED, Contracts, Surroundings, read_schema
from adapters.workspace.documents import Document, Loc
from adapters.workspace.expected_errors import expected_error
from adapters.workspace.files import Files
from adapters.workspace.report import Report
from adapters.workspace.snapshot import (
    AdapterConfig,
    Breaker,
    Direction,
    Example,
    ExampleContext,
    Rate,
    ServiceConfig,
    SourceConfig,
)
from adapters.workspace.source_files import check_sources, read_source
from adapters.workspace.values import DAY_S, split_version
from contracts.catalogue import Area, Contract, Ingress, Publisher, Service, inboxes_of
from contracts.channels import Inbox
from contracts.outcome import Pattern
from contracts.said import both, either, said
from contracts.schema import Schema
from contracts.spelling import meant, near
from contracts.validation import Extra

_EXTRA: Mapping[str, Extra] = {"strict": Extra.REFUSE, "drop_and_report": Extra.DROP_AND_REPORT}


@dataclass(slots=True)
class Adapters:
    """The adapters that can be used.

    `offers` is who provides (contract, major), or publishes its events, also where the adapter is broken otherwise;
    `promised` who says to provide a contract, also where that is broken; `unclear` are the systems of which it cannot
    be said what they provide. `takers` are the services that are pushed events, with the places that say so.
    """

    found: dict[str, AdapterConfig] = field(default_factory=dict)
    services: list[Service] = field(default_factory=list)
    publishers: list[Publisher] = field(default_factory=list)
    takers: list[tuple[Service, Document, Loc]] = field(default_factory=list)
    sources: list[SourceConfig] = field(default_factory=list)
    ingress: list[Ingress] = field(default_factory=list)
    offers: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    promised: dict[str, set[str]] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)


def read_adapters(
    files: Files,
    report: Report,
    around: Surroundings,
    agencies: Agencies,
    contracts: Contracts,
    *,
    retention_days: int,
) -> Adapters:
    """Every adapter."""
    return _Reader(files, report, around, agencies, contracts, retention_days).read()


class _Reader:
    def __init__(
        self,
        files: Files,
        report: Report,
        around: Surroundings,
        agencies: Agencies,
        contracts: Contracts,
        retention_days: int,
    ) -> None:
        self._files = files
        self._report = report
        self._around = around
        self._agencies = agencies
        self._contracts = contracts
        self._retention_s = retention_days * DAY_S
        self._found = Adapters()
        self._places: dict[str, list[tuple[Service, Document, Loc]]] = {}
        self._source_places: list[tuple[SourceConfig, Document, Loc]] = []
        self._inboxes: dict[str, Inbox] = {}
        self._ingresses: dict[str, Ingress] = {}

    def read(self) -> Adapters:
        for name in self._files.names("systems", ".yaml"):
            document = self._files.document(name)
            model = None if document is None else self._report.read(AdapterModel, document, document.tree)
            if document is not None and model is not None:
                self._adapter(document, PurePosixPath(name).stem, model)
            else:
                self._found.unclear.add(PurePosixPath(name).stem)
        for contract, offers in self._places.items():
            if contract in self._contracts.unsound:
                continue
            found = self._contracts.found[contract]
            codes = None if found.route is None else self._around.lists.get(found.route.codelist)
            check_areas(self._report, found, offers, codes)
        check_sources(self._report, self._source_places)
        return self._found

    def _adapter(self, document: Document, system: str, model: AdapterModel) -> None:
        if self._agencies.lacks(system):
            message = said("there is no system {system}: the file's name is the system's id", system=system)
            self._report.at(document, (), message, meant(system, self._agencies.systems, said("systems")))
        known = self._agencies.systems.get(system)
        if known is not None and known.handed_over is not None:
            message = said("{system} was handed over to {heir}", system=system, heir=known.handed_over.to)
            self._report.at(document, (), message, said("remove this file: what it provided, its heir provides"))
        self._publishes(document, system, model)
        self._ingress(document, system, model)
        for index, source in enumerate(model.sources):
            loc: Loc = ("sources", index)
            read = read_source(self._report, document, loc, system, source, self._contracts, self._around)
            if read is not None:
                self._found.sources.append(read)
                self._source_places.append((read, document, loc))
                self._check_publishes(document, loc, read)
        called = model.model_fields_set & {"kind", "connection", "services"}
        if called or not (model.sources or model.publishes):
            self._provider(document, system, model)

    def _provider(self, document: Document, system: str, model: AdapterModel) -> None:
        """How the system is called, and for what."""
        self._tell_missing(document, model)
        if not model.services:
            self._found.unclear.add(system)
        kind = None if model.kind is None else KINDS.get(model.kind)
        if model.kind is not None and kind is None:
            message = said("there is no kind of provider “{kind}”", kind=model.kind)
            self._report.at(document, ("kind",), message, meant(model.kind, KINDS, said("kinds")))
        retry = self._retry(document, model)
        connection = None
        if kind is not None and model.connection is not None:
            connection = self._report.read(kind.connection, document, model.connection, ("connection",))
            for file in () if connection is None else kind.files(connection):
                self._files.take(file)
        services = []
        seen: set[tuple[str, int]] = set()
        for index, each in enumerate(model.services):
            loc = ("services", index)
            operation = None
            if kind is not None:
                operation = self._report.read(kind.operation, document, each.operation, (*loc, "operation"))
            service = self._service(document, loc, system, each, operation, seen)
            if service is not None:
                services.append(service)
                if kind is not None:
                    self._check_clashes(document, (*loc, "operation"), kind.name, connection, service)
        if kind is not None and connection is not None and len(services) == len(model.services):
            breaker = Breaker(model.breaker.failures, model.breaker.pause_s)
            rate = None if model.rate is None else Rate(model.rate.per_second, model.rate.burst)
            self._found.found[system] = AdapterConfig(
                system, kind.name, connection, model.concurrency, breaker, retry, tuple(services), rate
            )

    def _retry(self, document: Document, model: AdapterModel) -> tuple[int, ...]:
        retry = tuple(model.retry)
        if list(retry) != sorted(set(retry)):
            self._report.at(document, ("retry",), said("delays must grow"), said("write the shortest first, each once"))
        if sum(retry) >= self._retention_s:
            message = said("all delays together are longer than the log keeps messages")
            self._report.at(document, ("retry",), message, said("shorten them, or raise retention_days in bus.yaml"))
        return retry

    def _check_clashes(
        self, document: Document, loc: Loc, kind: str, connection: BaseModel | None, service: ServiceConfig
    ) -> None:
        """What cannot be seen in the operation alone. A connection with faults of its own says nothing."""
        if connection is None:
            return
        pattern = self._contracts.found[service.contract].pattern
        for clash in KINDS[kind].clashes(connection, service.operation, pattern):
            self._report.at(document, (*loc, *clash.loc), clash.message, clash.remedy, of_key=True)

    def _tell_missing(self, document: Document, model: AdapterModel) -> None:
        """What is called needs these three; a system that only brings records in needs none of them."""
        for name in ("kind", "connection", "services"):
            if name not in model.model_fields_set:
                what = AdapterModel.model_fields[name].description
                self._report.at(
                    document,
                    (),
                    said("{name} is missing", name=name),
                    said("add: {name}: … ({what})", name=name, what=said(str(what))),
                )

    def _service(
        self,
        document: Document,
        loc: Loc,
        system: str,
        model: ServiceModel,
        operation: BaseModel | None,
        seen: set[tuple[str, int]],
    ) -> ServiceConfig | None:
        named = self._contract(document, loc, model, seen)
        if named is None:
            self._check_as_far_as_it_goes(document, loc, system, model)
            return None
        contract, major = named
        area, area_is_sound = self._area(document, loc, model)
        service = Service(contract.name, major, system, model.idempotent, area)
        self._found.services.append(service)
        self._check_inboxes(document, loc, service)
        if contract.pattern is Pattern.EVENT:
            self._found.takers.append((service, document, loc))
        if area_is_sound:
            self._places.setdefault(contract.name, []).append((service, document, loc))
        version = contract.versions[major]
        takes = self._format(document, (*loc, "request_format"), model.request_format)
        answers = self._format(document, (*loc, "reply_format"), model.reply_format)
        if contract.pattern is not Pattern.QUERY and model.reply is not None:
            message = said("{named} has no reply to map", named=NAMED[contract.pattern])
            self._report.at(document, (*loc, "reply"), message, said("remove it"), of_key=True)
        self._check_map(document, (*loc, "request"), model.request, version.request, takes)
        self._check_map(document, (*loc, "parts"), model.parts, version.request, None)
        if version.reply is not None:
            self._check_map(document, (*loc, "reply"), model.reply, answers, version.reply)
        if operation is not None:
            self._check_parts(document, loc, model, operation)
        examples = [
            example
            for index, each in enumerate(model.examples)
            if (example := self._example(document, (*loc, "examples", index), each, contract)) is not None
        ]
        if operation is None or not area_is_sound or len(examples) < len(model.examples):
            return None
        return ServiceConfig(
            contract=contract.name,
            major=major,
            idempotent=model.idempotent,
            operation=operation,
            area=area,
            extra=_EXTRA[model.extra],
            request_map=model.request,
            reply_map=model.reply,
            parts_map=model.parts,
            request_format=takes,
            reply_format=answers,
            examples=tuple(examples),
        )

    def _check_inboxes(self, document: Document, loc: Loc, service: Service) -> None:
        """No two inboxes have one channel: an ordered contract's is named for both system and contract."""
        for inbox in inboxes_of([service], self._contracts.found):
            other = self._inboxes.setdefault(inbox.channel, inbox)
            if other != inbox:
                message = said(
                    "{inbox} and {other} would have the same inbox, {channel}",
                    inbox=_named(inbox),
                    other=_named(other),
                    channel=inbox.channel,
                )
                self._report.at(
                    document, (*loc, "contract"), message, said("give a system or the contract another name")
                )

    def _check_as_far_as_it_goes(self, document: Document, loc: Loc, system: str, model: ServiceModel) -> None:
        """A service of a contract that is broken, or of none."""
        name, major = split_version(model.contract)
        schemas = self._contracts.schemas.get(name, {})
        if name in self._contracts.found or not schemas:
            self._found.unclear.add(system)
            return
        request, reply = schemas.get(max(schemas) if major is None else major, (None, None))
        takes = self._format(document, (*loc, "request_format"), model.request_format)
        answers = self._format(document, (*loc, "reply_format"), model.reply_format)
        self._check_map(document, (*loc, "request"), model.request, request, takes)
        self._check_map(document, (*loc, "parts"), model.parts, request, None)
        self._check_map(document, (*loc, "reply"), model.reply, answers, reply)

    def _check_publishes(self, document: Document, loc: Loc, source: SourceConfig) -> None:
        """What a source brings in as events, its system publishes; nobody may who does not say so."""
        is_event = self._contracts.found[source.contract].pattern is Pattern.EVENT
        wanted = Publisher(source.contract, source.major, source.system)
        if is_event and wanted not in self._found.publishers:
            message = said(
                "{system} does not publish {contract}@{major}",
                system=source.system,
                contract=source.contract,
                major=source.major,
            )
            self._report.at(
                document, (*loc, "contract"), message, said("add: publishes: [{contract}]", contract=source.contract)
            )

    def _publishes(self, document: Document, system: str, model: AdapterModel) -> None:
        """Who publishes is to a grant for events what who provides is to one for queries."""
        seen: set[tuple[str, int]] = set()
        for index, published in enumerate(model.publishes):
            loc: Loc = ("publishes", index)
            named = self._version(document, loc, published, seen)
            if named is None:
                continue
            contract, major = named
            if contract.pattern is not Pattern.EVENT:
                message = said(
                    "{name} is {named}: only events are published", name=contract.name, named=NAMED[contract.pattern]
                )
                self._report.at(document, loc, message, said("name a contract with pattern: event"))
                continue
            self._found.publishers.append(Publisher(contract.name, major, system))
            self._found.offers.setdefault((contract.name, major), []).append(system)

    def _ingress(self, document: Document, system: str, model: AdapterModel) -> None:
        """What a system writes by itself it publishes; no two have one topic, for both names may have dots in them."""
        for index, name in enumerate(model.ingress):
            loc: Loc = ("ingress", index)
            topic = Ingress(system, name)
            other = self._ingresses.setdefault(topic.channel, topic)
            if other != topic:
                message = said(
                    "{system} and {other} would have the same topic, {channel}",
                    system=system,
                    other=other.system,
                    channel=topic.channel,
                )
                self._report.at(document, loc, message, said("give a system or the contract another name"))
            elif not any((each.system, each.contract) == (system, name) for each in self._found.publishers):
                message = said("{system} does not publish {contract}", system=system, contract=name)
                self._report.at(document, loc, message, said("add: publishes: [{contract}]", contract=name))
            elif self._asks_for_more(name):
                message = said(
                    "{contract} requires what a producer cannot say: who asks, or for which dossier", contract=name
                )
                self._report.at(document, loc, message, said("let the system send it over HTTP"))
            elif topic in self._found.ingress:
                self._report.at(document, loc, said("{name} is there twice", name=name), said("keep one of them"))
            else:
                self._found.ingress.append(topic)

    def _asks_for_more(self, name: str) -> bool:
        contract = self._contracts.found[name]
        return contract.requires_end_user or contract.requires_case_ref

    def _contract(
        self, document: Document, loc: Loc, model: ServiceModel, seen: set[tuple[str, int]]
    ) -> tuple[Contract, int] | None:
        named = self._version(document, (*loc, "contract"), model.contract, seen)
        if named is not None and named[0].pattern is not Pattern.EVENT:
            self._found.offers.setdefault((named[0].name, named[1]), []).append(PurePosixPath(document.file).stem)
        return named

    def _version(
        self, document: Document, place: Loc, text: str, seen: set[tuple[str, int]]
    ) -> tuple[Contract, int] | None:
        """The contract and the major that `text` names, once."""
        name, major = split_version(text)
        if name not in self._contracts.names:
            remedy = meant(name, self._contracts.names, said("contracts"))
            self._report.at(document, place, said("there is no contract {name}", name=name), remedy)
            return None
        self._found.promised.setdefault(name, set()).add(PurePosixPath(document.file).stem)
        contract = self._contracts.found.get(name)
        if contract is None:
            return None
        chosen = contract.latest if major is None else major
        if chosen not in contract.versions:
            remedy = meant(f"{name}@{chosen}", [f"{name}@{each}" for each in contract.versions], said("versions"))
            self._report.at(document, place, said("{name} has no version {chosen}", name=name, chosen=chosen), remedy)
            return None
        if (name, chosen) in seen:
            self._report.at(
                document,
                place,
                said("{name}@{chosen} is there twice", name=name, chosen=chosen),
                said("keep one of them"),
            )
            return None
        seen.add((name, chosen))
        return contract, chosen

    def _area(self, document: Document, loc: Loc, model: ServiceModel) -> tuple[Area | None, bool]:
        if model.area is None:
            return None, True
        if model.area.codelist not in self._around.list_names:
            remedy = meant(model.area.codelist, self._around.list_names, said("code lists"))
            message = said("there is no code list {codelist}", codelist=model.area.codelist)
            self._report.at(document, (*loc, "area", "codelist"), message, remedy)
            return None, False
        codes = self._around.lists.get(model.area.codelist)
        if codes is None:
            return None, False
        area = read_area(self._report, document, (*loc, "area"), model.area, codes)
        return area, area is not None

    def _format(self, document: Document, loc: Loc, name: str | None) -> Schema | None:
        if name is None:
            return None
        path = (PurePosixPath(document.file).parent / name).as_posix()
        if ".." in PurePosixPath(name).parts or not self._files.exists(path):
            self._report.at(
                document, loc, said("there is no file {path}", path=path), said("name an .avsc file below systems/")
            )
            return None
        return read_schema(self._files, self._report, self._around, path).draft

    def _check_map(
        self,
        document: Document,
        loc: Loc,
        spec: MapSpec | FieldsSpec | None,
        source: Schema | None,
        target: Schema | None,
    ) -> None:
        if spec is None:
            return
        for problem in check_mapping(spec, source=source, target=target, codelists=self._around.lists):
            if not self._is_about_a_broken_list(problem.message):
                self._report.at(document, (*loc, *problem.loc), problem.message, problem.remedy)

    def _check_parts(self, document: Document, loc: Loc, model: ServiceModel, operation: BaseModel) -> None:
        """The values that the operation's templates need are those that `parts` makes."""
        needed = getattr(operation, "parts", None)
        if not isinstance(needed, frozenset):
            return
        made = frozenset() if model.parts is None else frozenset(model.parts.root)
        for name in sorted(needed - made):
            remedy: str = said("add: parts: {{{name}: /…}}", name=name)
            self._report.at(
                document, (*loc, "operation"), said("nothing makes the value of {{{name}}}", name=name), remedy
            )
        for name in sorted(made - needed):
            remedy = said("write {{{name}}} where it belongs: in path, query or headers; or remove it", name=name)
            if near(name, needed - made):
                remedy = meant(name, needed - made, said("templates"))
            self._report.at(
                document, (*loc, "parts", name), said("no template has {{{name}}}", name=name), remedy, of_key=True
            )

    def _is_about_a_broken_list(self, message: str) -> bool:
        # The list's own errors are reported already; that the mapping cannot use it follows from them.
        broken = self._around.list_names - set(self._around.lists)
        return any(f"code list {name}" in message or f"“{name}”" in message for name in broken)

    def _example(self, document: Document, loc: Loc, model: ExampleModel, contract: Contract) -> Example | None:
        given = model.model_fields_set
        if ("request" in given) == ("reply" in given):
            self._report.at(
                document, loc, said("an example begins with request or with reply"), said("give exactly one of them")
            )
            return None
        direction = Direction.REQUEST if "request" in given else Direction.REPLY
        results = {"body", "parts"} if direction is Direction.REQUEST else {"record"}
        strange = ({"body", "parts", "record"} - results) & given
        for name in sorted(strange):
            message = said("{name} is no result of a {direction}", name=name, direction=direction)
            self._report.at(
                document,
                (*loc, name),
                message,
                said("expect {names}", names=both(sorted(results))),
                of_key=True,
            )
        if not strange and ("error" in given) == bool(results & given):
            wanted = either([*sorted(results), "error"])
            self._report.at(
                document,
                loc,
                said("the example does not say what is to come of it"),
                said("give {wanted}", wanted=wanted),
            )
            return None
        if direction is Direction.REPLY and contract.pattern is not Pattern.QUERY:
            message = said("{named} has no reply", named=NAMED[contract.pattern])
            self._report.at(document, (*loc, "reply"), message, said("remove the example"), of_key=True)
        if strange:
            return None
        context = model.context
        accepted_at = None
        if context.accepted_on is not None:
            accepted_at = datetime.combine(context.accepted_on, time(12), self._around.zone)
        return Example(
            name=model.name,
            direction=direction,
            given=model.request if direction is Direction.REQUEST else model.reply,
            context=ExampleContext(
                context.exchange, context.sender, context.purpose, context.end_user, context.case_ref, accepted_at
            ),
            expected=model.body if direction is Direction.REQUEST else model.record,
            expected_parts=model.parts,
            error=expected_error(self._report, document, loc, model.error),
        )


def _named(inbox: Inbox) -> str:
    return (
        inbox.system
        if inbox.ordered is None
        else said("{ordered} at {system}", ordered=inbox.ordered, system=inbox.system)
    )
