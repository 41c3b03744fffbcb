"""The pieces that a record's bytes are joined from: one for each field, with defaults where no value is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from contracts.avro_defaults import default_of
from contracts.avro_types import ArrayType, FieldType, MapType, RecordType, Type, UnionType, branches, json_kind
from contracts.validation.packing import packed_long, packer
from contracts.validation.quick import Unusual, WriteScalar, scalar_writer
from contracts.validation.readers import PYTHON_TYPES

Pieces = Callable[[Mapping[str, object]], list[bytes]]
"""From the JSON of a record to the bytes of its fields, in their order; b"" for values with parts that are there.

Raises Unusual or KeyError where a field is missing or unknown, and what the writers of values do.
"""

_ABSENT: Final = object()
_NOTHING: Final = b"\0"


def has_parts(of: Type) -> bool:
    """Whether a value of that type may hold others."""
    return any(isinstance(branch, RecordType | ArrayType | MapType) for branch in branches(of))


def scalar_of(of: Type, field: FieldType | None = None) -> WriteScalar:
    """The writer of a type without parts, which holds the values of a field to its rules."""
    if not isinstance(of, UnionType):
        return scalar_writer(of, field)
    choices = {
        python: (packed_long(i), scalar_writer(branch, field))
        for i, branch in enumerate(of.branches)
        for python in PYTHON_TYPES[json_kind(branch)]
    }

    def write(value: object) -> bytes:
        index, chosen = choices[type(value)]
        return index + chosen(value)

    return write


def _later(_value: object) -> bytes:
    """In the place of a value with parts, which is written when the scalars are."""
    return b""


def pieces_of(of: RecordType) -> Pieces:
    """How the values without parts of a record are written; those with parts are the caller's."""
    scalars = [_later if has_parts(each.type) else scalar_of(each.type, each) for each in of.fields]
    whole, partly = _whole(of, scalars), _partly(of, scalars)
    count = len(of.fields)
    return lambda value: whole(value) if len(value) == count else partly(value)


def _whole(of: RecordType, scalars: list[WriteScalar]) -> Pieces:
    """The pieces of a record that has a value for every field.

    Compiled from a text that holds nothing of the schema, only numbered names: where each writer has a place of its own
    that calls it, Python learns how; a loop over all of them takes a tenth longer.
    """
    names = {f"name{i}": each.name for i, each in enumerate(of.fields)}
    writers = {f"write{i}": scalar for i, scalar in enumerate(scalars)}
    calls = ", ".join(f"write{i}(value[name{i}])" for i in range(len(scalars)))
    made: Pieces = eval(f"lambda value: [{calls}]", {**names, **writers})  # noqa: S307
    return made


def _partly(of: RecordType, scalars: list[WriteScalar]) -> Pieces:
    """The pieces of a record, with defaults where no value is."""
    slots = [(each.name, scalar, _default(each)) for each, scalar in zip(of.fields, scalars, strict=True)]

    def write(value: Mapping[str, object]) -> list[bytes]:
        pieces, absent = [], 0
        for name, scalar, default in slots:
            given = value.get(name, _ABSENT)
            if given is not _ABSENT:
                pieces.append(scalar(given))
            elif default is not None:
                pieces.append(default)
                absent += 1
            else:
                raise Unusual
        if len(pieces) - absent != len(value):
            raise Unusual
        return pieces

    return write


def _default(field: FieldType) -> bytes | None:
    """The bytes of a field that is absent; None where it is missing, or its default has parts."""
    if not field.has_default:
        return None
    of, stored = branches(field.type)[0], default_of(field)
    index = packed_long(0) if isinstance(field.type, UnionType) else b""
    if isinstance(of, ArrayType | MapType):
        return None if stored else index + _NOTHING
    return None if isinstance(of, RecordType | UnionType) else index + packer(of)(stored)
