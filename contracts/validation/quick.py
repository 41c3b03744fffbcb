"""Writers of values without parts: from what JSON holds to Avro's bytes.

Each is a reader and a packer one after the other; of the commonest kinds, both in one step.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final
from unicodedata import normalize

from contracts.avro_types import TIMESTAMPS, EnumType, FieldType, FixedType, Kind, Primitive, Type
from contracts.avro_values import EPOCH, LIMITS, MICROS_IN, decimal_bytes
from contracts.meaning import NO_MEANING
from contracts.validation.packing import SMALL, VARINTS, packed_bytes, packed_long, packer
from contracts.validation.rules import ruled
from contracts.validation.scalars import CLOCK, scalar_reader
from contracts.validation.text import MOST_MARKS, normalised

WriteScalar = Callable[[object], bytes]
"""From a JSON value to its bytes. Raises Unusual or Misfit where it has none."""


_SECONDS: Final = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}")
_EPOCH: Final = EPOCH.replace(tzinfo=None)
_OFFSETS_S: Final = {"Z": 0} | {
    f"{sign}{quarters // 4:02}:{quarters % 4 * 15:02}": quarters * (-900 if sign == "-" else 900)
    for sign in "+-"
    for quarters in range(15 * 4)
}


class Unusual(Exception):
    """Nothing for a writer."""


def scalar_writer(of: Type, field: FieldType | None) -> WriteScalar:
    """The writer of a type that is no union; with the rules of the field, if it is one's. TypeError: it has parts."""
    if not isinstance(of, Primitive | EnumType | FixedType):
        raise TypeError(of)
    read = scalar_reader(of) if field is None else ruled(field, scalar_reader(of))
    pack = packer(of)

    def write(value: object) -> bytes:
        return pack(read(value))

    if isinstance(of, Primitive) and (field is None or field.meaning == NO_MEANING):
        return _at_once(of, write)
    return write


def _at_once(of: Primitive, usual: WriteScalar) -> WriteScalar:
    """The writer in one step, where there is one; for rarer forms it turns to the usual one."""
    if of.kind is Kind.STRING:
        return _text
    if of.kind in {Kind.INT, Kind.LONG}:
        return _integer(*LIMITS[of.kind])
    if of.kind in TIMESTAMPS:
        return _timestamp(of.kind, usual)
    return _decimal(of, usual) if of.kind is Kind.DECIMAL and of.size is None else usual


def _text(value: object) -> bytes:
    if type(value) is not str:
        raise Unusual
    if value.isascii():
        raw = value.encode()
    elif len(value) <= MOST_MARKS:
        raw = normalize("NFC", value).encode()
    else:
        return packed_bytes(normalised(value).encode())
    size = len(raw)
    return (VARINTS[size] if size < SMALL else packed_long(size)) + raw


def _integer(low: int, high: int) -> WriteScalar:
    def write(value: object) -> bytes:
        if type(value) is int and low <= value <= high:
            return packed_long(value)
        raise Unusual

    return write


def _timestamp(kind: Kind, usual: WriteScalar) -> WriteScalar:
    """Whole seconds, at an offset that a country has."""
    low, high = LIMITS[kind]
    each_s = 1_000_000 // MICROS_IN[kind]

    def write(value: object) -> bytes:
        if type(value) is not str or _SECONDS.fullmatch(value, 0, 19) is None:
            return usual(value)
        offset_s = _OFFSETS_S.get(value[19:])
        if offset_s is None:
            return usual(value)
        since = datetime.fromisoformat(value[:19]) - _EPOCH
        stored = (since.days * 86_400 + since.seconds - offset_s) * each_s
        return packed_long(stored) if low <= stored <= high else usual(value)

    return write


def _decimal(of: Primitive, usual: WriteScalar) -> WriteScalar:
    """With all of its digits after the point."""
    whole = of.precision - of.scale
    if not of.scale or not whole:
        return usual
    fits = re.compile(rf"-?(?:0|[1-9][0-9]{{0,{whole - 1}}})\.[0-9]{{{of.scale}}}").fullmatch

    def write(value: object) -> bytes:
        if type(value) is not str or fits(value) is None:
            return usual(value)
        return packed_bytes(decimal_bytes(int(value.replace(".", "")), None))

    return write
