"""Writers of whole records, compiled from a schema: from JSON values straight to Avro's bytes, no record in between.

They know good values only. Whatever is unusual, every error above all, is left to the readers, which have the words for
it: nothing is refused here for good, and a writer may give up whenever it likes. What it does write is, byte for byte,
what the readers and fastavro would have made of the same value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from contracts.avro_depth import is_recursive
from contracts.avro_types import ArrayType, MapType, RecordType, Type, UnionType, json_kind
from contracts.schema import Schema
from contracts.validation.coding import Coding
from contracts.validation.misfit import Misfit
from contracts.validation.packing import packed_long, packed_text
from contracts.validation.pieces import has_parts, pieces_of, scalar_of
from contracts.validation.quick import Unusual
from contracts.validation.readers import PYTHON_TYPES, Reading, Scope
from contracts.validation.text import normalised

Write = Callable[[object, Reading | None, Scope | None], bytes]
"""From a value with parts to its bytes. Where the schema has codes, they are noted in the reading."""

GIVES_UP: Final = (Unusual, Misfit, KeyError, TypeError, ValueError, OverflowError)
"""What writers raise for values that are not theirs."""

_ABSENT: Final = object()
_END: Final = b"\0"


def writer_of(schema: Schema) -> Write | None:
    """The writer of a schema's records; None where the schema itself is unusual: it contains itself, for one."""
    coding = Coding(schema.root)
    if is_recursive(schema) or not coding.possible:
        return None
    return _Compiler(coding).record(schema.root)


class _Compiler:
    def __init__(self, coding: Coding) -> None:
        self._coding = coding
        self._records: dict[int, Write] = {}

    def record(self, of: RecordType) -> Write:
        known = self._records.get(id(of))
        if known is None:
            known = self._records[id(of)] = self._record(of)
        return known

    def _record(self, of: RecordType) -> Write:
        parts = [(i, each.name, self._container(each.type)) for i, each in enumerate(of.fields) if has_parts(each.type)]
        note = self._coding.note(of) if self._coding.needed else None
        pieces_in = pieces_of(of)

        def write(value: object, reading: Reading | None, around: Scope | None) -> bytes:
            if type(value) is not dict:
                raise Unusual
            pieces = pieces_in(value)
            scope = None if note is None or reading is None else note(value, reading, around)
            for i, name, container in parts:
                given = value.get(name, _ABSENT)
                if given is not _ABSENT:
                    pieces[i] = container(given, reading, scope)
            return b"".join(pieces)

        return write

    def _container(self, of: Type) -> Write:
        if isinstance(of, RecordType):
            return self.record(of)
        if isinstance(of, ArrayType):
            return self._array(of)
        if isinstance(of, MapType):
            return self._map(of)
        if isinstance(of, UnionType):
            return self._union(of)
        scalar = scalar_of(of)
        return lambda value, _reading, _scope: scalar(value)

    def _array(self, of: ArrayType) -> Write:
        item = self._container(of.items)
        scalar = None if has_parts(of.items) else scalar_of(of.items)

        def write(value: object, reading: Reading | None, scope: Scope | None) -> bytes:
            if type(value) is not list:
                raise Unusual
            if scalar is not None:
                return _block([scalar(each) for each in value])
            return _block([item(each, reading, scope) for each in value])

        return write

    def _map(self, of: MapType) -> Write:
        entry = self._container(of.values)

        def write(value: object, reading: Reading | None, scope: Scope | None) -> bytes:
            if type(value) is not dict:
                raise Unusual
            # Codes are looked up in the order of the body.
            entries = {_key(key): entry(each, reading, scope) for key, each in value.items()}
            if len(entries) < len(value):
                raise Unusual
            return _block([packed_text(key) + packed for key, packed in sorted(entries.items())])

        return write

    def _union(self, of: UnionType) -> Write:
        choices = {
            python: (packed_long(i), self._container(branch))
            for i, branch in enumerate(of.branches)
            for python in PYTHON_TYPES[json_kind(branch)]
        }

        def write(value: object, reading: Reading | None, scope: Scope | None) -> bytes:
            index, chosen = choices[type(value)]
            return index + chosen(value, reading, scope)

        return write


def _key(key: object) -> str:
    if type(key) is not str:
        raise Unusual
    return normalised(key)


def _block(items: list[bytes]) -> bytes:
    """What arrays and maps are: their items as one block, if any, and the end."""
    return b"".join((packed_long(len(items)), *items, _END)) if items else _END
