"""Short ways to write Avro schemas in tests."""

from __future__ import annotations

import json

from contracts.json_types import JsonObject, JsonValue
from contracts.schema import Schema, parse_schema


def field(name: str, of: JsonValue, **more: JsonValue) -> JsonObject:
    """A field of a record."""
    return {"name": name, "type": of, **more}


def record(name: str, *fields: JsonObject) -> JsonObject:
    """A record."""
    return {"type": "record", "name": name, "fields": list[JsonValue](fields)}


def logical(base: str, name: str, **more: JsonValue) -> JsonObject:
    """A logical type on its base."""
    return {"type": base, "logicalType": name, **more}


def array(items: JsonValue) -> JsonObject:
    """A list."""
    return {"type": "array", "items": items}


def map_of(values: JsonValue) -> JsonObject:
    """A map."""
    return {"type": "map", "values": values}


def enum(name: str, *symbols: str) -> JsonObject:
    """An enum."""
    return {"type": "enum", "name": name, "symbols": list[JsonValue](symbols)}


def fixed(name: str, size: int) -> JsonObject:
    """A fixed."""
    return {"type": "fixed", "name": name, "size": size}


DATE = logical("int", "date")
PARTIAL_DATE = logical("string", "partial-date")
TIMESTAMP = logical("long", "timestamp-millis")
TIMESTAMP_MICROS = logical("long", "timestamp-micros")


def schema(*fields: JsonObject, name: str = "R") -> Schema:
    """The parsed schema of a record with these fields."""
    return parse_schema(json.dumps(record(name, *fields)))
