"""The canonical form of records: one JSON, one sequence of bytes and one hash for what means the same.

Idempotent, and unchanged by the way from JSON to Avro and back.
"""

from __future__ import annotations

import hashlib
from datetime import tzinfo
from functools import lru_cache
from typing import Any

import orjson

from contracts.avro_json import Below, Show, Showers
from contracts.avro_types import ArrayType, MapType, RecordType, Type, UnionType
from contracts.codec import Malformed, encode, split
from contracts.json_types import JsonValue, pointer_of
from contracts.records import AvroRecord
from contracts.schema import Schema
from contracts.validation.misfit import Misfit
from contracts.wording import Language, worded


def to_json(schema: Schema, record: AvroRecord, zone: tzinfo) -> JsonValue:
    """The canonical JSON form of a record as `decode` gives it or a Validator made it; timestamps in `zone`.

    Malformed where a value has no such form: bytes from elsewhere may hold NaN, a date that is none, or a decimal of
    more digits than its schema allows. The message names its JSON Pointer.
    """
    value: JsonValue = _guarded(_record_shower(schema, zone), record)
    return value


def json_of(of: Type, stored: object, zone: tzinfo) -> JsonValue:
    """The canonical JSON form of one stored value of that type. Malformed as `to_json`."""
    value: JsonValue = _guarded(Showers(zone).of(of), stored)
    return value


def dumps(value: JsonValue) -> bytes:
    """JSON text in UTF-8, names sorted, without white space: equal values give equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def body_hash(schema: Schema, record: AvroRecord) -> str:
    """SHA-256 (hex) over the Avro bytes of a canonical record, whatever the order of its fields and map entries."""
    return hashlib.sha256(split(encode(0, schema, _sorted(schema.root, record)))[1]).hexdigest()


def _guarded(show: Show, stored: object) -> Any:  # noqa: ANN401 - JsonValue, which mypy cannot follow through closures
    try:
        return show(stored)
    except Below as below:
        pointer, misfit = pointer_of(reversed(below.parts)), below.misfit
    except Misfit as found:
        pointer, misfit = "", found
    raise Malformed(f"{pointer or 'the record'}: {worded(misfit.at(pointer), Language.EN).detail}")


@lru_cache(maxsize=1024)
def _record_shower(schema: Schema, zone: tzinfo) -> Show:
    return Showers(zone).of(schema.root)


def _sorted(of: Type, stored: Any) -> Any:  # noqa: ANN401 - whatever Avro stores
    """The same value with the entries of its maps in order."""
    if isinstance(of, RecordType):
        return {field.name: _sorted(field.type, stored[field.name]) for field in of.fields}
    if isinstance(of, ArrayType):
        return [_sorted(of.items, item) for item in stored]
    if isinstance(of, MapType):
        return {key: _sorted(of.values, stored[key]) for key in sorted(stored)}
    if isinstance(of, UnionType):
        for branch in of.branches:
            if isinstance(stored, list if isinstance(branch, ArrayType) else dict) and isinstance(
                branch, ArrayType | MapType | RecordType
            ):
                return _sorted(branch, stored)
    return stored
