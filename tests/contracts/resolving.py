"""What Avro readers really make of bytes that were written with another schema."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any, cast

import avro.io
import avro.schema
import fastavro
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from contracts.avro_parsers import for_fastavro, without_logical
from contracts.json_types import JsonValue

FAILS = "fails"


def by_fastavro(writer: JsonValue, value: object, reader: JsonValue) -> object:
    """What the bus's own reader gives; FAILS where it gives nothing."""
    written, read = (for_fastavro(without_logical(each)) for each in (writer, reader))
    out = BytesIO()
    fastavro.schemaless_writer(out, written, cast("Any", value))
    out.seek(0)
    try:
        return fastavro.schemaless_reader(out, written, read)
    except Exception:  # noqa: BLE001 - fastavro stumbles in many ways
        return FAILS


def by_avro(writer: JsonValue, value: object, reader: JsonValue) -> object:
    """What the other library's reader gives; FAILS where it gives nothing."""
    written, read = _for_avro(writer), _for_avro(reader)
    out = BytesIO()
    avro.io.DatumWriter(written).write(value, avro.io.BinaryEncoder(out))
    out.seek(0)
    try:
        return avro.io.DatumReader(written, read).read(avro.io.BinaryDecoder(out))
    except Exception:  # noqa: BLE001 - avro stumbles in many ways, too
        return FAILS


def approved_by_avro(writer: JsonValue, reader: JsonValue) -> bool:
    """What the other library's compatibility check thinks of it."""
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # avro has no types here
    found = checker.get_compatibility(_for_avro(reader), _for_avro(writer))
    return found.compatibility is SchemaCompatibilityType.compatible


def _for_avro(value: JsonValue) -> avro.schema.Schema:
    return avro.schema.parse(json.dumps(without_logical(value)))
