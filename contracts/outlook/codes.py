"""Contracts whose defaults or code lists end, and routes that lead nowhere or to two receivers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from contracts.avro_types import FieldType
from contracts.catalogue import Contract, Service
from contracts.codelists import CodeList, CodeRow
from contracts.outcome import SENT_IN
from contracts.outlook.codefate import code_fate
from contracts.outlook.shared import Break, Known, Spot, Subject, first_day
from contracts.routes import part_of, serving
from contracts.said import said
from contracts.schema import records_in

_SHOWN: Final = 5


def breaks_by_codes(known: Known, today: date, day: date) -> Iterator[Break]:
    """What code lists do to contracts and routes between today and `day`."""
    for contract in known.contracts.values():
        for name, record, field in coded_fields(contract):
            yield from _of_field(known, contract, Spot("schema", name, (record, field.name)), field, today, day)
        if contract.route is not None and contract.route.codelist in known.codelists:
            yield from _of_route(known, contract, known.codelists[contract.route.codelist], today, day)


def coded_fields(contract: Contract) -> Iterator[tuple[str, str, FieldType]]:
    """Each coded field of every version, with its schema as `contract/v1/part` and the record that it is in."""
    for version in contract.versions.values():
        for part, schema in ((SENT_IN[contract.pattern], version.request), ("reply", version.reply)):
            for record in () if schema is None else records_in(schema.root):
                for field in record.fields:
                    if field.codelist is not None:
                        yield f"{contract.name}/v{version.major}/{part}", record.name, field


def _of_field(
    known: Known, contract: Contract, spot: Spot, field: FieldType, today: date, day: date
) -> Iterator[Break]:
    codes = known.codelists.get(field.codelist or "")
    if codes is None:
        return
    if not any(True for _ in codes.rows_on(day)):
        empty = first_day(codes.changes, date.min, day, lambda then: not any(True for _ in codes.rows_on(then)))
        message = said(
            "the code list {codelist} of {field} has no rows on {day}",
            codelist=codes.name,
            field=field.name,
            day=day,
        )
        remedy = said("take the rows that follow into codelists/{codelist}.csv", codelist=codes.name)
        yield Break(Subject.CONTRACT, contract.name, empty, message, remedy, spot)
    elif isinstance(field.default, str) and (fate := code_fate(codes, field.default, today, day)) is not None:
        since, why, instead = fate
        told = said("the default of {field}: {message}", field=field.name, message=why)
        yield Break(Subject.CONTRACT, contract.name, since, told, instead, spot)


def _of_route(known: Known, contract: Contract, codes: CodeList, today: date, day: date) -> Iterator[Break]:
    """What begins until then and was no one's, or would be two systems': what is there today goes as it went."""
    by_major: defaultdict[int, list[Service]] = defaultdict(list)
    for service in known.services:
        if service.contract == contract.name and service.area is not None:
            by_major[service.major].append(service)
    begun = [row for row in codes.rows_on(day) if not row.valid_on(today) and row.code is not None]
    for services in by_major.values():
        split, orphans = [], []
        for row in begun:
            found = serving(codes, row, services)
            if len(found) > 1:
                split.append((row, found))
            elif not found and not codes.candidates(row, today):
                orphans.append(row)
        yield from _splits(contract, codes, split)
        yield from _orphans(contract, services, orphans)


def _splits(contract: Contract, codes: CodeList, split: Iterable[tuple[CodeRow, list[Service]]]) -> Iterator[Break]:
    for row, services in split:
        parts = "; ".join(
            f"{part.label} ({service.system})" for service in services for part in part_of(codes, row, service)
        )
        message = said(
            "{name} cannot be routed for {code} from {day} on: it lies in several areas: {parts}",
            name=contract.name,
            code=row.label,
            day=row.valid_from,
            parts=parts,
        )
        remedy = said("leave it to one system: give the areas an as_of from that day on")
        service = services[-1]
        spot = Spot("service", f"{service.system} {service.contract}@{service.major}", ("area",))
        yield Break(Subject.ROUTE, contract.name, row.valid_from or date.min, message, remedy, spot)


def _orphans(contract: Contract, services: list[Service], rows: list[CodeRow]) -> Iterator[Break]:
    if not rows:
        return
    message = said(
        "{name} has no receiver for what is new and has no predecessor: {codes}",
        name=contract.name,
        codes=listed(rows),
    )
    remedy = said("if it is one of yours, give an area that has it, or name its predecessors in the list")
    spot = Spot("service", f"{services[-1].system} {contract.name}@{services[-1].major}", ("area",))
    first = min(row.valid_from or date.min for row in rows)
    yield Break(Subject.ROUTE, contract.name, first, message, remedy, spot, stops=False)


def listed(rows: Iterable[CodeRow]) -> str:
    """A few rows for people, and how many more there are."""
    every = list(rows)
    names = ", ".join(row.label for row in every[:_SHOWN])
    more = len(every) - _SHOWN
    return said("{names} and {count} more", names=names, count=more) if more > 0 else names
