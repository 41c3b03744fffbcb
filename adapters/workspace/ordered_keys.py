"""Whether a field can be what an `ordered` contract is ordered by."""

from __future__ import annotations

from typing import Final, NamedTuple

from contracts.avro_types import FieldType, Kind, Primitive, RecordType, Type, branches, is_nullable
from contracts.json_types import parts_of, pointer_of
from contracts.schema import Schema
from contracts.spelling import meant

_KEYS: Final = frozenset({Kind.STRING, Kind.INT, Kind.LONG})
_REQUIRED: Final = "name a field that every record has: not null, without a default, in no list and no map"


class Fault(NamedTuple):
    """Why a field cannot be a key, and what to do."""

    message: str
    remedy: str


def fault_of_key(schema: Schema, pointer: str) -> Fault | None:
    """What is wrong with the field at `pointer` as a key; None where nothing is.

    Every record has to have exactly one such value: the way leads through required records to a required field.
    """
    here: Type = schema.root
    parts = parts_of(pointer)
    for depth, part in enumerate(parts, start=1):
        if not isinstance(here, RecordType):
            return Fault(f"{pointer} is not in every record once", _REQUIRED)
        found = here.field(part)
        if found is None:
            above = pointer_of(parts[: depth - 1])
            known = [f"{above}/{each.name}" for each in here.fields]
            return Fault(f"there is no field {pointer}", meant(pointer_of(parts[:depth]), known, "fields"))
        if _is_optional(found):
            return Fault(f"{pointer_of(parts[:depth])} is optional", _REQUIRED)
        here = found.type
    if isinstance(here, Primitive) and here.kind in _KEYS:
        return None
    return Fault(f"{pointer} is neither a text nor a whole number", "name a string, an int or a long")


def _is_optional(field: FieldType) -> bool:
    return field.has_default or is_nullable(field.type) or len(branches(field.type)) > 1
