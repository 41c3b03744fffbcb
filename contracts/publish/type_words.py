"""Types in words: what an officer calls them, not what Avro does."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

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
    is_nullable,
    without_null,
)
from contracts.said import N_, Said, said

_MOST_SYMBOLS: Final = 12
_KINDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.NULL: N_("nothing"),
        Kind.BOOLEAN: N_("yes or no"),
        Kind.INT: N_("whole number"),
        Kind.LONG: N_("large whole number"),
        Kind.FLOAT: N_("number"),
        Kind.DOUBLE: N_("number"),
        Kind.STRING: N_("text"),
        Kind.BYTES: N_("bytes in Base64"),
        Kind.DATE: N_("date"),
        Kind.PARTIAL_DATE: N_("date, as far as it is known"),
        Kind.TIME_MILLIS: N_("time of day"),
        Kind.TIME_MICROS: N_("time of day"),
        Kind.TIMESTAMP_MILLIS: N_("moment, with its offset"),
        Kind.TIMESTAMP_MICROS: N_("moment, with its offset"),
        Kind.UUID: N_("UUID"),
    }
)


def type_words(of: Type) -> Said:
    """A type in words; that null is a value of it is told elsewhere."""
    kind = without_null(of)
    if isinstance(kind, EnumType):
        symbols = ", ".join(kind.symbols[:_MOST_SYMBOLS])
        more = " …" if len(kind.symbols) > _MOST_SYMBOLS else ""
        return said("one of: {symbols}", symbols=symbols + more)
    if isinstance(kind, FixedType):
        return said("{count} bytes in Base64", count=kind.size)
    if isinstance(kind, ArrayType):
        if isinstance(kind.items, RecordType):
            return said("list of groups of fields")
        return said("list of: {item}", item=type_words(kind.items))
    if isinstance(kind, MapType):
        return said("values by name: {item}", item=type_words(kind.values))
    if isinstance(kind, UnionType):
        words, *others = map(type_words, kind.branches)
        for other in others:
            words = said("{these} or {last}", these=words, last=other)
        return words
    return said("group of fields") if isinstance(kind, RecordType) else _primitive_words(kind)


def whole_words(of: Type) -> Said:
    """A type in words, also that null is a value of it."""
    words = type_words(of)
    return said("{type}, may be empty", type=words) if is_nullable(of) else words


def _primitive_words(of: Primitive) -> Said:
    if of.kind is Kind.DECIMAL:
        return said(
            "decimal number, as text: {precision} digits, {scale} after the point",
            precision=of.precision,
            scale=of.scale,
        )
    return said(_KINDS[of.kind])
