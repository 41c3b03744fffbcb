"""From what Avro stores to canonical JSON: one closure for each type, compiled from a schema."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import date, tzinfo
from math import isfinite
from typing import Any, Final

from contracts.avro_types import (
    TIMESTAMPS,
    ArrayType,
    EnumType,
    FixedType,
    Kind,
    MapType,
    Primitive,
    RecordType,
    Type,
    UnionType,
)
from contracts.avro_values import EPOCH_DAY, LIMITS, MICROS_IN, fits_decimal, instant_text, shortest_float32
from contracts.json_types import JsonValue
from contracts.records import AvroRecord
from contracts.validation.misfit import Misfit
from contracts.validation.scalars import scalar_reader
from contracts.validation.text import normalised

Show = Callable[[Any], Any]
"""From a stored value to canonical JSON. Misfit for a value that has no such form, Below for one further down."""

_AS_STORED: Final = frozenset(
    {Kind.NULL, Kind.BOOLEAN, Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.STRING, Kind.UUID, Kind.PARTIAL_DATE}
)
_PYTHON: Final[dict[Kind, type]] = {
    Kind.NULL: type(None),
    Kind.BOOLEAN: bool,
    **dict.fromkeys(LIMITS, int),
    **dict.fromkeys((Kind.FLOAT, Kind.DOUBLE), float),
    **dict.fromkeys((Kind.STRING, Kind.UUID, Kind.PARTIAL_DATE), str),
    **dict.fromkeys((Kind.BYTES, Kind.DECIMAL), bytes),
}


class Below(Exception):
    """A value further down has no JSON form; `parts` lead to it, the last one first."""

    def __init__(self, part: str | int, misfit: Misfit) -> None:
        super().__init__(misfit.code)
        self.parts = [part]
        self.misfit = misfit


class Showers:
    """Makes showers from types; a record type that contains itself finds itself by its id."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._records: dict[int, Show] = {}

    def of(self, of: Type) -> Show:
        """The shower of that type."""
        if isinstance(of, RecordType):
            return self._record(of)
        if isinstance(of, ArrayType):
            return _array(self.of(of.items))
        if isinstance(of, MapType):
            return _map(self.of(of.values))
        if isinstance(of, UnionType):
            return self._union(of)
        return _bytes if isinstance(of, FixedType) else _scalar(of, self._zone)

    def _record(self, of: RecordType) -> Show:
        fields: list[tuple[str, Show]] = []

        def show(record: AvroRecord) -> JsonValue:
            shown: dict[str, JsonValue] = {}
            name = ""
            try:
                for name, show_field in fields:
                    shown[name] = show_field(record[name])
            except Misfit as misfit:
                raise Below(name, misfit) from None
            except Below as below:
                below.parts.append(name)
                raise
            return shown

        known = self._records.setdefault(id(of), show)
        if known is show:
            fields.extend((each.name, self.of(each.type)) for each in of.fields)
        return known

    def _union(self, of: UnionType) -> Show:
        showers = {_stored_as(branch): self.of(branch) for branch in of.branches}
        return lambda value: showers[type(value)](value)


def _stored_as(of: Type) -> type:
    """The Python type of a stored value. No two branches of a union have the same: the schema's reader sees to it."""
    if isinstance(of, Primitive):
        return _PYTHON[of.kind]
    if isinstance(of, EnumType):
        return str
    if isinstance(of, FixedType):
        return bytes
    return list if isinstance(of, ArrayType) else dict


def _scalar(of: Primitive | EnumType, zone: tzinfo) -> Show:
    if isinstance(of, EnumType) or of.kind in _AS_STORED:
        return scalar_reader(of)
    if of.kind in TIMESTAMPS:
        return _within(of, lambda stored: instant_text(of.kind, stored, zone))
    if of.kind in MICROS_IN:
        return _within(of, lambda stored: _clock(stored * MICROS_IN[of.kind], MICROS_IN[of.kind]))
    if of.kind is Kind.DATE:
        return _within(of, lambda stored: date.fromordinal(stored + EPOCH_DAY).isoformat())
    if of.kind is Kind.DECIMAL:
        return _decimal(of)
    return _float if of.kind is Kind.FLOAT else _bytes


def _within(of: Primitive, show: Callable[[int], str]) -> Show:
    low, high = LIMITS[of.kind]

    def checked(stored: int) -> str:
        if not low <= stored <= high:
            raise Misfit("out_of_range", minimum=low, maximum=high)
        return show(stored)

    return checked


def _clock(micros: int, unit: int) -> str:
    seconds, fraction = divmod(micros, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    places = 3 if unit == 1000 else 6
    return f"{hour:02}:{minute:02}:{second:02}.{fraction:06}"[: 9 + places]


def _decimal(of: Primitive) -> Show:
    def show(stored: bytes) -> str:
        if not fits_decimal(stored, of.precision):
            raise Misfit("decimal_precision", precision=of.precision, scale=of.scale)
        unscaled = int.from_bytes(stored, "big", signed=True)
        digits = str(abs(unscaled)).rjust(of.scale + 1, "0")
        point = len(digits) - of.scale
        sign = "-" if unscaled < 0 else ""
        return f"{sign}{digits[:point]}.{digits[point:]}" if of.scale else sign + digits

    return show


def _float(stored: float) -> float:
    if not isfinite(stored):
        raise Misfit("not_finite")
    return shortest_float32(stored)


def _bytes(stored: bytes) -> str:
    return b64encode(stored).decode()


def _key(key: str, taken: dict[str, JsonValue]) -> str:
    name = normalised(key)
    if name in taken:
        raise Misfit("key_collision", name=name)
    return name


def _array(item: Show) -> Show:
    def show(items: list[Any]) -> JsonValue:
        shown: list[JsonValue] = []
        try:
            for each in items:
                shown.append(item(each))  # noqa: PERF401 - its length says where it stopped
        except Misfit as misfit:
            raise Below(len(shown), misfit) from None
        except Below as below:
            below.parts.append(len(shown))
            raise
        return shown

    return show


def _map(entry: Show) -> Show:
    def show(entries: AvroRecord) -> JsonValue:
        shown: dict[str, JsonValue] = {}
        key = ""
        try:
            for key, stored in entries.items():
                shown[_key(key, shown)] = entry(stored)
        except Misfit as misfit:
            raise Below(key, misfit) from None
        except Below as below:
            below.parts.append(key)
            raise
        return dict(sorted(shown.items()))

    return show
