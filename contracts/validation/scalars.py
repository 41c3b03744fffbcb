"""Readers of values without parts: from what JSON holds to what Avro stores, in the one canonical way. Or a Misfit."""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from datetime import date, datetime
from math import isfinite
from typing import Final

from contracts.avro_types import EnumType, FixedType, Kind, Primitive
from contracts.avro_values import EPOCH, EPOCH_DAY, LIMITS, MICROS_IN, as_float32, decimal_bytes, instant_text
from contracts.validation.misfit import Misfit, shown, wrong_type
from contracts.validation.text import normalised

Scalar = Callable[[object], object]
"""From a JSON value to a stored one. Raises Misfit, and nothing else whatever it is given."""

_DECIMAL: Final = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_TIME: Final = re.compile(rf"({CLOCK})(?:\.([0-9]+))?")
_TIMESTAMP: Final = re.compile(
    rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK})(?:\.([0-9]+))?(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"
)
_REST_OF_DATE: Final = {4: "-01-01", 7: "-01"}
_EPOCH: Final = EPOCH.replace(tzinfo=None)
_UNITS: Final = {1000: ("millisecond", 3), 1: ("microsecond", 6)}


def scalar_reader(of: Primitive | EnumType | FixedType) -> Scalar:
    """The reader of that type."""
    if isinstance(of, EnumType):
        return _enum(of)
    if isinstance(of, FixedType):
        return _bytes(of, of.size)
    return _READERS[of.kind](of)


def _constant(of: Primitive, python: type) -> Scalar:
    def read(value: object) -> object:
        if type(value) is python:
            return value
        raise wrong_type(of, value)

    return read


def _integer(of: Primitive) -> Scalar:
    low, high = LIMITS[of.kind]

    def read(value: object) -> object:
        if type(value) is int and low <= value <= high:
            return value
        # Integers beyond 64 bits come out of a JSON parser as floats.
        if type(value) is int or (type(value) is float and not -(2.0**53) < value < 2.0**53):
            raise Misfit("out_of_range", minimum=low, maximum=high)
        raise wrong_type(of, value)

    return read


def _number(of: Primitive) -> Scalar:
    single = of.kind is Kind.FLOAT

    def read(value: object) -> object:
        if type(value) is not float and type(value) is not int:
            raise wrong_type(of, value)
        try:
            number = as_float32(value) if single else float(value)
        except OverflowError:
            raise Misfit("not_finite") from None
        if not isfinite(number):
            raise Misfit("not_finite")
        return number

    return read


def _text(of: Primitive) -> Scalar:
    def read(value: object) -> object:
        if type(value) is not str:
            raise wrong_type(of, value)
        return value if value.isascii() else normalised(value)

    return read


def _enum(of: EnumType) -> Scalar:
    symbols = frozenset(of.symbols)
    allowed = ", ".join(of.symbols)

    def read(value: object) -> object:
        if type(value) is not str:
            raise wrong_type(of, value)
        if value not in symbols:
            raise Misfit("not_in_enum", of.symbols, value=shown(value), allowed=allowed)
        return value

    return read


def _bytes(of: Primitive | FixedType, size: int | None) -> Scalar:
    def read(value: object) -> object:
        if type(value) is not str:
            raise wrong_type(of, value)
        try:
            raw = a2b_base64(value, strict_mode=True)
        except (NotBase64, ValueError):
            raise Misfit("base64") from None
        # Else two texts could stand for the same bytes: the last sign may carry bits that mean nothing.
        if b2a_base64(raw, newline=False) != value.encode():
            raise Misfit("base64")
        if size is not None and len(raw) != size:
            raise Misfit("fixed_size", size=size, got=len(raw))
        return raw

    return read


def _decimal(of: Primitive) -> Scalar:
    precision, scale, size = of.precision, of.scale, of.size

    def read(value: object) -> object:
        if type(value) is not str:
            raise wrong_type(of, value)
        found = _DECIMAL.fullmatch(value)
        if found is None:
            raise Misfit("decimal_format", value=shown(value))
        sign, whole, fraction = found[1], found[2], found[3] or ""
        if len(fraction) > scale or (whole != "0" and len(whole) > precision - scale):
            raise Misfit("decimal_precision", precision=precision, scale=scale)
        unscaled = int(whole + fraction.ljust(scale, "0"))
        return decimal_bytes(-unscaled if sign else unscaled, size)

    return read


def _date(of: Primitive) -> Scalar:
    def read(value: object) -> object:
        if type(value) is not str:
            raise wrong_type(of, value)
        try:
            # Python also reads 20250701 and 2025-W27-2.
            if len(value) == 10 and value[4] == value[7] == "-":
                return date.fromisoformat(value).toordinal() - EPOCH_DAY
        except ValueError:
            pass
        raise Misfit("date_format", value=shown(value))

    return read


def _time(of: Primitive) -> Scalar:
    micros_in = MICROS_IN[of.kind]

    def read(value: object) -> object:
        if type(value) is not str:
            raise wrong_type(of, value)
        found = _TIME.fullmatch(value)
        if found is None:
            raise Misfit("time_format", value=shown(value))
        hours, minutes, seconds = found[1].split(":")
        whole_s = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
        return whole_s * (1_000_000 // micros_in) + _fraction(found[2], micros_in, value)

    return read


def _timestamp(of: Primitive) -> Scalar:
    micros_in = MICROS_IN[of.kind]
    low, high = LIMITS[of.kind]
    each_s = 1_000_000 // micros_in

    def read(value: object) -> object:
        if type(value) is not str:
            raise wrong_type(of, value)
        found = _TIMESTAMP.fullmatch(value)
        if found is None:
            raise Misfit("timestamp_format", value=shown(value))
        local, fraction, offset = found.groups()
        if offset is None:
            raise Misfit("timestamp_offset", value=shown(value))
        try:
            since = datetime.fromisoformat(local) - _EPOCH
        except ValueError:
            raise Misfit("timestamp_format", value=shown(value)) from None
        seconds = since.days * 86_400 + since.seconds - _offset_s(offset)
        stored = seconds * each_s + _fraction(fraction, micros_in, value)
        if not low <= stored <= high:
            raise Misfit("out_of_range", minimum=instant_text(of.kind, low), maximum=instant_text(of.kind, high))
        return stored

    return read


def _offset_s(offset: str) -> int:
    if offset == "Z":
        return 0
    seconds = int(offset[1:3]) * 3600 + int(offset[4:6]) * 60
    return -seconds if offset[0] == "-" else seconds


def _fraction(digits: str | None, micros_in: int, value: str) -> int:
    """The part of a second after the point, in the type's unit. Zeros beyond the unit say nothing finer."""
    if digits is None:
        return 0
    unit, places = _UNITS[micros_in]
    if len(digits) > places and digits[places:].strip("0"):
        raise Misfit("too_precise", value=shown(value), unit=unit, digits=places)
    return int(digits[:places].ljust(places, "0"))


def _uuid(of: Primitive) -> Scalar:
    def read(value: object) -> object:
        if type(value) is not str:
            raise wrong_type(of, value)
        if _UUID.fullmatch(value) is None:
            raise Misfit("uuid", value=shown(value))
        return value

    return read


def _partial_date(of: Primitive) -> Scalar:
    def read(value: object) -> object:
        if type(value) is not str:
            raise wrong_type(of, value)
        padded = value + _REST_OF_DATE.get(len(value), "")
        try:
            if len(padded) == 10 and padded[4] == padded[7] == "-":
                date.fromisoformat(padded)
                return value
        except ValueError:
            pass
        raise Misfit("partial_date", value=shown(value))

    return read


_READERS: Final[dict[Kind, Callable[[Primitive], Scalar]]] = {
    Kind.NULL: lambda of: _constant(of, type(None)),
    Kind.BOOLEAN: lambda of: _constant(of, bool),
    Kind.INT: _integer,
    Kind.LONG: _integer,
    Kind.FLOAT: _number,
    Kind.DOUBLE: _number,
    Kind.STRING: _text,
    Kind.BYTES: lambda of: _bytes(of, None),
    Kind.DECIMAL: _decimal,
    Kind.DATE: _date,
    Kind.TIME_MILLIS: _time,
    Kind.TIME_MICROS: _time,
    Kind.TIMESTAMP_MILLIS: _timestamp,
    Kind.TIMESTAMP_MICROS: _timestamp,
    Kind.UUID: _uuid,
    Kind.PARTIAL_DATE: _partial_date,
}
