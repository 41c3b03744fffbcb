"""Stored values without parts, as Avro's bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from contracts.avro_types import EnumType, FixedType, Kind, Primitive

Pack = Callable[[Any], bytes]
"""From a stored value of one type to its bytes. Raises what it likes for any other value."""

_FLOAT: Final = struct.Struct("<f")
_DOUBLE: Final = struct.Struct("<d")


@cache
def _pairs() -> tuple[bytes, ...]:
    """Every fourteen bits as two bytes that others follow: half a megabyte, made when somebody writes large numbers."""
    return tuple(bytes((bits & 127 | 128, bits >> 7 | 128)) for bits in range(1 << 14))


def _varint(number: int) -> bytes:
    left = number << 1 if number >= 0 else ~(number << 1)
    packed = b""
    if left >= 1 << 14:
        pairs = _pairs()
        while left >= 1 << 14:
            packed += pairs[left & 0x3FFF]
            left >>= 14
    return packed + (bytes((left,)) if left < 128 else bytes((left & 127 | 128, left >> 7)))


SMALL: Final = 512
VARINTS: Final = tuple(map(_varint, [*range(SMALL), *range(-SMALL, 0)]))
"""The numbers from -SMALL to SMALL - 1, each at its own index: most lengths, counts and grades are among them."""


def packed_long(number: int) -> bytes:
    """A number of at most 64 bits: zigzag, seven bits a byte."""
    return VARINTS[number] if -SMALL <= number < SMALL else _varint(number)


def packed_bytes(raw: bytes) -> bytes:
    """Bytes of any length, with it."""
    size = len(raw)
    return (VARINTS[size] if size < SMALL else _varint(size)) + raw


def packed_text(text: str) -> bytes:
    """Text in UTF-8, with its length."""
    return packed_bytes(text.encode())


def packer(of: Primitive | EnumType | FixedType) -> Pack:
    """How stored values of that type are packed."""
    if isinstance(of, EnumType):
        return {symbol: packed_long(i) for i, symbol in enumerate(of.symbols)}.__getitem__
    if isinstance(of, FixedType) or (of.kind is Kind.DECIMAL and of.size is not None):
        return bytes
    return _PACKERS.get(of.kind, packed_long)


_PACKERS: Final[dict[Kind, Pack]] = {
    Kind.NULL: lambda _: b"",
    Kind.BOOLEAN: lambda value: b"\1" if value else b"\0",
    Kind.FLOAT: _FLOAT.pack,
    Kind.DOUBLE: _DOUBLE.pack,
    Kind.STRING: packed_text,
    Kind.UUID: packed_text,
    Kind.PARTIAL_DATE: packed_text,
    Kind.BYTES: packed_bytes,
    Kind.DECIMAL: packed_bytes,
}
"""The others are stored as integers."""
