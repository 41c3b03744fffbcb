"""Schemas, records that fit them, and records with one wrong place, for property tests."""

from __future__ import annotations

import json
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count

from hypothesis import strategies as st

from contracts.avro_values import LIMITS
from contracts.json_types import JsonObject, JsonValue
from contracts.schema import (
    ArrayType,
    EnumType,
    FixedType,
    JsonKind,
    Kind,
    MapType,
    Primitive,
    RecordType,
    Schema,
    Type,
    UnionType,
    branches,
    json_kind,
    parse_schema,
)
from tests.contracts.avsc import array, field, fixed, logical, map_of, record

NUMBERS: list[JsonValue] = ["int", "long", "float", "double"]
TEXTS: list[JsonValue] = [
    "string",
    "bytes",
    logical("int", "date"),
    logical("int", "time-millis"),
    logical("long", "time-micros"),
    logical("long", "timestamp-millis"),
    logical("long", "timestamp-micros"),
    logical("string", "uuid"),
    logical("string", "partial-date"),
]
_STORED_AS_TEXT: list[JsonValue] = ["string", "bytes", logical("string", "uuid"), logical("string", "partial-date")]
_NAMES = st.sampled_from(["a", "b", "name", "home_ward", "x1", "_y", "Z"])


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    """A record of every sort of field, up to three levels deep; some contain themselves."""
    return parse_schema(json.dumps(_record(draw, count(), 3)))


def _record(draw: st.DrawFn, ids: count[int], depth: int) -> JsonObject:
    name = f"R{next(ids)}"
    names = draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True))
    fields = [_field(draw, ids, each, depth) for each in names]
    if draw(st.integers(0, 4)) == 0:
        fields.append(field("again", ["null", name], default=None))
    return record(name, *fields)


def _field(draw: st.DrawFn, ids: count[int], name: str, depth: int) -> JsonObject:
    of = _type(draw, ids, depth)
    if of in ("int", "long", "double") and draw(st.booleans()):
        return field(name, of, default=draw(st.integers(-1000, 1000)))
    if isinstance(of, list) and of[0] == "null" and draw(st.booleans()):
        return field(name, of, default=None)
    if isinstance(of, dict) and of["type"] in ("array", "map") and draw(st.booleans()):
        return field(name, of, default=[] if of["type"] == "array" else {})
    return field(name, of)


def _type(draw: st.DrawFn, ids: count[int], depth: int) -> JsonValue:
    choice = draw(st.integers(0, 11 if depth else 6))
    if choice <= 3:
        return draw(st.sampled_from([*NUMBERS, *TEXTS, "boolean"]))
    if choice == 4:
        return _decimal(draw, ids)
    if choice == 5:
        return fixed(f"F{next(ids)}", draw(st.integers(1, 5)))
    if choice == 6:
        return {"type": "enum", "name": f"E{next(ids)}", "symbols": ["A", "B_2"]}
    if choice <= 8:
        return array(_type(draw, ids, depth - 1))
    if choice == 9:
        return map_of(_type(draw, ids, depth - 1))
    return _record(draw, ids, depth - 1) if choice == 10 else _union(draw, ids, depth - 1)


def _decimal(draw: st.DrawFn, ids: count[int]) -> JsonValue:
    precision = draw(st.integers(1, 30))
    of = "bytes" if draw(st.booleans()) else fixed(f"D{next(ids)}", 13)
    decimal: JsonObject = {"logicalType": "decimal", "precision": precision, "scale": draw(st.integers(0, precision))}
    return {"type": of, **decimal} if isinstance(of, str) else {**of, **decimal}


def _union(draw: st.DrawFn, ids: count[int], depth: int) -> JsonValue:
    kinds = draw(st.lists(st.sampled_from(list(JsonKind)), min_size=1, max_size=5, unique=True))
    texts = _STORED_AS_TEXT if JsonKind.NUMBER in kinds else TEXTS
    make: dict[JsonKind, Callable[[], JsonValue]] = {
        JsonKind.NULL: lambda: "null",
        JsonKind.BOOLEAN: lambda: "boolean",
        JsonKind.NUMBER: lambda: draw(st.sampled_from(NUMBERS)),
        JsonKind.STRING: lambda: draw(st.sampled_from(texts)),
        JsonKind.ARRAY: lambda: array("string"),
        JsonKind.OBJECT: lambda: _record(draw, ids, depth) if draw(st.booleans()) else map_of("long"),
    }
    branches = [make[kind]() for kind in kinds]
    return branches if branches != ["null"] else ["null", "string"]


def values(of: Type, depth: int = 0) -> st.SearchStrategy[JsonValue]:
    """JSON that fits a type, in all the ways that senders may write it."""
    if isinstance(of, RecordType):
        return st.deferred(lambda: _records(of, depth))
    if isinstance(of, ArrayType):
        return st.lists(values(of.items, depth + 1), max_size=3)
    if isinstance(of, MapType):
        return st.dictionaries(_keys(), values(of.values, depth + 1), max_size=3)
    if isinstance(of, UnionType):
        shallow = [branch for branch in of.branches if depth < 6 or not isinstance(branch, RecordType)]
        return st.one_of([values(branch, depth) for branch in shallow or of.branches])
    if isinstance(of, EnumType):
        return st.sampled_from(of.symbols)
    if isinstance(of, FixedType):
        return st.binary(min_size=of.size, max_size=of.size).map(_base64)
    return _decimals(of) if of.kind is Kind.DECIMAL else _PRIMITIVES[of.kind]


def _records(of: RecordType, depth: int) -> st.SearchStrategy[JsonValue]:
    must = {each.name: values(each.type, depth + 1) for each in of.fields if not each.has_default}
    may = {each.name: values(each.type, depth + 1) for each in of.fields if each.has_default}
    return st.fixed_dictionaries(must, optional=may)


def _keys() -> st.SearchStrategy[str]:
    """Map keys of which no two are the same in NFC: in NFC already."""
    return st.text(max_size=4).map(lambda text: unicodedata.normalize("NFC", text))


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def _decimals(of: Primitive) -> st.SearchStrategy[JsonValue]:
    whole = of.precision - of.scale
    wholes = st.integers(0, 10**whole - 1).map(str)
    if of.scale == 0:
        return st.builds("{}{}".format, st.sampled_from(["", "-"]), wholes)
    fractions = st.text("0123456789", min_size=1, max_size=of.scale)
    return st.one_of(
        st.builds("{}{}.{}".format, st.sampled_from(["", "-"]), wholes, fractions),
        st.builds("{}{}".format, st.sampled_from(["", "-"]), wholes),
    )


def _stamps(digits: int) -> st.SearchStrategy[JsonValue]:
    """Instants with any offset and at most that many digits after the second."""

    def write(at: datetime, minutes: int, places: int) -> str:
        local = at.astimezone(timezone(timedelta(minutes=minutes))).replace(microsecond=0)
        fraction = f".{at.microsecond:06}"[: places + 1] if places else ""
        text = local.isoformat()
        return text[:19] + fraction + text[19:]

    low, high = datetime(2, 1, 1), datetime(9998, 12, 31)  # noqa: DTZ001 - hypothesis wants its bounds naive
    times = st.datetimes(low, high, timezones=st.just(UTC))
    return st.builds(write, times, st.integers(-14 * 60, 14 * 60), st.integers(0, digits))


def _times(digits: int) -> st.SearchStrategy[JsonValue]:
    return st.builds(
        lambda at, places: at.isoformat("microseconds")[: 9 + places] if places else at.isoformat("seconds"),
        st.times(),
        st.integers(0, digits),
    )


_DATES = st.dates(date(1, 1, 1), date(9999, 12, 31)).map(date.isoformat)
_PRIMITIVES: dict[Kind, st.SearchStrategy[JsonValue]] = {
    Kind.NULL: st.none(),
    Kind.BOOLEAN: st.booleans(),
    Kind.INT: st.integers(*LIMITS[Kind.INT]),
    Kind.LONG: st.integers(*LIMITS[Kind.LONG]),
    Kind.FLOAT: st.floats(width=32, allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6),
    Kind.DOUBLE: st.floats(allow_nan=False, allow_infinity=False) | st.integers(*LIMITS[Kind.LONG]),
    Kind.STRING: st.text(max_size=8),
    Kind.BYTES: st.binary(max_size=6).map(_base64),
    Kind.DATE: _DATES,
    Kind.PARTIAL_DATE: st.builds(lambda text, size: text[:size], _DATES, st.sampled_from([4, 7, 10])),
    Kind.TIME_MILLIS: _times(3),
    Kind.TIME_MICROS: _times(6),
    Kind.TIMESTAMP_MILLIS: _stamps(3),
    Kind.TIMESTAMP_MICROS: _stamps(6),
    Kind.UUID: st.uuids().map(str),
}

JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)
"""Any JSON at all, with lone surrogates, NaN and integers of any size."""

_OF_KIND: dict[JsonKind, JsonValue] = {
    JsonKind.NULL: None,
    JsonKind.BOOLEAN: True,
    JsonKind.NUMBER: 7,
    JsonKind.STRING: "",
    JsonKind.ARRAY: [],
    JsonKind.OBJECT: {},
}


def misfit_for(of: Type) -> JsonValue:
    """A value of a JSON kind that the type does not take."""
    taken = {json_kind(branch) for branch in branches(of)}
    return next(value for kind, value in _OF_KIND.items() if kind not in taken)


def places(of: Type, value: JsonValue, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Type]]:
    """Every place in a value that fits its type, with the type there; the value itself excepted."""
    if isinstance(of, UnionType):
        of = next(branch for branch in of.branches if json_kind(branch) is kind_of(value))
    below: list[tuple[str | int, Type]] = []
    if isinstance(of, RecordType) and isinstance(value, dict):
        below = [(each.name, each.type) for each in of.fields if each.name in value]
    elif isinstance(of, ArrayType) and isinstance(value, list):
        below = [(i, of.items) for i in range(len(value))]
    elif isinstance(of, MapType) and isinstance(value, dict):
        below = [(key, of.values) for key in value]
    for part, inner in below:
        yield (*at, part), inner
        yield from places(inner, inside(value, part), (*at, part))


def kind_of(value: JsonValue) -> JsonKind:
    """What JSON calls it."""
    python = {type(None): JsonKind.NULL, bool: JsonKind.BOOLEAN, str: JsonKind.STRING, list: JsonKind.ARRAY}
    return JsonKind.OBJECT if isinstance(value, dict) else python.get(type(value), JsonKind.NUMBER)


def inside(value: JsonValue, part: str | int) -> JsonValue:
    """What a list or an object has there."""
    if isinstance(value, dict):
        return value[str(part)]
    assert isinstance(value, list)
    return value[int(part)]


def replaced(value: JsonValue, parts: tuple[str | int, ...], by: JsonValue) -> JsonValue:
    """The value with another one at that place."""
    if not parts:
        return by
    if isinstance(value, dict):
        return {key: replaced(each, parts[1:], by) if key == parts[0] else each for key, each in value.items()}
    assert isinstance(value, list)
    return [replaced(each, parts[1:], by) if i == parts[0] else each for i, each in enumerate(value)]
