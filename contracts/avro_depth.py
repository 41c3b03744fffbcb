"""How deep a record in Avro bytes goes, found without recursion or trust. Needed where a schema contains itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from contracts.avro_cycles import before_a_cycle, inner_records
from contracts.avro_types import (
    ArrayType,
    EnumType,
    FixedType,
    Kind,
    MapType,
    Primitive,
    RecordType,
    Type,
    UnionType,
    records_in,
)
from contracts.schema import Schema

DEEPEST: Final = 64
"""How many objects and arrays may lie inside one another, in JSON and in Avro alike."""

_FLOATING: Final = {Kind.FLOAT: 4, Kind.DOUBLE: 8}
_WITH_LENGTH: Final = frozenset({Kind.STRING, Kind.BYTES, Kind.UUID, Kind.PARTIAL_DATE})


@lru_cache(maxsize=1024)
def is_recursive(schema: Schema) -> bool:
    """Whether a record of that schema may contain itself."""
    return bool(before_a_cycle(list(records_in(schema.root)), inner_records))


def check_depth(payload: bytes, schema: Schema) -> str | None:
    """Why a record in `payload` cannot be followed: too deep, or not whole. None where it can."""
    try:
        _Skipper(payload).value(schema.root, 0)
    except _TooDeep:
        return f"the record is nested more than {DEEPEST} levels deep"
    except (IndexError, ValueError):
        return "the bytes end within the record, or name a branch that it does not have"
    return None


class _TooDeep(Exception):
    """Deeper than DEEPEST."""


class _Skipper:
    """Walks over bytes as their schema says. IndexError and ValueError where they are not what it says."""

    def __init__(self, payload: bytes) -> None:
        self._bytes = payload
        self._at = 0

    def value(self, of: Type, depth: int) -> None:
        """Pass one value."""
        if depth > DEEPEST:
            raise _TooDeep
        if isinstance(of, Primitive):
            self._primitive(of)
        elif isinstance(of, RecordType):
            for field in of.fields:
                self.value(field.type, depth + 1)
        elif isinstance(of, UnionType):
            branch = self._long()
            if branch < 0:
                raise ValueError(branch)
            self.value(of.branches[branch], depth)
        elif isinstance(of, FixedType):
            self._pass(of.size)
        elif isinstance(of, EnumType):
            self._long()
        else:
            self._blocks(of, depth)

    def _blocks(self, of: ArrayType | MapType, depth: int) -> None:
        for _ in self._each_in_blocks():
            if isinstance(of, MapType):
                self._pass(self._long())
            self.value(of.values if isinstance(of, MapType) else of.items, depth + 1)

    def _each_in_blocks(self) -> Iterator[None]:
        while count := self._long():
            if count < 0:
                self._long()
            for _ in range(abs(count)):
                yield

    def _primitive(self, of: Primitive) -> None:
        if of.kind is Kind.NULL:
            return
        if of.kind is Kind.BOOLEAN:
            self._pass(1)
        elif of.kind in _FLOATING:
            self._pass(_FLOATING[of.kind])
        elif of.kind in _WITH_LENGTH or (of.kind is Kind.DECIMAL and of.size is None):
            self._pass(self._long())
        elif of.kind is Kind.DECIMAL:
            self._pass(of.size or 0)
        else:
            self._long()

    def _pass(self, count: int) -> None:
        if not 0 <= count <= len(self._bytes) - self._at:
            raise ValueError(count)
        self._at += count

    def _long(self) -> int:
        number, shift = 0, 0
        while True:
            byte = self._bytes[self._at]
            self._at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (number >> 1) ^ -(number & 1)
            shift += 7
            if shift > 63:
                raise ValueError("a number of more than ten bytes")
