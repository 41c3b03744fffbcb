"""Avro schemas: parsed by two parsers, walked by everything else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from contracts.avro_defaults import default_of
from contracts.avro_extent import MOST_DEEP, MOST_PLACES
from contracts.avro_parsers import FastavroSchema, complaints, for_fastavro, without_logical
from contracts.avro_reading import SchemaProblem, SchemaReader
from contracts.avro_text import WrongText, read_text
from contracts.avro_types import (
    MESSAGE_TIME,
    ArrayType,
    EnumType,
    FieldType,
    FixedType,
    JsonKind,
    Kind,
    MapType,
    Personal,
    Primitive,
    RecordType,
    Type,
    UnionType,
    branches,
    is_nullable,
    json_kind,
    records_in,
    step,
    without_null,
)
from contracts.governing import Report, check_governing
from contracts.json_types import parts_of, pointer_of
from contracts.said import said

__all__ = [
    "MESSAGE_TIME",
    "ArrayType",
    "EnumType",
    "FieldType",
    "FixedType",
    "JsonKind",
    "Kind",
    "MapType",
    "Personal",
    "Primitive",
    "RecordType",
    "Schema",
    "SchemaError",
    "SchemaProblem",
    "Type",
    "UnionType",
    "branches",
    "is_nullable",
    "json_kind",
    "parse_schema",
    "records_in",
    "without_null",
]


class SchemaError(ValueError):
    """A schema cannot be used; `problems` are all of the reasons.

    `draft` is the schema's tree where all of its fields could be read: nothing is encoded with it, but what leans on
    the schema can be checked before it is mended.
    """

    def __init__(self, problems: tuple[SchemaProblem, ...], draft: Schema | None = None) -> None:
        self.problems = problems
        self.draft = draft
        lines = (f"{problem.pointer or 'schema'}: {problem.message} → {problem.remedy}" for problem in problems)
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Schema:
    """An Avro schema of a record. Two are equal where their texts are.

    `text` is exactly what was parsed and `sha256` (hex) its hash, under which the registry knows it. `name` is the
    record's full name. `parsed` is for fastavro, and without logical types: records hold what Avro stores (integers
    for dates and times, bytes for decimals), so that nothing is rounded or refused on the way.
    """

    text: str = field(repr=False)
    sha256: str
    name: str = field(compare=False)
    parsed: FastavroSchema = field(repr=False, compare=False)
    root: RecordType = field(repr=False, compare=False)

    def __hash__(self) -> int:
        return hash(self.sha256)

    def at(self, pointer: str) -> Type | None:
        """The type of what a JSON Pointer into a record leads to, "0" or "*" standing for any item of an array.

        None where it leads nowhere. ValueError where it is no JSON Pointer.
        """
        here: Type | None = self.root
        for part in parts_of(pointer):
            here = None if here is None else step(here, part)
        return here

    def pointers(self) -> list[str]:
        """The JSON Pointers of its fields, and of those of records in them; a record inside itself only once."""
        return list(_pointers(self.root, "", frozenset()))

    def field(self, pointer: str) -> FieldType | None:
        """The field that a JSON Pointer into a record leads to; None where it leads nowhere, or to no field."""
        parts = parts_of(pointer)
        above = self.at(pointer_of(parts[:-1])) if parts else None
        for branch in () if above is None else branches(above):
            if isinstance(branch, RecordType):
                return branch.field(parts[-1])
        return None


def parse_schema(text: str) -> Schema:
    """The schema in `text`. SchemaError with everything that is wrong with it: for either parser, or for the bus."""
    try:
        value = read_text(text)
    except WrongText as wrong:
        raise SchemaError((wrong.problem,)) from None
    reader = SchemaReader()
    try:
        root = reader.read(value)
        problems = reader.problems
        if isinstance(root, RecordType):
            if reader.spreads_too_far:
                raise SchemaError((*problems[:1], _spread()))
            check_governing(root, _reporter(reader), reader.incomplete)
        elif root is not None:
            remedy = said('write {"type": "record", "name": …, "fields": [ … ]} around it')
            problems.append(SchemaProblem("", said("the schema of a message is a record"), remedy))
        bare = without_logical(value)
        if not problems:
            problems.extend(complaints(value))
    except RecursionError:
        problems = [
            SchemaProblem("", said("the schema is nested too deeply"), said("give inner types names of their own"))
        ]
    if problems or not isinstance(root, RecordType):
        whole = isinstance(root, RecordType) and not reader.incomplete
        draft = Schema(text, _sha256(text), root.name, {}, root) if whole and isinstance(root, RecordType) else None
        raise SchemaError(tuple(sorted(dict.fromkeys(problems), key=_place)), draft)
    parsed = for_fastavro(bare)
    _mend_defaults(parsed, {record.name: record for record in records_in(root)})
    return Schema(text, _sha256(text), root.name, parsed, root)


def _spread() -> SchemaProblem:
    message = said(
        "written out, the record has more than {places} fields, or lies deeper than {levels} levels",
        places=MOST_PLACES,
        levels=MOST_DEEP,
    )
    return SchemaProblem("", message, said("use each type in fewer places, or make the record smaller"))


def _pointers(record: RecordType, above: str, around: frozenset[str]) -> Iterator[str]:
    for each in record.fields:
        here = above + pointer_of((each.name,))
        yield here
        for inner in branches(each.type):
            if isinstance(inner, RecordType) and inner.name not in around:
                yield from _pointers(inner, here, around | {record.name, inner.name})


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _place(problem: SchemaProblem) -> list[tuple[int, str]]:
    """For sorting: items in the order of their numbers, the rest by name."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts_of(problem.pointer)]


def _reporter(reader: SchemaReader) -> Report:
    def report(of: FieldType, part: str, message: str, remedy: str) -> None:
        reader.problems.append(SchemaProblem(f"{reader.places[id(of)]}/{part}", message, remedy))

    return report


def _mend_defaults(parsed: FastavroSchema, records: dict[str, RecordType]) -> None:
    """Put what records hold where fastavro keeps a default's JSON: else bytes would come out as text."""
    for definition in (parsed, *parsed["__named_schemas"].values()):
        for of in definition.get("fields", ()):
            known = records[definition["name"]].field(of["name"])
            if known is not None and known.has_default:
                of["default"] = default_of(known)
