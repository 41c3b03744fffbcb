"""Readers of whole records, compiled from a schema: one closure for each type, built once.

A scalar's reader knows nothing but its value and raises a Misfit; whoever contains it knows the place. So the way of a
good record carries few pointers around, and the errors of a bad one have them exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from contracts.avro_defaults import default_of
from contracts.avro_depth import DEEPEST
from contracts.avro_types import (
    ArrayType,
    FieldType,
    JsonKind,
    MapType,
    RecordType,
    Type,
    UnionType,
    contains_itself,
    json_kind,
)
from contracts.json_types import pointer_of
from contracts.records import AvroRecord
from contracts.validation.found import MOST_ERRORS, MOST_POINTED, Errors
from contracts.validation.misfit import Misfit, expected, shown, shown_name, wrong_type
from contracts.validation.rules import ruled
from contracts.validation.scalars import Scalar, scalar_reader
from contracts.validation.text import normalised

_ABSENT: Final = object()
PYTHON_TYPES: Final[dict[JsonKind, tuple[type, ...]]] = {
    JsonKind.NULL: (type(None),),
    JsonKind.BOOLEAN: (bool,),
    JsonKind.NUMBER: (int, float),
    JsonKind.STRING: (str,),
    JsonKind.ARRAY: (list,),
    JsonKind.OBJECT: (dict,),
}


class Scope(NamedTuple):
    """A record under way: its type, what was read of it so far, its pointer, and the record around it."""

    type: RecordType
    record: AvroRecord
    at: str
    around: Scope | None


class Coded(NamedTuple):
    """A code that was read, to be looked up once all dates are read."""

    field: FieldType
    code: str
    scope: Scope


@dataclass(slots=True)
class Reading:
    """What comes to light while one record is read. `drop`: unknown fields are noted, not refused."""

    drop: bool
    errors: Errors
    dropped: list[str] = field(default_factory=list)
    coded: list[Coded] = field(default_factory=list)
    room: int = MOST_POINTED

    def misfit(self, misfit: Misfit, at: str) -> None:
        """Note that the value at that pointer does not fit. EnoughErrors."""
        self.errors.add(misfit.at(at))

    def left_out(self, at: str) -> None:
        """Note an unknown field; of very many, the first ones."""
        if len(self.dropped) < MOST_ERRORS and self.room > 0:
            self.dropped.append(at)
            self.room -= len(at)


Container = Callable[[object, str, Reading, Scope | None], Any]
"""Reads the value at a pointer into what Avro stores.

Notes what is wrong below it, raises Misfit for what is wrong with itself.
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """How a type is read: `scalar` where it has no parts, else `container`; `read` does for both."""

    read: Container
    scalar: Scalar | None = None


def _scalar(scalar: Scalar) -> Reader:
    return Reader(lambda value, _at, _reading, _scope: scalar(value), scalar)


class Slot(NamedTuple):
    """A field with its reader."""

    name: str
    suffix: str
    scalar: Scalar | None
    container: Container
    field: FieldType


class RecordReader:
    """Reads records of one type."""

    def __init__(self, of: RecordType) -> None:
        self._type = of
        self._names = {each.name for each in of.fields}
        self._coded = tuple(each for each in of.fields if each.codelist is not None)
        self._recursive = contains_itself(of)
        self.slots: tuple[Slot, ...] = ()

    def read(self, value: object, at: str, reading: Reading, around: Scope | None) -> object:
        """The record; what is wrong in it is noted. Misfit where it is none."""
        if type(value) is not dict:
            raise wrong_type(self._type, value)
        if self._recursive and at.count("/") >= DEEPEST:
            raise Misfit("too_deep", limit=DEEPEST)
        record: AvroRecord = {}
        scope = Scope(self._type, record, at, around)
        if self._fill(record, value, at, reading, scope) < len(value):
            self._unknown(value, at, reading)
        for of in self._coded:
            code = record.get(of.name)
            if code is not None:
                reading.coded.append(Coded(of, code, scope))
        return record

    def _fill(self, record: AvroRecord, value: dict[object, object], at: str, reading: Reading, scope: Scope) -> int:
        """Read the fields that are there; their number. The others get their defaults, or are missing."""
        taken = 0
        for name, suffix, scalar, container, of in self.slots:
            given = value.get(name, _ABSENT)
            if given is _ABSENT:
                self._absent(of, record, at + suffix, reading)
                continue
            taken += 1
            try:
                record[name] = scalar(given) if scalar else container(given, at + suffix, reading, scope)
            except Misfit as misfit:
                reading.misfit(misfit, at + suffix)
        return taken

    def _absent(self, of: FieldType, record: AvroRecord, at: str, reading: Reading) -> None:
        if of.has_default:
            record[of.name] = default_of(of)
        else:
            reading.misfit(Misfit("missing", name=of.name, expected=expected(of.type)), at)

    def _unknown(self, value: dict[object, object], at: str, reading: Reading) -> None:
        for name in value:
            if name in self._names:
                continue
            below = at + pointer_of([shown_name(name)])
            if reading.drop:
                reading.left_out(below)
            else:
                allowed = ", ".join(slot.name for slot in self.slots)
                reading.misfit(Misfit("unknown_field", name=shown(name), allowed=allowed), below)


class Compiler:
    """Makes readers from types; a record type that is used twice, or in itself, is compiled once."""

    def __init__(self) -> None:
        self._records: dict[int, RecordReader] = {}

    def record(self, of: RecordType) -> Container:
        """The reader of a record."""
        known = self._records.get(id(of))
        if known is None:
            known = self._records[id(of)] = RecordReader(of)
            known.slots = tuple(self._slot(each) for each in of.fields)
        return known.read

    def _slot(self, of: FieldType) -> Slot:
        reader = self.reader(of.type)
        if reader.scalar is not None:
            reader = _scalar(ruled(of, reader.scalar))
        return Slot(of.name, pointer_of([of.name]), reader.scalar, reader.read, of)

    def reader(self, of: Type) -> Reader:
        """The reader of a type, without the rules of a field."""
        if isinstance(of, RecordType):
            return Reader(self.record(of))
        if isinstance(of, ArrayType):
            return Reader(_array(of, self.reader(of.items)))
        if isinstance(of, MapType):
            return Reader(_map(of, self.reader(of.values)))
        if isinstance(of, UnionType):
            return _union(of, {json_kind(branch): self.reader(branch) for branch in of.branches})
        return _scalar(scalar_reader(of))


def _array(of: ArrayType, item: Reader) -> Container:
    def read(value: object, at: str, reading: Reading, scope: Scope | None) -> object:
        if type(value) is not list:
            raise wrong_type(of, value)
        if item.scalar is not None:
            try:
                return [item.scalar(each) for each in value]
            except Misfit:
                pass  # once more, for all of them and with their places
        items = []
        for i, each in enumerate(value):
            try:
                items.append(item.read(each, f"{at}/{i}", reading, scope))
            except Misfit as misfit:
                reading.misfit(misfit, f"{at}/{i}")
        return items

    return read


def _map(of: MapType, entry: Reader) -> Container:
    def read(value: object, at: str, reading: Reading, scope: Scope | None) -> object:
        if type(value) is not dict:
            raise wrong_type(of, value)
        entries: AvroRecord = {}
        for key, each in value.items():
            below = at + pointer_of([shown_name(key)])
            try:
                name = _key(of, key, entries)
                entries[name] = None
                entries[name] = entry.read(each, below, reading, scope)
            except Misfit as misfit:
                reading.misfit(misfit, below)
        return dict(sorted(entries.items()))

    return read


def _key(of: MapType, key: object, taken: AvroRecord) -> str:
    if type(key) is not str:
        raise wrong_type(of, key)
    name = normalised(key)
    if name in taken:
        raise Misfit("key_collision", name=shown(name))
    return name


def _union(of: UnionType, by_kind: dict[JsonKind, Reader]) -> Reader:
    readers = {python: reader for kind, reader in by_kind.items() for python in PYTHON_TYPES[kind]}
    scalars = {python: reader.scalar for python, reader in readers.items() if reader.scalar is not None}

    def read_scalar(value: object) -> object:
        scalar = scalars.get(type(value))
        if scalar is None:
            raise wrong_type(of, value)
        return scalar(value)

    def read(value: object, at: str, reading: Reading, scope: Scope | None) -> object:
        reader = readers.get(type(value))
        if reader is None:
            raise wrong_type(of, value)
        return reader.read(value, at, reading, scope)

    return _scalar(read_scalar) if len(scalars) == len(readers) else Reader(read)
