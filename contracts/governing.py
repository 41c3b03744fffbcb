"""Which field says on what date a code is meant.

The `on` of a coded field is a JSON Pointer to a field of the record that holds it; where that record has no such field,
to one of the record around it, and so on outwards. So a named type can be used in several places, and governed there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from contracts.avro_types import (
    GOVERNING,
    MESSAGE_TIME,
    FieldType,
    Kind,
    Primitive,
    RecordType,
    Type,
    children,
    records_in,
    without_null,
)
from contracts.json_types import parts_of
from contracts.spelling import meant, near

Report = Callable[[FieldType, str, str, str], None]
"""Told of a field, the property of it that is wrong, what is wrong, and the remedy."""


def target(scope: RecordType, parts: Sequence[str]) -> Type | None:
    """The type of the field that `parts` lead to from `scope`, through records only; None where it has none."""
    here: Type | None = scope
    for part in parts:
        record = None if here is None else without_null(here)
        field = record.field(part) if isinstance(record, RecordType) else None
        here = None if field is None else field.type
    return here if parts else None


def governing_kind(of: Type) -> Kind | None:
    """What a field of that type is, where it can govern codes; else None."""
    present = without_null(of)
    return present.kind if isinstance(present, Primitive) and present.kind in GOVERNING else None


def check_governing(root: RecordType, report: Report, incomplete: set[int]) -> None:
    """Report every coded field that is no text or names no date that governs it.

    `incomplete` are the records (by `id`) of which some fields could not be read, and may be what `on` points to.
    """
    for scopes in _scopes(root, ()):
        for field in scopes[-1].fields:
            if field.codelist is None:
                if field.on is not None:
                    report(field, "on", f"{field.name} has an “on” but no code list", "add codelist, or remove on")
                continue
            if without_null(field.type) != Primitive(Kind.STRING):
                remedy = 'make it "string" or ["null", "string"]: codes are text'
                report(field, "codelist", f"{field.name} has a code list and is no text", remedy)
            _check_on(field, scopes, report, certain=not any(id(scope) in incomplete for scope in scopes))


def _check_on(field: FieldType, scopes: Sequence[RecordType], report: Report, *, certain: bool) -> None:
    if field.on == MESSAGE_TIME:
        return
    example = f'"on": "/…" with a date field of the record, or "on": "{MESSAGE_TIME}"'
    if field.on is None:
        report(field, "on", f"{field.name} has a code list and does not say on what date", f"add {example}")
        return
    try:
        parts = parts_of(field.on)
    except ValueError as wrong:
        report(field, "on", str(wrong), f"write {example}")
        return
    found = next((of for scope in reversed(scopes) if (of := target(scope, parts)) is not None), None)
    if found is None and certain:
        known = [f"/{each.name}" for scope in scopes for each in scope.fields if governing_kind(each.type)]
        remedy = meant(field.on, known, "dates") if near(field.on, known) else f"write {example}"
        report(field, "on", f"{field.name} is governed by {field.on}, which does not exist", remedy)
    elif found is not None and governing_kind(found) is None:
        message = f"{field.name} is governed by {field.on}, which is no date, partial-date or timestamp"
        report(field, "on", message, f"write {example}")


def _scopes(of: Type, around: tuple[RecordType, ...]) -> Iterator[tuple[RecordType, ...]]:
    """Every record that holds coded fields, with the records around it; a record inside itself only once."""
    if isinstance(of, RecordType):
        if of in around or not any(_speaks_of_codes(record) for record in records_in(of)):
            return
        around = (*around, of)
        if _speaks_of_codes(of):
            yield around
    for child in children(of):
        yield from _scopes(child, around)


def _speaks_of_codes(record: RecordType) -> bool:
    return any(field.codelist is not None or field.on is not None for field in record.fields)
