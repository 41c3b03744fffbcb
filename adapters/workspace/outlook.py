"""What of a workspace will not work on a day to come, with file, line and remedy: `lienthong check --on`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property

from adapters.mapping.functions.codes import CodeArguments
from adapters.mapping.language import FieldsSpec, MapSpec
from adapters.mapping.outlook import Conversion, WrittenCode, said_of_codes
from adapters.workspace.examples import ExampleResult, run_examples
from adapters.workspace.snapshot import ServiceConfig, SourceConfig, Workspace
from contracts.catalogue import Area, Contract, Service
from contracts.codelists import CodeList, CodeProblem, CodeRow
from contracts.errors import Rejected
from contracts.json_types import JsonValue
from contracts.outlook import Break, Spot, Subject, breaks_of, code_fate, first_day
from contracts.outlook.codefate import is_fixed
from contracts.outlook.codes import listed
from contracts.routes import part_of
from contracts.said import said
from contracts.schema import Schema
from contracts.validation import Validator
from contracts.wording import wording_of


def outlook(workspace: Workspace, today: date, day: date) -> Sequence[Break]:
    """Everything that works today and will not on `day`, the earliest first."""
    found = [*breaks_of(workspace, today, day), *_Mappings(workspace, today, day).breaks()]
    found += [*_contract_examples(workspace, today, day), *_adapter_examples(workspace, today, day)]
    return sorted(dict.fromkeys(found), key=lambda each: (each.day, each.subject, each.name, str(each.spot)))


@dataclass(frozen=True)
class _Mappings:
    workspace: Workspace
    today: date
    day: date

    def breaks(self) -> Iterator[Break]:
        for adapter in self.workspace.adapters.values():
            for service in adapter.services:
                version = self.workspace.contracts[service.contract].versions[service.major]
                name = f"{adapter.system} {service.contract}@{service.major}"
                of = Spot("service", name)
                yield from self._of(of, "request", service.request_map, service.request_format, service)
                yield from self._of(of, "parts", service.parts_map, None, service)
                yield from self._of(of, "reply", service.reply_map, version.reply, service)
        for source in self.workspace.sources:
            target = self.workspace.contracts[source.contract].versions[source.major].request
            yield from self._of(Spot("source", source.id), "record", source.record_map, target, source)

    def _of(
        self,
        of: Spot,
        key: str,
        spec: MapSpec | FieldsSpec | None,
        target: Schema | None,
        config: ServiceConfig | SourceConfig,
    ) -> Iterator[Break]:
        for each in () if spec is None else said_of_codes(spec, target):
            spot = Spot(of.what, of.name, (key, *each.loc))
            if isinstance(each, WrittenCode):
                yield from self._written(each, spot)
            else:
                area = config.area if isinstance(config, ServiceConfig) else None
                yield from self._conversion(each, spot, area)

    def _written(self, written: WrittenCode, spot: Spot) -> Iterator[Break]:
        codes = self.workspace.codelists.get(written.codelist)
        fate = None if codes is None else code_fate(codes, written.code, self.today, self.day)
        if fate is not None:
            since, message, remedy = fate
            yield Break(Subject.ROUTE, spot.name, since, message, remedy, spot)

    def _conversion(self, conversion: Conversion, spot: Spot, area: Area | None) -> Iterator[Break]:
        """Codes that can be converted today, or begin until `day`, and cannot be on `day`."""
        arguments = conversion.arguments
        codes = self.workspace.codelists.get(arguments.codelist)
        if codes is None or arguments.to is None:
            return
        table = _Conversions(codes, arguments, area)
        before = table.failing(self.today)
        broken = {row: why for row, why in table.failing(self.day).items() if row not in before}
        if not broken:
            return
        since = first_day(codes.changes, self.today, self.day, lambda then: bool(table.failing(then).keys() & broken))
        first, why = next(iter(broken.items()))
        message = said(
            "from {day} on it cannot convert {codes}; {first}: {why}",
            day=since,
            codes=listed(broken),
            first=first.label,
            why=wording_of(why.at(""))[0],
        )
        remedy = said(
            "agree with the system on the list of that day (“on”, “to”), or expect refusals that offer a choice"
        )
        yield Break(Subject.ROUTE, spot.name, since, message, remedy, spot)


@dataclass(frozen=True)
class _Conversions:
    """What a code function does on a day: dates of records and of exchanges are that day."""

    codes: CodeList
    arguments: CodeArguments
    area: Area | None

    def failing(self, day: date) -> dict[CodeRow, CodeProblem]:
        """The rows with a code, of the service's area if it has one, that it cannot convert on that day."""
        on = self._moment(self.arguments.on, day)
        to = self._moment(self.arguments.to or "", day)
        found = {}
        for row in self.codes.rows_on(on):
            if row.code is not None and self._is_asked_for(row):
                try:
                    self.codes.code_of(row, to)
                except CodeProblem as problem:
                    found[row] = problem
        return found

    def _is_asked_for(self, row: CodeRow) -> bool:
        if self.area is None or self.area.codelist != self.codes.name:
            return True
        return bool(part_of(self.codes, row, self._service))

    @cached_property
    def _service(self) -> Service:
        return Service("", 0, "", idempotent=True, area=self.area)

    @staticmethod
    def _moment(text: str, day: date) -> date:
        return date.fromisoformat(text) if is_fixed(text) else day


def _contract_examples(workspace: Workspace, today: date, day: date) -> Iterator[Break]:
    """Published examples that are valid today and would not be on `day`."""
    for contract in workspace.contracts.values():
        version = contract.versions[contract.latest]
        sides = (("request", version.request, version.request_example), ("reply", version.reply, version.reply_example))
        for part, schema, example in sides:
            if schema is None or example is None or _refused(workspace, schema, example, today):
                continue
            why = _refused(workspace, schema, example, day)
            if why:
                yield _invalid(workspace, contract, part, schema, example, why, today, day)


def _invalid(
    workspace: Workspace,
    contract: Contract,
    part: str,
    schema: Schema,
    example: JsonValue,
    why: str,
    today: date,
    day: date,
) -> Break:
    since = first_day(_changes(workspace), today, day, lambda then: bool(_refused(workspace, schema, example, then)))
    message = said("the example is not valid from {day} on: {why}", day=since, why=why)
    remedy = said("give a record that is valid then; whoever copies it is refused")
    return Break(Subject.CONTRACT, contract.name, since, message, remedy, Spot("example", f"{contract.name}/{part}"))


def _refused(workspace: Workspace, schema: Schema, example: JsonValue, day: date) -> str:
    try:
        Validator(schema, workspace.bus.time_zone, workspace.codelists).from_value(example, now=_noon(workspace, day))
    except Rejected as rejected:
        first = rejected.fields[0]
        return said("{pointer}: {detail}", pointer=first.pointer, detail=wording_of(first)[0])
    return ""


def _adapter_examples(workspace: Workspace, today: date, day: date) -> Iterator[Break]:
    """Examples of mappings that come out as expected today and would not on `day`."""
    before = {(each.system, each.name): each.ok for each in _tried(workspace, today)}
    for each in _tried(workspace, day):
        if not each.ok and before.get((each.system, each.name)):
            name = f"{each.system}: {each.name}"
            message = said("from {day} on the example comes out otherwise: {why}", day=day, why=each.detail)
            remedy = said("see what the mapping has to do from then on; an accepted_on keeps the example as of its day")
            yield Break(Subject.ROUTE, name, day, message, remedy, Spot("trial", name))


def _tried(workspace: Workspace, day: date) -> Sequence[ExampleResult]:
    noon_ms = int(_noon(workspace, day).timestamp() * 1000)
    return run_examples(workspace, lambda: noon_ms)


def _changes(workspace: Workspace) -> list[date]:
    return sorted({day for codes in workspace.codelists.values() for day in codes.changes})


def _noon(workspace: Workspace, day: date) -> datetime:
    return datetime.combine(day, time(12), workspace.bus.time_zone)
