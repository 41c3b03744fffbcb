"""Any Avro schema as a graph: also those that no contract may have, which a registry is asked to keep all the same.

`contracts.schema` reads the schemas of contracts, and is stricter. `contracts.compatibility` compares these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from contracts.avro_parsers import complaints
from contracts.avro_reading import MOST_FIELDS, MOST_PROBLEMS, SchemaProblem, too_many_fields
from contracts.avro_text import WrongText, read_text
from contracts.json_types import JsonObject, JsonValue
from contracts.said import said
from contracts.schema import SchemaError


class Sort(StrEnum):
    """What a type is, without regard to logical types. An `error` is a record."""

    NULL = "null"
    BOOLEAN = "boolean"
    INT = "int"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    BYTES = "bytes"
    STRING = "string"
    RECORD = "record"
    ENUM = "enum"
    FIXED = "fixed"
    ARRAY = "array"
    MAP = "map"
    UNION = "union"


NAMED: Final = frozenset({Sort.RECORD, Sort.ENUM, Sort.FIXED})
_PRIMITIVES: Final = {str(sort): sort for sort in list(Sort)[:8]}
_FULL_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_BITS: Final = {Sort.INT: 31, Sort.LONG: 63}
_LOGICAL: Final = {
    "date": {Sort.INT},
    "time-millis": {Sort.INT},
    "time-micros": {Sort.LONG},
    **{
        f"{kind}-{unit}": {Sort.LONG}
        for kind in ("timestamp", "local-timestamp")
        for unit in ("millis", "micros", "nanos")
    },
    "uuid": {Sort.STRING, Sort.FIXED},
    "partial-date": {Sort.STRING},
    "decimal": {Sort.BYTES, Sort.FIXED},
    "duration": {Sort.FIXED},
}


class Logical(NamedTuple):
    """A logical type; `precision` and `scale` are those of a decimal."""

    name: str
    precision: int = 0
    scale: int = 0


class AnyField(NamedTuple):
    """A field of a record; `aliases` are names that it had."""

    name: str
    aliases: tuple[str, ...]
    type: AnyType
    has_default: bool


@dataclass(slots=True, eq=False)
class AnyType:
    """One type of a schema. The same definition is the same object wherever it is named.

    `name` and `aliases` are full names. `inner` are an array's items, a map's values or a union's branches. `default`
    is an enum's. Of logical types only those are kept that Avro defines on this base, and partial-date.
    """

    sort: Sort
    name: str = ""
    aliases: frozenset[str] = frozenset()
    fields: tuple[AnyField, ...] = ()
    symbols: tuple[str, ...] = ()
    default: str | None = None
    size: int = 0
    inner: tuple[AnyType, ...] = ()
    logical: Logical | None = None


@dataclass(frozen=True, slots=True)
class AnySchema:
    """A schema of any kind, as both Avro libraries take it. Two are equal where their texts and references are."""

    text: str
    references: tuple[str, ...]
    root: AnyType = field(repr=False, compare=False)


def any_schema(text: str, references: Sequence[str] = ()) -> AnySchema:
    """The schema in `text`, which may use the named types of `references`, each of which may use those before it.

    SchemaError with what is wrong, for either library or by Avro's own rules, each at its place in the text.
    """
    try:
        value = read_text(text)
        before = [read_text(each) for each in references]
    except WrongText as wrong:
        raise SchemaError((wrong.problem,)) from None
    reader = _Reader()
    for each in before:
        reader.read(each)
    root = reader.read(value)
    problems = reader.problems or list(complaints(value, before))
    if problems or root is None:
        raise SchemaError(tuple(dict.fromkeys(problems)))
    return AnySchema(text, tuple(references), root)


class Fitting:
    """Asks whether defaults fit their types; gives up, and says no, after a number of questions in all."""

    def __init__(self) -> None:
        self._left = 1_000_000

    def fits(self, of: AnyType, value: JsonValue) -> bool:
        """Whether `value` is a default of that type: of a union, one of any of its branches."""
        self._left -= 1
        if self._left < 0:
            return False
        if of.sort is Sort.UNION:
            return any(self.fits(branch, value) for branch in of.inner)
        if of.sort is Sort.RECORD:
            return isinstance(value, dict) and all(
                self.fits(each.type, value[each.name]) if each.name in value else each.has_default for each in of.fields
            )
        if of.sort is Sort.ARRAY:
            return isinstance(value, list) and all(self.fits(of.inner[0], each) for each in value)
        if of.sort is Sort.MAP:
            return isinstance(value, dict) and all(self.fits(of.inner[0], each) for each in value.values())
        return _scalar_fits(of, value)


def _scalar_fits(of: AnyType, value: JsonValue) -> bool:
    if of.sort is Sort.NULL:
        return value is None
    if isinstance(value, bool) or of.sort is Sort.BOOLEAN:
        return isinstance(value, bool) and of.sort is Sort.BOOLEAN
    if of.sort in _BITS:
        return isinstance(value, int) and -(2 ** _BITS[of.sort]) <= value < 2 ** _BITS[of.sort]
    if of.sort in (Sort.FLOAT, Sort.DOUBLE):
        return isinstance(value, int | float)
    if not isinstance(value, str):
        return False
    if of.sort is Sort.ENUM:
        return value in of.symbols
    narrow = of.sort is Sort.STRING or all(sign <= "\xff" for sign in value)
    return narrow and (of.sort is not Sort.FIXED or len(value) == of.size)


class _Stop(Exception):
    """There are enough problems."""


class _Reader:
    """Builds the graph; goes on after a problem, until there are too many."""

    def __init__(self) -> None:
        self.problems: list[SchemaProblem] = []
        self._named: dict[str, AnyType] = {}
        self._defaults: list[tuple[str, AnyField, JsonValue]] = []

    def read(self, value: JsonValue) -> AnyType | None:
        """The type that `value` defines; None where it cannot be read."""
        self._defaults.clear()
        try:
            root = self._type(value, "", "")
            if not self.problems:
                self._check_defaults()
        except _Stop:
            return None
        return root

    def _problem(self, at: str, message: str, remedy: str) -> None:
        self.problems.append(SchemaProblem(at, message, remedy))
        if len(self.problems) >= MOST_PROBLEMS:
            raise _Stop

    def _type(self, value: JsonValue, at: str, space: str) -> AnyType | None:
        if isinstance(value, str):
            return self._by_name(value, at, space)
        if isinstance(value, list):
            return self._union(value, at, space)
        if not isinstance(value, dict):
            self._problem(at, said("a type is a name, an object or an array"), said('write a type such as "string"'))
            return None
        kind = value.get("type")
        if kind in ("record", "error"):
            return self._record(value, at, space)
        if kind == "enum":
            return self._enum(value, at, space)
        if kind == "fixed":
            return self._fixed(value, at, space)
        if kind in ("array", "map"):
            return self._of_many(value, str(kind), at, space)
        if kind is None:
            self._problem(at, said('there is no "type" here'), said('add one, such as "type": "string"'))
            return None
        found = self._type(kind, f"{at}/type", space)
        if found is None or found.sort in NAMED or found.sort is Sort.UNION:
            return found
        return AnyType(found.sort, inner=found.inner, logical=_logical(value, found.sort) or found.logical)

    def _by_name(self, name: str, at: str, space: str) -> AnyType | None:
        if name in _PRIMITIVES:
            return AnyType(_PRIMITIVES[name])
        found = self._named.get(_full(name, space))
        if found is None:
            remedy = said("correct the name, or define the type before it is used")
            self._problem(at, said("there is no type named {name}", name=name), remedy)
        return found

    def _union(self, value: list[JsonValue], at: str, space: str) -> AnyType | None:
        found: list[AnyType] = []
        for i, branch in enumerate(value):
            of = self._type(branch, f"{at}/{i}", space)
            if of is not None and of.sort is Sort.UNION:
                message, remedy = said("a union directly inside a union"), said("write all branches in one union")
                self._problem(f"{at}/{i}", message, remedy)
            elif of is not None:
                found.append(of)
        seen: set[str] = set()
        for i, key in enumerate(of.name or of.sort for of in found):
            if key in seen:
                self._problem(f"{at}/{i}", said("the union has the branch {key} twice", key=key), said("remove one"))
            seen.add(key)
        return AnyType(Sort.UNION, inner=tuple(found)) if len(found) == len(value) else None

    def _of_many(self, value: JsonObject, kind: str, at: str, space: str) -> AnyType | None:
        key = "items" if kind == "array" else "values"
        inner = self._type(value.get(key), f"{at}/{key}", space)
        return None if inner is None else AnyType(Sort(kind), inner=(inner,))

    def _define(self, value: JsonObject, sort: Sort, at: str, space: str) -> tuple[AnyType, str]:
        """The new type, known by its name from now on, and the namespace inside it."""
        name, own = value.get("name"), value.get("namespace")
        if not isinstance(name, str) or _FULL_NAME.fullmatch(name) is None:
            remedy = said("begin with a letter; use letters, digits and _ only")
            self._problem(f"{at}/name", said("{name} is no Avro name", name=repr(name)), remedy)
            return AnyType(sort), space
        full = _full(name, own if isinstance(own, str) else space)
        if full in self._named or full in _PRIMITIVES:
            message = said("the name {full} is taken already", full=full)
            self._problem(f"{at}/name", message, said("give every type a name of its own"))
        inside = full.rpartition(".")[0]
        aliases = frozenset(_full(each, inside) for each in _texts(value.get("aliases")))
        found = AnyType(sort, full, aliases)
        self._named[full] = found
        return found, inside

    def _record(self, value: JsonObject, at: str, space: str) -> AnyType | None:
        found, inside = self._define(value, Sort.RECORD, at, space)
        listed = value.get("fields")
        if not isinstance(listed, list):
            self._problem(f"{at}/fields", said("a record has a list of fields"), said('write "fields": [ … ]'))
            return None
        if len(listed) > MOST_FIELDS:
            self._problem(f"{at}/fields", *too_many_fields(len(listed)))
            return None
        fields = list(self._fields(listed, f"{at}/fields", inside))
        found.fields = tuple(fields)
        return found if len(fields) == len(listed) else None

    def _fields(self, listed: list[JsonValue], at: str, space: str) -> Iterator[AnyField]:
        seen: set[str] = set()
        for i, each in enumerate(listed):
            here = f"{at}/{i}"
            name = each.get("name") if isinstance(each, dict) else None
            if not isinstance(each, dict) or not isinstance(name, str):
                self._problem(here, said("a field is an object"), said('write {"name": …, "type": …}'))
                continue
            if name in seen:
                message = said("there are two fields named {name}", name=name)
                self._problem(f"{here}/name", message, said("rename or remove one"))
            seen.add(name)
            of = self._type(each.get("type"), f"{here}/type", space)
            if of is not None:
                read = AnyField(name, _texts(each.get("aliases")), of, "default" in each)
                if read.has_default:
                    self._defaults.append((f"{here}/default", read, each["default"]))
                yield read

    def _check_defaults(self) -> None:
        fitting = Fitting()
        for at, of, default in self._defaults:
            if not fitting.fits(of.type, default):
                message = said("the default of {name} is no value of its type", name=of.name)
                self._problem(at, message, said("write a default of the field's type, as Avro stores it, or remove it"))

    def _enum(self, value: JsonObject, at: str, space: str) -> AnyType | None:
        found, _ = self._define(value, Sort.ENUM, at, space)
        symbols, default = _texts(value.get("symbols")), value.get("default")
        if not symbols or len(set(symbols)) < len(symbols):
            remedy = said('write "symbols": ["A", "B"]')
            self._problem(f"{at}/symbols", said("an enum has a list of symbols, each of them once"), remedy)
        elif "default" in value and default not in symbols:
            message = said("the default {default} of the enum is none of its symbols", default=repr(default))
            self._problem(f"{at}/default", message, said("name one of the symbols, or remove it"))
        found.symbols, found.default = symbols, default if isinstance(default, str) else None
        return found

    def _fixed(self, value: JsonObject, at: str, space: str) -> AnyType | None:
        found, _ = self._define(value, Sort.FIXED, at, space)
        size = value.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            remedy = said('write "size": 16, or what it is')
            self._problem(f"{at}/size", said("a fixed has a size in bytes"), remedy)
            return None
        found.size, found.logical = size, _logical(value, Sort.FIXED)
        return found


def _logical(value: JsonObject, base: Sort) -> Logical | None:
    name = value.get("logicalType")
    if not isinstance(name, str) or base not in _LOGICAL.get(name, ()):
        return None
    precision, scale = value.get("precision", 0), value.get("scale", 0)
    if name == "decimal" and isinstance(precision, int) and isinstance(scale, int):
        return Logical(name, precision, scale)
    return Logical(name)


def _full(name: str, space: str) -> str:
    return name if "." in name or not space else f"{space}.{name}"


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
