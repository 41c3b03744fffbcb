"""The typed tree of an Avro schema: what everything that walks a schema walks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from contracts.json_types import JsonValue
from contracts.meaning import NO_MEANING, Meaning


class Kind(StrEnum):
    """What a primitive is: Avro's own kinds, and the logical types that stand for more than their base."""

    NULL = "null"
    BOOLEAN = "boolean"
    INT = "int"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    STRING = "string"
    BYTES = "bytes"
    DECIMAL = "decimal"
    DATE = "date"
    TIME_MILLIS = "time-millis"
    TIME_MICROS = "time-micros"
    TIMESTAMP_MILLIS = "timestamp-millis"
    TIMESTAMP_MICROS = "timestamp-micros"
    UUID = "uuid"
    PARTIAL_DATE = "partial-date"


class JsonKind(StrEnum):
    """The kinds of JSON values. A union has at most one branch for each."""

    NULL = "null"
    BOOLEAN = "boolean"
    NUMBER = "number"
    STRING = "string"
    ARRAY = "array"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Primitive:
    """A value without parts. `precision` and `scale` belong to decimals; `size` to a decimal stored as fixed."""

    kind: Kind
    precision: int = 0
    scale: int = 0
    size: int | None = None


@dataclass(frozen=True, slots=True)
class EnumType:
    """One of a few symbols. `default` is what a reader takes for a symbol that it does not know."""

    name: str
    symbols: tuple[str, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class FixedType:
    """Exactly `size` bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ArrayType:
    """A list of items of one type."""

    items: Type


@dataclass(frozen=True, slots=True)
class MapType:
    """Values of one type under text keys."""

    values: Type


@dataclass(frozen=True, slots=True)
class UnionType:
    """One of several branches, of which no two look alike in JSON."""

    branches: tuple[Type, ...]


class Personal(StrEnum):
    """The classes of personal data that the law knows."""

    BASIC = "basic"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field of a record.

    `default` is as the schema writes it. `codelist` names the code list that its values come from; `on` says what date
    governs them: a pointer to a field of the record, or "message-time". `personal` is its class, where it is data about
    a person. `meaning` is what else its schema says of it.
    """

    name: str
    type: Type
    has_default: bool = False
    default: JsonValue = None
    doc: str = ""
    codelist: str | None = None
    on: str | None = None
    personal: Personal | None = None
    meaning: Meaning = NO_MEANING


@dataclass(frozen=True, slots=True, eq=False)
class RecordType:
    """Named fields in order. A record may contain itself, so records are equal only where they are the same object."""

    name: str
    fields: tuple[FieldType, ...] = field(repr=False)
    aliases: tuple[str, ...] = ()

    def field(self, name: str) -> FieldType | None:
        """The field of that name."""
        return next((here for here in self.fields if here.name == name), None)


Type: TypeAlias = Primitive | EnumType | FixedType | ArrayType | MapType | UnionType | RecordType

MESSAGE_TIME: Final = "message-time"
"""The `on` of a coded field that is governed by the time at which its message was sent."""

TIMESTAMPS: Final = frozenset({Kind.TIMESTAMP_MILLIS, Kind.TIMESTAMP_MICROS})
GOVERNING: Final = TIMESTAMPS | {Kind.DATE, Kind.PARTIAL_DATE}
"""The kinds of fields that can say on what date a code is meant."""

NUMBERS: Final = frozenset({Kind.INT, Kind.LONG, Kind.FLOAT, Kind.DOUBLE})
_NULL: Final = Primitive(Kind.NULL)


def json_kind(of: Type) -> JsonKind:
    """How a value of that type looks in JSON. Of a union, ask branch by branch (TypeError)."""
    if isinstance(of, Primitive):
        if of.kind is Kind.NULL:
            return JsonKind.NULL
        if of.kind is Kind.BOOLEAN:
            return JsonKind.BOOLEAN
        return JsonKind.NUMBER if of.kind in NUMBERS else JsonKind.STRING
    if isinstance(of, EnumType | FixedType):
        return JsonKind.STRING
    if isinstance(of, ArrayType):
        return JsonKind.ARRAY
    if isinstance(of, UnionType):
        raise TypeError("a union has no one JSON kind")
    return JsonKind.OBJECT


def is_nullable(of: Type) -> bool:
    """Whether null is a value of that type."""
    return _NULL in branches(of)


def branches(of: Type) -> tuple[Type, ...]:
    """What a value of that type may be: the branches of a union, else the type itself."""
    return of.branches if isinstance(of, UnionType) else (of,)


def without_null(of: Type) -> Type:
    """The type of a value that is there: a nullable type without its null."""
    present = tuple(branch for branch in branches(of) if branch != _NULL)
    if not present:
        return of
    return present[0] if len(present) == 1 else UnionType(present)


def step(of: Type, part: str) -> Type | None:
    """The type one reference token further down: a record's field, an array's item ("0" or "*"), a map's value."""
    for branch in branches(of):
        found: Type | None = None
        if isinstance(branch, RecordType):
            here = branch.field(part)
            found = None if here is None else here.type
        elif isinstance(branch, ArrayType):
            found = branch.items if part == "*" or (part.isascii() and part.isdigit()) else None
        elif isinstance(branch, MapType):
            found = branch.values
        if found is not None:
            return found
    return None


def children(of: Type) -> tuple[Type, ...]:
    """The types directly below."""
    if isinstance(of, RecordType):
        return tuple(here.type for here in of.fields)
    if isinstance(of, ArrayType):
        return (of.items,)
    if isinstance(of, MapType):
        return (of.values,)
    return of.branches if isinstance(of, UnionType) else ()


def records_in(of: Type) -> Iterator[RecordType]:
    """Every record type at or below `of`, each once, outer ones first."""
    seen: set[int] = set()
    ahead = [of]
    while ahead:
        here = ahead.pop()
        if isinstance(here, RecordType):
            if id(here) in seen:
                continue
            seen.add(id(here))
            yield here
        ahead.extend(reversed(children(here)))


def contains_itself(record: RecordType) -> bool:
    """Whether a value of that record may hold another of the same record, at any depth."""
    return any(record is inner for child in children(record) for inner in records_in(child))
