"""Whether what was written with one Avro schema can be read with another: of any schemas, and decided by reading.

`reading` says no wherever a reader of the bus, which is fastavro, would fail or would take one value for another. So it
is stricter than Avro's rules where they approve what changes a value (a decimal's scale, a timestamp's unit), or what
fastavro cannot read (bytes that are no text, an alias that two fields lay claim to). docs/contracts.md has the table.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

from contracts.avro_any import NAMED, AnyField, AnySchema, AnyType, Logical, Sort
from contracts.json_types import pointer_of
from contracts.said import Said, said

_MOST_PAIRS: Final = 50_000
_MOST_FOUND: Final = 1_000
_MOST_NAMED: Final = 20
_PROMOTIONS: Final = {
    Sort.INT: {Sort.LONG, Sort.FLOAT, Sort.DOUBLE},
    Sort.LONG: {Sort.FLOAT, Sort.DOUBLE},
    Sort.FLOAT: {Sort.DOUBLE},
    Sort.STRING: {Sort.BYTES},
    Sort.BYTES: {Sort.STRING},
}


class Mode(StrEnum):
    """What a new version must be able to do, by Confluent's names.

    BACKWARD: read what the one before wrote. FORWARD: be read by the one before. FULL: both. The transitive kinds ask
    it of every earlier version.
    """

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def transitive(self) -> bool:
        """Whether every earlier version counts, not only the last."""
        return self.value.endswith("_TRANSITIVE")

    @property
    def backward(self) -> bool:
        """Whether the new version reads what earlier ones wrote."""
        return self.value.startswith(("BACKWARD", "FULL"))

    @property
    def forward(self) -> bool:
        """Whether earlier versions read what the new one writes."""
        return self.value.startswith(("FORWARD", "FULL"))


class Incompatible(StrEnum):
    """Why a reader cannot read, by Confluent's names; the last two are the bus's own."""

    NAME_MISMATCH = "NAME_MISMATCH"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"
    MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
    MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"
    FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
    LOGICAL_TYPE_MISMATCH = "LOGICAL_TYPE_MISMATCH"
    TOO_INTRICATE = "TOO_INTRICATE"


class Reader(StrEnum):
    """Who reads in a comparison: the new version what an earlier one wrote, or the other way round."""

    NEW = "new"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """One thing that keeps a reader from reading what a writer wrote.

    `path` is the JSON Pointer to it in the reader's schema, followed through names; of a branch that the reader's union
    lacks, its place in the writer's union. `message` says it in words, `info` as Confluent's `additionalInfo` does.
    `reader` and `index` are of `against`: who reads, and which of the earlier versions is meant.
    """

    path: str
    kind: Incompatible
    message: Said
    info: str
    reader: Reader = Reader.NEW
    index: int = 0


def against(mode: Mode, new: AnySchema, earlier: Sequence[AnySchema]) -> tuple[Incompatibility, ...]:
    """What keeps `new` from following `earlier`, the oldest first, in that mode; () where it may."""
    found: list[Incompatibility] = []
    first = 0 if mode.transitive else max(0, len(earlier) - 1)
    for index, old in enumerate(earlier[first:], first):
        if mode.backward:
            found.extend(replace(each, index=index) for each in reading(new, old))
        if mode.forward:
            found.extend(replace(each, reader=Reader.OLD, index=index) for each in reading(old, new))
    return tuple(found)


def reading(reader: AnySchema, writer: AnySchema) -> tuple[Incompatibility, ...]:
    """What keeps `reader` from reading what was written with `writer`; () where it reads all of it.

    Linear in the schemas' sizes but for types that contain each other crosswise; over 50,000 comparisons of types the
    answer is TOO_INTRICATE.
    """
    if reader == writer:
        return ()
    found: list[Incompatibility] = []
    seen: set[tuple[int, int]] = set()
    unions = _Unions()
    ahead: deque[_Pair] = deque([(reader.root, writer.root, ())])
    while ahead and len(found) < _MOST_FOUND:
        pair = ahead.popleft()
        key = (id(pair[0]), id(pair[1]))
        if key in seen:
            continue
        seen.add(key)
        if len(seen) > _MOST_PAIRS:
            message = said("the two schemas are too intricate to be compared")
            return (*found, Incompatibility(pointer_of(pair[2]), Incompatible.TOO_INTRICATE, message, ""))
        for each in _compared(*pair, unions):
            if isinstance(each, Incompatibility):
                found.append(each)
            else:
                ahead.append(each)
    return tuple(found)


_Parts: TypeAlias = tuple[str | int, ...]
_Pair: TypeAlias = tuple[AnyType, AnyType, _Parts]
_Compared: TypeAlias = Iterator[_Pair | Incompatibility]


def _compared(reader: AnyType, writer: AnyType, at: _Parts, unions: _Unions) -> _Compared:
    """What follows from one type being read as another: what is wrong, and what else has to hold."""
    if writer.sort is Sort.UNION:
        for i, branch in enumerate(writer.inner):
            if reader.sort is Sort.UNION:
                yield from _into_union(reader, branch, at, (*at, i), unions)
            else:
                yield reader, branch, at
    elif reader.sort is Sort.UNION:
        yield from _into_union(reader, writer, at, at, unions)
    elif reader.sort is not writer.sort:
        if not _promoted(reader, writer):
            yield _mismatch(reader, writer, at)
        else:
            yield from _logical(reader, writer, at)
    elif reader.sort in (Sort.ARRAY, Sort.MAP):
        yield reader.inner[0], writer.inner[0], (*at, "items" if reader.sort is Sort.ARRAY else "values")
    elif reader.sort in NAMED:
        yield from _named(reader, writer, at)
    else:
        yield from _logical(reader, writer, at)


def _named(reader: AnyType, writer: AnyType, at: _Parts) -> _Compared:
    if not _same_name(reader, writer):
        message = said(
            "{new} is not the name of {old}, and no alias says that it was", new=reader.name, old=writer.name
        )
        info = f"expected: {writer.name}"
        yield Incompatibility(pointer_of((*at, "name")), Incompatible.NAME_MISMATCH, message, info)
    if reader.sort is Sort.RECORD:
        yield from _record(reader, writer, at)
    elif reader.sort is Sort.ENUM:
        yield from _enum(reader, writer, at)
    elif reader.size != writer.size:
        message = said("it has {size} bytes, and was written with {written}", size=reader.size, written=writer.size)
        info = f"expected: {writer.size}, found: {reader.size}"
        yield Incompatibility(pointer_of((*at, "size")), Incompatible.FIXED_SIZE_MISMATCH, message, info)
    else:
        yield from _logical(reader, writer, at)


def _same_name(reader: AnyType, writer: AnyType) -> bool:
    """Whether a reader takes one for the other: by the name without its namespace, or by an alias."""
    return _short(reader.name) == _short(writer.name) or writer.name in reader.aliases


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _record(reader: AnyType, writer: AnyType, at: _Parts) -> _Compared:
    """Field by field as fastavro goes: the writer's, each by the reader's field of its name, else of its alias."""
    by_name = {field.name: i for i, field in enumerate(reader.fields)}
    by_alias: dict[str, list[int]] = {}
    for i, field in enumerate(reader.fields):
        for alias in field.aliases:
            by_alias.setdefault(alias, []).append(i)
    filled: dict[int, str] = {}
    for written in writer.fields:
        direct = by_name.get(written.name)
        places = by_alias.get(written.name, []) if direct is None else [direct]
        for i in places:
            here = (*at, "fields", i)
            if i in filled or len(places) > 1:
                yield _claimed(reader.fields[i], written.name, here)
            filled[i] = written.name
            yield reader.fields[i].type, written.type, (*here, "type")
    for i, field in enumerate(reader.fields):
        if i not in filled and not field.has_default:
            message = said("the field {name} was not written, and has no default", name=field.name)
            kind = Incompatible.READER_FIELD_MISSING_DEFAULT_VALUE
            yield Incompatibility(pointer_of((*at, "fields", i)), kind, message, field.name)


def _claimed(field: AnyField, written: str, at: _Parts) -> Incompatibility:
    message = said(
        "more than one field is the same one by name or alias: {name}, for {old}", name=field.name, old=written
    )
    return Incompatibility(pointer_of((*at, "aliases")), Incompatible.NAME_MISMATCH, message, field.name)


def _enum(reader: AnyType, writer: AnyType, at: _Parts) -> _Compared:
    known = set(reader.symbols)
    missing = [symbol for symbol in writer.symbols if symbol not in known]
    if missing and reader.default is None:
        names = ", ".join(missing[:_MOST_NAMED]) + (" …" if len(missing) > _MOST_NAMED else "")
        message = said("the enum {name} lacks {symbols}, and has no default", name=reader.name, symbols=names)
        kind = Incompatible.MISSING_ENUM_SYMBOLS
        yield Incompatibility(pointer_of((*at, "symbols")), kind, message, f"[{names}]")


def _into_union(reader: AnyType, writer: AnyType, at: _Parts, place: _Parts, unions: _Unions) -> _Compared:
    """The reader's first branch that the writer's type may be read as, as fastavro looks for it."""
    first, exact = unions[reader].taken(writer)
    if first is None:
        message = said("the union has no branch for {type}", type=_called(writer))
        info = f"reader union lacking writer type: {writer.sort.upper()}"
        yield Incompatibility(pointer_of(place), Incompatible.MISSING_UNION_BRANCH, message, info)
    elif exact not in (None, first):
        taken, info = reader.inner[first].name, f"expected: {writer.name}"
        message = said("{type} would be read as {first}, which has the same short name", type=writer.name, first=taken)
        yield Incompatibility(pointer_of((*at, first)), Incompatible.NAME_MISMATCH, message, info)
    else:
        yield reader.inner[first], writer, (*at, first)


class _Branches:
    """The branches of a reader's union by all that fastavro knows them by, before it looks further down."""

    def __init__(self, union: AnyType) -> None:
        self._first: dict[tuple[str, str], int] = {}
        for i, branch in enumerate(union.inner):
            named = branch.sort in NAMED
            keys = [("short", _short(branch.name)), ("full", branch.name)] if named else [("sort", str(branch.sort))]
            for key in (*keys, *(("full", alias) for alias in branch.aliases)):
                self._first.setdefault(key, i)
            if named:
                self._first["exact", branch.name] = i

    def taken(self, writer: AnyType) -> tuple[int | None, int | None]:
        """The place of the branch that is taken for `writer`, and of the one that has its very name."""
        if writer.sort in NAMED:
            keys = [("short", _short(writer.name)), ("full", writer.name)]
        else:
            keys = [("sort", str(sort)) for sort in (writer.sort, *_PROMOTIONS.get(writer.sort, ()))]
        found = [self._first[key] for key in keys if key in self._first]
        return min(found, default=None), self._first.get(("exact", writer.name))


class _Unions:
    """The unions of a reader, each looked through once."""

    def __init__(self) -> None:
        self._known: dict[int, _Branches] = {}

    def __getitem__(self, union: AnyType) -> _Branches:
        found = self._known.get(id(union))
        if found is None:
            found = self._known[id(union)] = _Branches(union)
        return found


def _promoted(reader: AnyType, writer: AnyType) -> bool:
    return reader.sort in _PROMOTIONS.get(writer.sort, ()) and reader.sort is not Sort.STRING


def _mismatch(reader: AnyType, writer: AnyType, at: _Parts) -> Incompatibility:
    message = said("it is {type}, and was written as {written}", type=_called(reader), written=_called(writer))
    if reader.sort is Sort.STRING and writer.sort is Sort.BYTES:
        message = said("it is text, and was written as bytes, which need not be text")
    info = f"reader type: {reader.sort.upper()} not compatible with writer type: {writer.sort.upper()}"
    return Incompatibility(pointer_of(at), Incompatible.TYPE_MISMATCH, message, info)


def _called(of: AnyType) -> str:
    base = of.name or str(of.sort)
    if of.logical is None:
        return base
    return f"{base} ({_spelt(of.logical)})"


def _spelt(logical: Logical) -> str:
    decimal = logical.name == "decimal"
    return f"{logical.name}({logical.precision}, {logical.scale})" if decimal else logical.name


def _logical(reader: AnyType, writer: AnyType, at: _Parts) -> _Compared:
    """Avro itself lets a reader take days for milliseconds, and hundredths for thousandths."""
    if not _same_meaning(reader.logical, writer.logical, writer.sort):
        message = said("it is {type}, and was written as {written}", type=_called(reader), written=_called(writer))
        info = f"reader: {_called(reader)}, writer: {_called(writer)}"
        yield Incompatibility(pointer_of((*at, "logicalType")), Incompatible.LOGICAL_TYPE_MISMATCH, message, info)


def _same_meaning(reader: Logical | None, writer: Logical | None, written: Sort) -> bool:
    if reader == writer:
        return True
    if reader is None:
        return written is Sort.STRING
    same_decimal = writer is not None and reader.name == writer.name == "decimal"
    return same_decimal and writer is not None and reader.scale == writer.scale and reader.precision >= writer.precision
