"""Defaults: from the JSON that an Avro schema writes them in to the values that records hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final, NamedTuple

from contracts.avro_types import (
    ArrayType,
    EnumType,
    FieldType,
    FixedType,
    Kind,
    MapType,
    Primitive,
    RecordType,
    Type,
    UnionType,
)
from contracts.avro_values import LIMITS, as_float32, fits_decimal
from contracts.dates import span_of
from contracts.json_types import JsonValue, pointer_of
from contracts.said import said

_DEEPEST: Final = 64
_MOST_WRONG: Final = 100


class WrongDefault(NamedTuple):
    """Where in a default something is wrong (a pointer into the default), and what."""

    pointer: str
    message: str


class _Wrong(Exception):
    """One value of a default does not fit; the walk goes on beside it."""


def default_of(field: FieldType) -> object:
    """The value that a record holds where `field` is absent; new at each call. ValueError where it does not fit."""
    wrong: list[WrongDefault] = []
    value = read_default(field.type, field.default, wrong)
    if wrong:
        raise ValueError(
            said(
                "the default of {name}{pointer} {value}",
                name=field.name,
                pointer=wrong[0].pointer,
                value=wrong[0].message,
            )
        )
    return value


def read_default(of: Type, value: JsonValue, wrong: list[WrongDefault], at: str = "", depth: int = 0) -> object:
    """The default as records hold it. What is wrong is appended to `wrong`; the value is then of no use."""
    if len(wrong) >= _MOST_WRONG:
        return None
    if isinstance(of, UnionType):
        return read_default(of.branches[0], value, wrong, at, depth)
    if depth > _DEEPEST:
        wrong.append(WrongDefault(at, said("has no end: it fills in itself")))
        return None
    if isinstance(of, RecordType):
        return _record(of, value, wrong, at, depth)
    if isinstance(of, ArrayType):
        if isinstance(value, list):
            each = enumerate(value)
            return [read_default(of.items, item, wrong, f"{at}/{i}", depth + 1) for i, item in each]
        wrong.append(WrongDefault(at, said("must be an array")))
        return None
    if isinstance(of, MapType):
        if isinstance(value, dict):
            entries = ((key, value[key], at + pointer_of([key])) for key in sorted(value))
            return {key: read_default(of.values, item, wrong, below, depth + 1) for key, item, below in entries}
        wrong.append(WrongDefault(at, said("must be an object")))
        return None
    try:
        return _scalar(of, value)
    except _Wrong as found:
        wrong.append(WrongDefault(at, str(found)))
        return None


def _record(of: RecordType, value: JsonValue, wrong: list[WrongDefault], at: str, depth: int) -> object:
    if not isinstance(value, dict):
        wrong.append(WrongDefault(at, said("must be an object")))
        return None
    known = {field.name for field in of.fields}
    wrong.extend(WrongDefault(at + pointer_of([name]), said("is no field")) for name in value if name not in known)
    record: dict[str, object] = {}
    for field in of.fields:
        below = at + pointer_of([field.name])
        if field.name not in value and not field.has_default:
            wrong.append(WrongDefault(below, said("is missing")))
            continue
        given = value.get(field.name, field.default)
        record[field.name] = read_default(field.type, given, wrong, below, depth + 1)
    return record


def _scalar(of: Primitive | EnumType | FixedType, value: JsonValue) -> object:
    if isinstance(of, EnumType):
        if not isinstance(value, str) or value not in of.symbols:
            raise _Wrong(said("must be one of: {symbols}", symbols=", ".join(of.symbols)))
        return value
    if isinstance(of, FixedType):
        return _bytes(value, of.size)
    if of.kind is Kind.DECIMAL:
        raw = _bytes(value, of.size)
        if not fits_decimal(raw, of.precision):
            raise _Wrong(said("has more than {precision} digits", precision=of.precision))
        return raw
    return _READ[of.kind](value)


def _null(value: JsonValue) -> object:
    if value is not None:
        raise _Wrong(said("must be null"))
    return None


def _boolean(value: JsonValue) -> object:
    if not isinstance(value, bool):
        raise _Wrong(said("must be true or false"))
    return value


def _integer(kind: Kind) -> Callable[[JsonValue], object]:
    low, high = LIMITS[kind]

    def read(value: JsonValue) -> object:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _Wrong(
                said("must be an integer")
                if kind in (Kind.INT, Kind.LONG)
                else said("must be an integer, for Avro stores a {kind} as one", kind=kind)
            )
        if not low <= value <= high:
            raise _Wrong(said("must lie within {low} and {high}", low=low, high=high))
        return value

    return read


def _number(value: JsonValue) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _Wrong(said("must be a number"))
    try:
        number = float(value)
    except OverflowError:
        raise _Wrong(said("is too large")) from None
    if number in (float("inf"), float("-inf")) or number != number:
        raise _Wrong(said("must be finite"))
    return number


def _float(value: JsonValue) -> object:
    number = _number(value)
    try:
        return as_float32(number)
    except OverflowError:
        raise _Wrong(said("is too large for a float")) from None


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise _Wrong(said("must be a string"))
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise _Wrong(said("holds half of a surrogate pair"))
    if not unicodedata.is_normalized("NFC", value):
        raise _Wrong(said("is not in Unicode NFC"))
    return value


def _bytes(value: JsonValue, size: int | None = None) -> bytes:
    text = value if isinstance(value, str) else None
    if text is None or any(sign > "\xff" for sign in text):
        raise _Wrong(said("must be a string of the characters U+0000 to U+00FF, one for each byte"))
    if size is not None and len(text) != size:
        raise _Wrong(said("must be exactly {size} bytes", size=size))
    return text.encode("latin-1")


def _partial_date(value: JsonValue) -> object:
    text = _text(value)
    try:
        span_of(text)
    except ValueError:
        raise _Wrong(said("must be YYYY, YYYY-MM or YYYY-MM-DD")) from None
    return text


def _uuid(value: JsonValue) -> object:
    text = _text(value)
    shape = "".join("x" if sign in "0123456789abcdef" else sign for sign in text)
    if shape != "-".join("x" * length for length in (8, 4, 4, 4, 12)):
        raise _Wrong(said("must be a UUID in lower case"))
    return text


_READ: Final[dict[Kind, Callable[[JsonValue], object]]] = {
    Kind.NULL: _null,
    Kind.BOOLEAN: _boolean,
    **{kind: _integer(kind) for kind in LIMITS},
    Kind.FLOAT: _float,
    Kind.DOUBLE: _number,
    Kind.STRING: _text,
    Kind.BYTES: _bytes,
    Kind.UUID: _uuid,
    Kind.PARTIAL_DATE: _partial_date,
}
