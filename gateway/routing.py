"""Who receives a record: named by the sender, the only provider, or chosen by the record's own content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from contracts.catalogue import Contract, Route, Service
from contracts.codelists import CodeList, CodeProblem, CodeRow
from contracts.dates import Span, span_of
from contracts.errors import field_error
from contracts.json_types import JsonValue, parts_of
from contracts.routes import part_of, serving
from gateway.directory import Directory
from gateway.problems import Problem


def receiver_of(
    directory: Directory, contract: Contract, services: Sequence[Service], to: str, record: JsonValue
) -> Service:
    """The service that gets `record`. Problem `receiver-unknown`, `receiver-required`, `unroutable`, `invalid-record`.

    `services` are those that the grant covers; `to` is the header, "" where it was not sent.
    """
    if to:
        return _named(contract, services, to)
    if contract.route is not None:
        return _by_content(directory, contract, contract.route, services, record)
    if len(services) == 1:
        return services[0]
    raise Problem("receiver-required", contract=contract.name, receivers=_names(services))


def _named(contract: Contract, services: Sequence[Service], to: str) -> Service:
    for service in services:
        if service.system == to:
            return service
    raise Problem("receiver-unknown", receiver=to, contract=contract.name, receivers=_names(services))


def _by_content(
    directory: Directory, contract: Contract, route: Route, services: Sequence[Service], record: JsonValue
) -> Service:
    codes = directory.codelists[route.codelist]
    code, on = _value(record, route.code), _value(record, route.on)
    if code is None or on is None:
        absent = route.code if code is None else route.on
        error = field_error(absent, "missing", name=absent.rpartition("/")[2], expected="text")
        raise Problem("invalid-record", contract=contract.name, errors=(error,))
    try:
        row = codes.look_up(code, span_on(on, directory))
    except CodeProblem as problem:
        raise Problem("invalid-record", contract=contract.name, errors=(problem.at(route.code),)) from None
    found = serving(codes, row, services)
    if not found:
        raise Problem("unroutable", contract=contract.name, code=f"{code} ({row.name})", date=on)
    if len(found) > 1:
        raise _several(codes, row, route, contract, found)
    return found[0]


def _several(codes: CodeList, row: CodeRow, route: Route, contract: Contract, found: Sequence[Service]) -> Problem:
    """The place was split over several areas: only the sender can know which part is meant."""
    meanings = dict.fromkeys(
        f"{part.code or '—'} {part.name} ({service.system})"
        for service in found
        for part in part_of(codes, row, service)
    )
    error = field_error(
        route.code,
        "ambiguous_code",
        value=row.code or "",
        name=row.name,
        codelist=codes.name,
        date=found[0].area.as_of if found[0].area else "",
        meanings="; ".join(meanings),
        candidates=tuple(service.system for service in found),
    )
    return Problem("invalid-record", contract=contract.name, errors=(error,))


def span_on(text: str, directory: Directory) -> Span:
    """The days that a date, a partial date or a timestamp (as a day in the bus's zone) stands for."""
    if "T" in text:
        day = datetime.fromisoformat(text).astimezone(directory.zone).date()
        return Span(day, day)
    return span_of(text)


def today(directory: Directory, now_ms: int) -> date:
    """The day it is in the bus's zone."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(directory.zone).date()


def _value(record: JsonValue, pointer: str) -> str | None:
    found: JsonValue = record
    for part in parts_of(pointer):
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None


def _names(services: Sequence[Service]) -> str:
    return ", ".join(sorted(service.system for service in services))
