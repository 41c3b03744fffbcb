"""Runs the examples that stand beside the mappings, without a network: `lienthong test`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from adapters.clock import Clock, wall_clock_ms
from adapters.mapping.compile import compile_mapping
from adapters.mapping.context import MappingContext
from adapters.workspace.snapshot import (
    AdapterConfig,
    Direction,
    Example,
    ExpectedError,
    ServiceConfig,
    SourceConfig,
    SourceExample,
    Workspace,
)
from contracts.canonical import dumps, to_json
from contracts.errors import FieldError, Rejected
from contracts.json_types import JsonValue, pointer_of
from contracts.said import in_lines, said
from contracts.schema import Schema
from contracts.validation import Extra, Validator
from contracts.wording import wording_of


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """How an example came out. `detail` says, where it did not come out as expected, what came instead."""

    system: str
    name: str
    ok: bool
    detail: str


def run_examples(workspace: Workspace, clock: Clock = wall_clock_ms) -> Sequence[ExampleResult]:
    """Every example of every adapter and source, in the order of systems and files."""
    of_adapters = (_of_adapter(workspace, each, clock) for each in workspace.adapters.values())
    of_sources = (_of_source(workspace, each, clock) for each in workspace.sources)
    return list(chain.from_iterable(chain(of_adapters, of_sources)))


def _of_adapter(workspace: Workspace, adapter: AdapterConfig, clock: Clock) -> Iterator[ExampleResult]:
    for service in adapter.services:
        for example in service.examples:
            detail = _Trial(workspace, service, example, clock).difference()
            yield ExampleResult(adapter.system, example.name, not detail, detail)


def _of_source(workspace: Workspace, source: SourceConfig, clock: Clock) -> Iterator[ExampleResult]:
    for example in source.examples:
        detail = _row_difference(workspace, source, example, datetime.fromtimestamp(clock() / 1000, UTC))
        yield ExampleResult(source.system, example.name, not detail, detail)


def _row_difference(workspace: Workspace, source: SourceConfig, example: SourceExample, now: datetime) -> str:
    """What came of a row instead of what was expected; "" where it came."""
    zone = workspace.bus.time_zone
    schema = workspace.contracts[source.contract].versions[source.major].request
    validator = Validator(schema, zone, workspace.codelists)
    context = MappingContext(
        exchange="00000000-0000-8000-8000-000000000000",
        contract=source.contract,
        sender=source.system,
        purpose="",
        end_user="",
        case_ref="",
        accepted_at=now,
        zone=zone,
        codelists=workspace.codelists,
    )
    try:
        made = example.row if source.record_map is None else compile_mapping(source.record_map)(example.row, context)
        record = to_json(schema, validator.from_value(made, now=now, extra=Extra.REFUSE).record, zone)
    except Rejected as rejected:
        return _refused(example.error, rejected)
    if example.error is not None:
        return said("it was to be refused with {code}, and was not", code=example.error.code)
    try:
        expected = to_json(schema, validator.from_value(example.expected, now=now, extra=Extra.REFUSE).record, zone)
    except Rejected as rejected:
        return _refused(None, rejected)
    return in_lines(_differences(expected, record, ()))


def _refused(expected: ExpectedError | None, rejected: Rejected) -> str:
    """What is to be said of a refusal; "" where it is the expected one."""
    if expected is not None and (expected.pointer, expected.code) in {
        (field.pointer, field.code) for field in rejected.fields
    }:
        return ""
    why = in_lines(map(_said, rejected.fields)) if rejected.fields else rejected.detail
    if expected is None:
        return said("refused: {why}", why=why)
    pointer = expected.pointer or said("the whole")
    return said("refused: expected {code} at {pointer}, and got\n{why}", code=expected.code, pointer=pointer, why=why)


class _Trial:
    """One example, run as a worker would run it."""

    def __init__(self, workspace: Workspace, service: ServiceConfig, example: Example, clock: Clock) -> None:
        self._workspace = workspace
        self._service = service
        self._example = example
        self._version = workspace.contracts[service.contract].versions[service.major]
        self._now = example.context.accepted_at or datetime.fromtimestamp(clock() / 1000, UTC)

    def difference(self) -> str:
        """What came instead of what was expected; "" where it came."""
        run = self._request if self._example.direction is Direction.REQUEST else self._reply
        try:
            differences = run()
        except Rejected as rejected:
            return _refused(self._example.error, rejected)
        if self._example.error is not None:
            return said("it was to be refused with {code}, and was not", code=self._example.error.code)
        return in_lines(differences)

    def _request(self) -> list[str]:
        service, schema = self._service, self._version.request
        record = self._canonical(schema, self._example.given, Extra.REFUSE)
        context = self._context()
        body = record if service.request_map is None else compile_mapping(service.request_map)(record, context)
        parts = {} if service.parts_map is None else compile_mapping(service.parts_map)(record, context)
        if self._example.error is not None:
            return []
        differences = [] if self._example.expected is None else list(_differences(self._example.expected, body, ()))
        if self._example.expected_parts is not None:
            differences += _differences(self._example.expected_parts, parts, ("parts",))
        return differences

    def _reply(self) -> list[str]:
        service, schema = self._service, self._version.reply
        if schema is None:
            return [said("{contract} has no reply", contract=service.contract)]
        given = self._example.given
        mapped = given if service.reply_map is None else compile_mapping(service.reply_map)(given, self._context())
        record = self._canonical(schema, mapped, service.extra)
        if self._example.error is not None:
            return []
        # Expected in any form that means the same: defaults left out, decimals with fewer digits.
        expected = self._canonical(schema, self._example.expected, Extra.REFUSE)
        return list(_differences(expected, record, ()))

    def _canonical(self, schema: Schema, value: JsonValue, extra: Extra) -> JsonValue:
        zone = self._workspace.bus.time_zone
        validator = Validator(schema, zone, self._workspace.codelists)
        return to_json(schema, validator.from_value(value, now=self._now, extra=extra).record, zone)

    def _context(self) -> MappingContext:
        told = self._example.context
        return MappingContext(
            exchange=told.exchange,
            contract=self._service.contract,
            sender=told.sender,
            purpose=told.purpose,
            end_user=told.end_user,
            case_ref=told.case_ref,
            accepted_at=self._now,
            zone=self._workspace.bus.time_zone,
            codelists=self._workspace.codelists,
        )


def _said(error: FieldError) -> str:
    detail, _ = wording_of(error)
    pointer = error.pointer or said("the whole")
    return said("{pointer}: {detail} ({code})", pointer=pointer, detail=detail, code=error.code)


def _differences(expected: JsonValue, found: JsonValue, at: tuple[str | int, ...]) -> Iterator[str]:
    """One line for each place in which `found` is not what was expected."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in [*expected, *(name for name in found if name not in expected)]:
            if name not in found:
                yield _line(pointer_of((*at, name)), _shown(expected[name]), said("nothing"))
            elif name not in expected:
                yield _line(pointer_of((*at, name)), said("nothing"), _shown(found[name]))
            else:
                yield from _differences(expected[name], found[name], (*at, name))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _differences(one, other, (*at, index))
    elif dumps(expected) != dumps(found):
        yield _line(pointer_of(at) or said("the whole"), _shown(expected), _shown(found))


def _line(pointer: str, expected: str, found: str) -> str:
    return said("{pointer}: expected {expected}, got {found}", pointer=pointer, expected=expected, found=found)


def _shown(value: JsonValue) -> str:
    return dumps(value).decode()
