"""A record that fits a schema, for contracts that bring no example: its form is right, its values say nothing."""

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
    without_null,
)
from contracts.catalogue import Contract, ContractVersion
from contracts.json_types import JsonValue
from contracts.outcome import Pattern
from contracts.schema import Schema

_VALUES: Final[Mapping[Kind, JsonValue]] = MappingProxyType(
    {
        Kind.NULL: None,
        Kind.BOOLEAN: True,
        Kind.INT: 1,
        Kind.LONG: 1,
        Kind.FLOAT: 1.5,
        Kind.DOUBLE: 1.5,
        Kind.STRING: "…",
        Kind.BYTES: "",
        Kind.DATE: "2026-01-31",
        Kind.PARTIAL_DATE: "2026-01",
        Kind.TIME_MILLIS: "08:00:00",
        Kind.TIME_MICROS: "08:00:00",
        Kind.TIMESTAMP_MILLIS: "2026-01-31T08:00:00+07:00",
        Kind.TIMESTAMP_MICROS: "2026-01-31T08:00:00+07:00",
        Kind.UUID: "00000000-0000-8000-8000-000000000000",
    }
)


def sent_example(version: ContractVersion) -> JsonValue:
    """What may be sent: the contract's own example, else one that is made."""
    return example_of(version.request) if version.request_example is None else version.request_example


def received_example(contract: Contract, version: ContractVersion) -> JsonValue:
    """What comes back of a query, or as an event; None for a submission, which brings nothing."""
    if contract.pattern is Pattern.EVENT:
        return sent_example(version)
    if version.reply is None:
        return None
    return example_of(version.reply) if version.reply_example is None else version.reply_example


def example_of(schema: Schema) -> JsonValue:
    """A record in JSON; fields that may be left out are."""
    return _value(schema.root, frozenset())


def _value(of: Type, around: frozenset[int]) -> JsonValue:
    kind = without_null(of)
    if isinstance(kind, RecordType):
        if id(kind) in around:
            return None
        inside = around | {id(kind)}
        return {field.name: _value(field.type, inside) for field in kind.fields if not field.has_default}
    if isinstance(kind, EnumType):
        return kind.symbols[0]
    if isinstance(kind, ArrayType):
        item = _value(kind.items, around)
        return [] if item is None else [item]
    if isinstance(kind, MapType):
        return {}
    if isinstance(kind, UnionType):
        return _value(kind.branches[0], around)
    if isinstance(kind, FixedType):
        return _zeroes(kind.size)
    return _primitive(kind)


def _zeroes(size: int) -> str:
    """So many zero bytes in Base64."""
    groups, rest = divmod(size, 3)
    return "AAAA" * groups + ("", "AA==", "AAA=")[rest]


def _primitive(of: Primitive) -> JsonValue:
    if of.kind is Kind.DECIMAL:
        return "0" if of.scale == 0 else f"0.{'0' * of.scale}"
    return _VALUES[of.kind]
