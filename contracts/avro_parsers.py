"""What the two Avro libraries say of a schema. A schema is good where both take it.

The libraries stumble over hostile schemas in their own ways; whatever they raise is a complaint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias, cast

import avro.errors
import avro.name
import avro.schema
import fastavro

from contracts.avro_reading import SchemaProblem
from contracts.json_types import JsonObject, JsonValue
from contracts.said import said

FastavroSchema: TypeAlias = dict[str, Any]
"""A schema as fastavro keeps it; nothing but fastavro reads it."""

_LOGICAL_PROPERTIES: Final = frozenset({"logicalType", "precision", "scale"})


def without_logical(value: JsonValue) -> JsonValue:
    """A schema's JSON without its logical types."""
    if isinstance(value, list):
        return [without_logical(branch) for branch in value]
    if not isinstance(value, dict):
        return value
    bare: JsonObject = {key: each for key, each in value.items() if key not in _LOGICAL_PROPERTIES}
    for key in ("type", "items", "values"):
        if key in bare:
            bare[key] = without_logical(bare[key])
    fields = bare.get("fields")
    if isinstance(fields, list):
        bare["fields"] = [without_logical(each) for each in fields]
    return bare


def for_fastavro(value: JsonValue, *before: JsonValue) -> FastavroSchema:
    """The schema as fastavro reads records by it; it may use the named types of those `before` it."""
    named: dict[str, FastavroSchema] = {}
    for each in before:
        fastavro.parse_schema(cast("FastavroSchema", each), named)
    return cast("FastavroSchema", fastavro.parse_schema(cast("FastavroSchema", value), named))


def complaints(value: JsonValue, before: Sequence[JsonValue] = ()) -> Iterator[SchemaProblem]:
    """What either library has against the schema, which may use the named types of those `before` it."""
    try:
        for_fastavro(value, *before)
    except Exception as wrong:  # noqa: BLE001 - whatever fastavro stumbles over: its own errors, KeyError, TypeError …
        yield SchemaProblem("", said("fastavro refuses it: {wrong}", wrong=wrong), said("correct the schema"))
    try:
        _for_avro([*before, value])
    except Exception as wrong:  # noqa: BLE001 - AvroException, and what it does not foresee
        yield SchemaProblem("", said("avro refuses it: {wrong}", wrong=wrong), said("correct the schema"))


def _for_avro(values: Sequence[JsonValue]) -> None:
    names = avro.name.Names()
    for value in values:
        # `avro` warns of logical types that it does not know, so it gets none.
        avro.schema.make_avsc_object(without_logical(value), names)
