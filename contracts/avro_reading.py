"""From the JSON of an Avro schema to its typed tree, with everything that is wrong on the way.

Stricter than Avro where Avro leaves room for silent mistakes (docs/architecture.md §6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple, TypeGuard

from contracts.avro_cycles import before_a_cycle, needed_records
from contracts.avro_defaults import WrongDefault, read_default
from contracts.avro_extent import spreads_too_far
from contracts.avro_meaning import read_meaning
from contracts.avro_types import (
    NUMBERS,
    ArrayType,
    EnumType,
    FieldType,
    FixedType,
    JsonKind,
    Kind,
    MapType,
    Personal,
    Primitive,
    RecordType,
    Type,
    UnionType,
    json_kind,
    records_in,
)
from contracts.json_types import JsonObject, JsonValue
from contracts.said import said
from contracts.spelling import meant, near

MOST_DIGITS: Final = 1000
MOST_PROBLEMS: Final = 100
"""After so many the rest is not looked for, or not as closely: whoever mends a schema has enough to begin with."""
_MOST_MEANT: Final = 10
MOST_FIELDS: Final = 2_000
"""How many fields one record may have: an Avro library compares each with all before it."""

_PRIMITIVES: Final = {
    kind: Primitive(Kind(kind)) for kind in ("null", "boolean", "int", "long", "float", "double", "string", "bytes")
}
_LOGICAL: Final = {
    ("int", "date"): Kind.DATE,
    ("int", "time-millis"): Kind.TIME_MILLIS,
    ("long", "time-micros"): Kind.TIME_MICROS,
    ("long", "timestamp-millis"): Kind.TIMESTAMP_MILLIS,
    ("long", "timestamp-micros"): Kind.TIMESTAMP_MICROS,
    ("string", "uuid"): Kind.UUID,
    ("string", "partial-date"): Kind.PARTIAL_DATE,
}
_LOGICAL_BASES: Final = {kind.value: base for (base, _), kind in _LOGICAL.items()} | {"decimal": said("bytes or fixed")}
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FULL_NAME: Final = re.compile(rf"{_NAME.pattern}(?:\.{_NAME.pattern})*")
_STORED_AS_NUMBER: Final = frozenset(kind for (base, _), kind in _LOGICAL.items() if base in {"int", "long"})
_UNION_REMEDY: Final = said(
    "keep one of them, or make them fields of their own: with both, a reader cannot tell which one was meant"
)


class SchemaProblem(NamedTuple):
    """What is wrong at `pointer` (a JSON Pointer into the schema's own JSON), and how to mend it."""

    pointer: str
    message: str
    remedy: str


class SchemaReader:
    """Reads one schema, as far as it can be read.

    Afterwards `problems` holds everything that was wrong, in no order; `places` where each field (by its `id`) is
    defined; `spreads_too_far` whether there are too many places to look at each; `incomplete` the records (by their
    `id`) that lack a field because its type could not be read.
    """

    def __init__(self) -> None:
        self.problems: list[SchemaProblem] = []
        self.places: dict[int, str] = {}
        self.incomplete: set[int] = set()
        self.spreads_too_far = False
        self._named: dict[str, Type] = {}
        self._arrays: list[tuple[str, Type]] = []
        self._records: list[tuple[str, RecordType]] = []

    def read(self, value: JsonValue) -> Type | None:
        """The tree of the whole schema; None where it is too broken to have one."""
        root = self._type(value, "", "")
        if isinstance(root, RecordType) and spreads_too_far(root):
            # Whatever comes after this walks over all its places.
            self.spreads_too_far = True
            return root
        # What follows needs whole types, and a type may refer to one that is not whole while it is read.
        self._check_ends()
        if not self.problems:
            self._check_arrays()
        for _, record in self._records:
            for field in record.fields if len(self.problems) < MOST_PROBLEMS else ():
                self._check_default(self.places[id(field)], field)
        return root

    def _check_ends(self) -> None:
        places = {id(record): at for at, record in self._records}
        whole = [record for _, record in self._records]
        for record in before_a_cycle(
            whole, lambda each: [inner for inner in needed_records(each) if id(inner) in places]
        ):
            if len(self.problems) < MOST_PROBLEMS and self._leads_back(record):
                remedy = said('make the field that leads back optional: ["null", "{name}"]', name=record.name)
                message = said("a {name} must contain another {name}, without end", name=record.name)
                self._problem(places[id(record)], message, remedy)

    def _leads_back(self, record: RecordType) -> bool:
        ahead, seen = needed_records(record), set[int]()
        while ahead:
            here = ahead.pop()
            if here is record:
                return True
            if id(here) not in seen:
                seen.add(id(here))
                ahead.extend(needed_records(here))
        return False

    def _check_arrays(self) -> None:
        known: dict[int, bool] = {}
        for at, items in self._arrays:
            if _may_be_empty(items, known):
                # Else a message of ten bytes could hold a billion of them.
                message = said("the items of this array take no bytes at all")
                self._problem(f"{at}/items", message, said("use a type whose values say something; or count them"))

    def _check_default(self, at: str, field: FieldType) -> None:
        if not field.has_default:
            return
        if not self.incomplete or not any(id(record) in self.incomplete for record in records_in(field.type)):
            wrong: list[WrongDefault] = []
            read_default(field.type, field.default, wrong)
            for problem in wrong[:MOST_PROBLEMS]:
                self._default_problem(at, field, problem)

    def _default_problem(self, at: str, field: FieldType, problem: WrongDefault) -> None:
        remedy = said("write a default of the field's type, as Avro stores it, or remove it")
        if isinstance(field.type, UnionType):
            remedy = said("write a default of the union's first branch, or put the default's branch first")
        message = said("the default of {name} {value}", name=field.name, value=problem.message)
        self.problems.append(SchemaProblem(f"{at}/default{problem.pointer}", message, remedy))

    def _problem(self, at: str, message: str, remedy: str) -> None:
        self.problems.append(SchemaProblem(at, message, remedy))

    def _type(self, value: JsonValue, at: str, space: str) -> Type | None:
        if isinstance(value, str):
            return self._by_name(value, at, space)
        if isinstance(value, list):
            return self._union(value, at, space)
        if not isinstance(value, dict):
            self._problem(at, said("a type is a name, an object or an array"), said('write a type such as "string"'))
            return None
        kind = value.get("type")
        if isinstance(kind, dict | list):
            return self._type(kind, f"{at}/type", space)
        if not isinstance(kind, str):
            self._problem(at, said('there is no "type" here'), said('add one, such as "type": "string"'))
            return None
        return self._object(kind, value, at, space)

    def _object(self, kind: str, value: JsonObject, at: str, space: str) -> Type | None:
        if kind == "record":
            return self._record(value, at, space)
        if kind == "enum":
            return self._enum(value, at, space)
        if kind == "array":
            items = self._type(value.get("items"), f"{at}/items", space)
            if items is None:
                return None
            self._arrays.append((at, items))
            return ArrayType(items)
        if kind == "map":
            values = self._type(value.get("values"), f"{at}/values", space)
            return None if values is None else MapType(values)
        found = self._fixed(value, at, space) if kind == "fixed" else self._by_name(kind, f"{at}/type", space)
        if found is None or value.get("logicalType") is None:
            return found
        return self._logical(kind, found, value, at, space)

    def _by_name(self, name: str, at: str, space: str) -> Type | None:
        if name in _PRIMITIVES:
            return _PRIMITIVES[name]
        found = self._named.get(_full_name(name, space))
        if found is None:
            logical = _LOGICAL_BASES.get(name)
            known = [*_PRIMITIVES, *self._named, "record", "enum", "array", "map", "fixed"]
            remedy: str = said("correct the name, or define the type before it is used")
            if len(self.problems) < _MOST_MEANT and near(name, known):
                remedy = meant(name, known, said("types"))
            if logical is not None:
                remedy = said(
                    'write {{"type": "{split}", "logicalType": "{name}"}}', split=logical.split()[0], name=name
                )
            self._problem(at, said("there is no type named {name}", name=name), remedy)
        return found

    def _logical(self, base: str, found: Type, value: JsonObject, at: str, space: str) -> Type:
        logical = value["logicalType"]
        if logical == "decimal" and base in {"bytes", "fixed"}:
            decimal = self._decimal(found, value, at)
            if base == "fixed":
                self._named[_full_name_of(value, space)] = decimal
            return decimal
        kind = _LOGICAL.get((base, str(logical)))
        if kind is not None:
            return Primitive(kind)
        if isinstance(logical, str) and logical in _LOGICAL_BASES:
            remedy = said("write it on {base}, or remove it", base=_LOGICAL_BASES[logical])
        else:
            known = meant(str(logical), _LOGICAL_BASES, said("logical types"))
            remedy = said("{known}; or remove it", known=known)
        self._problem(
            f"{at}/logicalType",
            said("there is no logical type {logical} on {base}", logical=logical, base=base),
            remedy,
        )
        return found

    def _decimal(self, found: Type, value: JsonObject, at: str) -> Type:
        precision, scale = value.get("precision"), value.get("scale", 0)
        if not _is_count(precision) or not 1 <= precision <= MOST_DIGITS:
            remedy = said("say how many digits there may be, from 1 to {most_digits}", most_digits=MOST_DIGITS)
            self._problem(f"{at}/precision", said("a decimal needs a precision"), remedy)
            return found
        if not _is_count(scale) or not 0 <= scale <= precision:
            self._problem(
                f"{at}/scale",
                said("the scale is not within the precision"),
                said("use 0 to {precision}", precision=precision),
            )
            return found
        size = found.size if isinstance(found, FixedType) else None
        if size is not None and 10**precision - 1 > 2 ** (8 * size - 1) - 1:
            message = said("{precision} digits do not fit in {size} bytes", precision=precision, size=size)
            self._problem(f"{at}/precision", message, said("make the fixed larger or the precision smaller"))
            return found
        return Primitive(Kind.DECIMAL, precision, scale, size)

    def _union(self, value: list[JsonValue], at: str, space: str) -> Type | None:
        found: list[Type] = []
        by_kind: dict[JsonKind, Type] = {}
        for i, branch in enumerate(value):
            here = f"{at}/{i}"
            if isinstance(branch, list):
                self._problem(here, said("a union directly inside a union"), said("write all branches in one union"))
                continue
            of = self._type(branch, here, space)
            if of is None or isinstance(of, UnionType):
                continue
            kind = json_kind(of)
            if kind in by_kind:
                message = said(
                    "two branches of this union are each a JSON {kind}: {by_kind} and {of}",
                    kind=kind,
                    by_kind=_named(by_kind[kind]),
                    of=_named(of),
                )
                self._problem(here, message, _UNION_REMEDY)
            by_kind[kind] = of
            found.append(of)
        if not value:
            self._problem(at, said("this union has no branches"), said('name at least one, such as ["null", "string"]'))
        self._check_numbers(found, at)
        return UnionType(tuple(found)) if len(found) == len(value) > 0 else None

    def _check_numbers(self, found: list[Type], at: str) -> None:
        kinds = {of.kind for of in found if isinstance(of, Primitive)}
        dates = kinds & _STORED_AS_NUMBER
        if dates and kinds & NUMBERS:
            message = said("Avro stores a {dates} as a number, and this union has a number beside it", dates=min(dates))
            self._problem(at, message, _UNION_REMEDY)

    def _define(self, value: JsonObject, at: str, space: str) -> str | None:
        """The full name of the type that `value` defines; None where it has none that can be used."""
        name, own_space = value.get("name"), value.get("namespace", "")
        if not isinstance(name, str) or _FULL_NAME.fullmatch(name) is None:
            remedy = said("begin with a letter; use letters, digits and _ only")
            self._problem(f"{at}/name", said("{name} is no Avro name", name=repr(name)), remedy)
            return None
        if own_space != "" and (not isinstance(own_space, str) or _FULL_NAME.fullmatch(own_space) is None):
            self._problem(
                f"{at}/namespace",
                said("{own_space} is no Avro namespace", own_space=repr(own_space)),
                said('write one such as "vn.example"'),
            )
            return None
        full = _full_name_of(value, space)
        if full in self._named or full in _PRIMITIVES:
            self._problem(
                f"{at}/name",
                said("the name {full} is taken already", full=full),
                said("give every type a name of its own"),
            )
            return None
        return full

    def _record(self, value: JsonObject, at: str, space: str) -> Type | None:
        full = self._define(value, at, space)
        record = RecordType(full or "", (), _texts(value.get("aliases")))
        if full is not None:
            self._named[full] = record
        listed = value.get("fields")
        if not isinstance(listed, list):
            self._problem(f"{at}/fields", said("a record has a list of fields"), said('write "fields": [ … ]'))
            return None
        if len(listed) > MOST_FIELDS:
            self._problem(f"{at}/fields", *too_many_fields(len(listed)))
            return None
        fields: dict[str, FieldType] = {}
        for i, each in enumerate(listed):
            here = f"{at}/fields/{i}"
            field = self._field(each, here, (full or space).rpartition(".")[0])
            if field is None:
                self.incomplete.add(id(record))
            elif field.name in fields:
                self._problem(
                    f"{here}/name",
                    said("there are two fields named {name}", name=field.name),
                    said("rename or remove one"),
                )
            else:
                fields[field.name] = field
                self.places[id(field)] = here
        # A record is known by name while its fields are read, for it may contain itself; nobody has seen it yet.
        object.__setattr__(record, "fields", tuple(fields.values()))
        self._records.append((at, record))
        return record

    def _field(self, value: JsonValue, at: str, space: str) -> FieldType | None:
        if not isinstance(value, dict):
            self._problem(at, said("a field is an object"), said('write {"name": …, "type": …}'))
            return None
        name = value.get("name")
        if not isinstance(name, str) or _NAME.fullmatch(name) is None:
            remedy = said("begin with a letter; use letters, digits and _ only")
            self._problem(f"{at}/name", said("{name} is no name of a field", name=repr(name)), remedy)
            return None
        if "type" not in value:
            self._problem(
                f"{at}/type", said("the field {name} has no type", name=name), said('add one, such as "type": "string"')
            )
            return None
        of = self._type(value["type"], f"{at}/type", space)
        codelist, on = (self._text(value, key, at) for key in ("codelist", "on"))
        personal = self._personal(value, at)
        if of is None:
            return None
        doc = value.get("doc")
        meaning = read_meaning(value, of, at, self._problem)
        return FieldType(
            name=name,
            type=of,
            has_default="default" in value,
            default=value.get("default"),
            doc=doc if isinstance(doc, str) else "",
            codelist=codelist,
            on=on,
            personal=personal,
            meaning=meaning,
        )

    def _personal(self, value: JsonObject, at: str) -> Personal | None:
        found = value.get("personal")
        if found is None or found in {str(each) for each in Personal}:
            return None if found is None else Personal(str(found))
        message = said('"personal" is no class of personal data')
        self._problem(f"{at}/personal", message, said('write "personal": "basic" or "sensitive", or remove it'))
        return None

    def _text(self, value: JsonObject, key: str, at: str) -> str | None:
        found = value.get(key)
        if found is None or (isinstance(found, str) and found):
            return found
        self._problem(
            f"{at}/{key}", said('"{key}" is no text', key=key), said('write "{key}": "…", or remove it', key=key)
        )
        return None

    def _enum(self, value: JsonObject, at: str, space: str) -> Type | None:
        before = len(self.problems)
        full = self._define(value, at, space)
        symbols = value.get("symbols")
        if not isinstance(symbols, list) or not symbols:
            self._problem(f"{at}/symbols", said("an enum has a list of symbols"), said('write "symbols": ["A", "B"]'))
            return None
        seen: set[str] = set()
        for i, symbol in enumerate(symbols):
            if not isinstance(symbol, str) or _NAME.fullmatch(symbol) is None:
                remedy = said("begin with a letter; use letters, digits and _ only")
                self._problem(f"{at}/symbols/{i}", said("{symbol} is no symbol", symbol=repr(symbol)), remedy)
            elif symbol in seen:
                self._problem(
                    f"{at}/symbols/{i}", said("the symbol {symbol} is there twice", symbol=symbol), said("remove one")
                )
            else:
                seen.add(symbol)
        default = value.get("default")
        if "default" in value and default not in seen:
            message = said("the default {default} of the enum is none of its symbols", default=repr(default))
            self._problem(f"{at}/default", message, said("name one of the symbols, or remove it"))
        if full is None or len(self.problems) > before:
            return None
        enum = EnumType(full, _texts(symbols), default if isinstance(default, str) else None)
        self._named[full] = enum
        return enum

    def _fixed(self, value: JsonObject, at: str, space: str) -> Type | None:
        full = self._define(value, at, space)
        size = value.get("size")
        if not _is_count(size) or size < 1:
            self._problem(f"{at}/size", said("a fixed has a size in bytes"), said('write "size": 16, or what it is'))
            return None
        if full is None:
            return None
        self._named[full] = FixedType(full, size)
        return self._named[full]


def too_many_fields(count: int) -> tuple[str, str]:
    """What is wrong with a record of more than MOST_FIELDS fields, and the remedy."""
    message = said("the record has {count} fields, and may have {most}", count=count, most=MOST_FIELDS)
    return message, said("put those that belong together into records of their own")


def _is_count(value: JsonValue) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _full_name(name: str, space: str) -> str:
    return name if "." in name or not space else f"{space}.{name}"


def _full_name_of(value: Mapping[str, JsonValue], space: str) -> str:
    own = value.get("namespace")
    return _full_name(str(value.get("name")), own if isinstance(own, str) else space)


def _named(of: Type) -> str:
    return str(of.kind) if isinstance(of, Primitive) else getattr(of, "name", type(of).__name__)


def _may_be_empty(of: Type, known: dict[int, bool]) -> bool:
    """Whether a value of that type may take no bytes: null, or a record without any other field.

    `known` are records by their `id`, each looked at once.
    """
    if isinstance(of, RecordType):
        if id(of) not in known:
            known[id(of)] = all(_may_be_empty(field.type, known) for field in of.fields)
        return known[id(of)]
    return isinstance(of, Primitive) and of.kind is Kind.NULL
