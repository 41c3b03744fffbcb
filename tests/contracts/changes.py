"""A case for each kind of change of a schema, with a value of either version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts.compatibility import Incompatible
from contracts.json_types import JsonObject, JsonValue
from tests.contracts.avsc import array, enum, field, fixed, logical, map_of, record

NAME: Final = Incompatible.NAME_MISMATCH
TYPE: Final = Incompatible.TYPE_MISMATCH
DEFAULT: Final = Incompatible.READER_FIELD_MISSING_DEFAULT_VALUE
SYMBOLS: Final = Incompatible.MISSING_ENUM_SYMBOLS
BRANCH: Final = Incompatible.MISSING_UNION_BRANCH
SIZE: Final = Incompatible.FIXED_SIZE_MISMATCH
LOGICAL: Final = Incompatible.LOGICAL_TYPE_MISMATCH
NEVER: Final = frozenset[str]()
BACKWARD: Final = frozenset({"backward"})
FORWARD: Final = frozenset({"forward"})
BOTH: Final = BACKWARD | FORWARD


@dataclass(frozen=True)
class Change:
    """A change from `old` to `new`, and a value of each.

    `backward` is why the new version cannot read the old one's value, `forward` the other way round; None: it can, and
    gets `read_new` or `read_old` (None: the value as it was written). `only_fastavro` are the directions in which the
    other library's reader fails, `misread` those that are refused though readers get on, for they take one value for
    another.
    """

    name: str
    old: JsonValue
    new: JsonValue
    old_value: object
    new_value: object
    backward: Incompatible | None = None
    forward: Incompatible | None = None
    read_new: object = None
    read_old: object = None
    only_fastavro: frozenset[str] = NEVER
    misread: frozenset[str] = NEVER


def _of(
    name: str,
    types: tuple[JsonValue, JsonValue],
    values: tuple[object, object],
    backward: Incompatible | None = None,
    forward: Incompatible | None = None,
    *,
    read_new: object = None,
    read_old: object = None,
    only_fastavro: frozenset[str] = NEVER,
    misread: frozenset[str] = NEVER,
) -> Change:
    """A change of the type of one field."""
    old, new = (record("R", field("a", each)) for each in types)
    old_value, new_value = ({"a": each} for each in values)
    return Change(
        name,
        old,
        new,
        old_value,
        new_value,
        backward,
        forward,
        None if read_new is None else {"a": read_new},
        None if read_old is None else {"a": read_old},
        only_fastavro,
        misread,
    )


def _decimal(precision: int, scale: int) -> JsonObject:
    return logical("bytes", "decimal", precision=precision, scale=scale)


def _letters(default: str | None, *symbols: str) -> JsonObject:
    return enum("E", *symbols) | ({} if default is None else {"default": default})


_A: Final = field("a", "int")
_B: Final = field("b", "int")
_BASE: Final = record("R", _A)
_MILLIS: Final = logical("long", "timestamp-millis")
_BIG: Final = 2**40


def _again(of: str, *more: JsonObject) -> JsonObject:
    """A record that may contain itself."""
    return record("R", field("next", ["null", "R"], default=None), field("v", of), *more)


def _namesakes(*more: JsonObject) -> JsonObject:
    """A union of two records that differ by their namespaces."""
    branches: list[JsonValue] = [record("X", _A) | {"namespace": "p"}, record("X", _B) | {"namespace": "q"}]
    return record("R", field("a", branches), *more)


FIELDS: Final = (
    Change(
        "a field with a default",
        _BASE,
        record("R", _A, field("b", "string", default="x")),
        {"a": 1},
        {"a": 1, "b": "y"},
        read_new={"a": 1, "b": "x"},
        read_old={"a": 1},
    ),
    Change(
        "a field without a default", _BASE, record("R", _A, _B), {"a": 1}, {"a": 1, "b": 2}, DEFAULT, read_old={"a": 1}
    ),
    Change(
        "an optional field without a default",
        _BASE,
        record("R", _A, field("b", ["null", "int"])),
        {"a": 1},
        {"a": 1, "b": 2},
        DEFAULT,
        read_old={"a": 1},
    ),
    Change(
        "fields in another order",
        record("R", _A, _B),
        record("R", _B, _A),
        {"a": 1, "b": 2},
        {"b": 1, "a": 2},
    ),
    Change("another name", _BASE, record("R", _B), {"a": 1}, {"b": 1}, DEFAULT, DEFAULT),
    Change(
        "another name with an alias",
        _BASE,
        record("R", field("b", "int", aliases=["a"])),
        {"a": 1},
        {"b": 1},
        None,
        DEFAULT,
        read_new={"b": 1},
        only_fastavro=BACKWARD,
    ),
    Change(
        "an alias for a field beside it",
        record("R", _A, _B),
        record("R", field("b", "int", aliases=["a"])),
        {"a": 1, "b": 2},
        {"b": 1},
        NAME,
        DEFAULT,
        misread=BACKWARD,
    ),
    Change(
        "an alias in two fields",
        _BASE,
        record("R", field("b", "int", aliases=["a"]), field("c", "int", aliases=["a"])),
        {"a": 1},
        {"b": 1, "c": 2},
        NAME,
        DEFAULT,
    ),
    Change(
        "an alias for a field that is still there",
        _BASE,
        record("R", _A, field("b", "int", aliases=["a"])),
        {"a": 1},
        {"a": 1, "b": 2},
        DEFAULT,
        read_old={"a": 1},
    ),
    Change(
        "another default",
        record("R", _A, field("b", "int", default=1)),
        record("R", _A, field("b", "int", default=2)),
        {"a": 1, "b": 5},
        {"a": 1, "b": 6},
    ),
    Change("a default for a field", _BASE, record("R", field("a", "int", default=1)), {"a": 1}, {"a": 2}),
)

NAMES: Final = (
    Change("another record's name", _BASE, record("S", _A), {"a": 1}, {"a": 1}, NAME, NAME),
    Change(
        "another record's name with an alias",
        _BASE,
        record("S", _A) | {"aliases": ["R"]},
        {"a": 1},
        {"a": 1},
        None,
        NAME,
        only_fastavro=BACKWARD,
    ),
    Change(
        "another namespace",
        _BASE | {"namespace": "vn.a"},
        _BASE | {"namespace": "vn.b"},
        {"a": 1},
        {"a": 1},
        only_fastavro=BOTH,
    ),
    _of("another enum's name", (enum("E", "A"), enum("F", "A")), ("A", "A"), NAME, NAME),
    _of("another fixed's name", (fixed("X", 2), fixed("Y", 2)), (b"12", b"12"), NAME, NAME),
    _of(
        "another fixed's name with an alias",
        (fixed("X", 2), fixed("Y", 2) | {"aliases": ["X"]}),
        (b"12", b"12"),
        None,
        NAME,
        only_fastavro=BACKWARD,
    ),
    Change(
        "beside two branches of one short name",
        _namesakes(),
        _namesakes(field("z", "int", default=0)),
        {"a": ("q.X", {"b": 1})},
        {"a": ("q.X", {"b": 1}), "z": 1},
        NAME,
        NAME,
    ),
)

TYPES: Final = (
    _of("int to long", ("int", "long"), (1, _BIG), None, TYPE),
    _of("int to float", ("int", "float"), (1, 1.5), None, TYPE, read_new=1.0),
    _of("int to double", ("int", "double"), (1, 1.5), None, TYPE, read_new=1.0),
    _of("long to float", ("long", "float"), (1, 1.5), None, TYPE, read_new=1.0),
    _of("long to double", ("long", "double"), (_BIG, 1.5), None, TYPE, read_new=float(_BIG)),
    _of("float to double", ("float", "double"), (1.5, 1e300), None, TYPE),
    _of(
        "text to bytes", ("string", "bytes"), ("ă", b"\xff"), None, TYPE, read_new="ă".encode(), only_fastavro=BACKWARD
    ),
    _of("int to text", ("int", "string"), (1, "a"), TYPE, TYPE),
    _of("boolean to int", ("boolean", "int"), (True, 1), TYPE, TYPE),
    _of("null to text", ("null", "string"), (None, "a"), TYPE, TYPE),
    _of("enum to text", (enum("E", "A"), "string"), ("A", "A"), TYPE, TYPE),
    _of("fixed of another size", (fixed("X", 2), fixed("X", 3)), (b"12", b"123"), SIZE, SIZE),
    _of("one to many", ("int", array("int")), (1, [1]), TYPE, TYPE),
    _of("list to map", (array("int"), map_of("int")), ([1], {"k": 1}), TYPE, TYPE),
    _of("items of another type", (array("int"), array("string")), ([1], ["x"]), TYPE, TYPE),
    _of("items that are wider", (array("int"), array("long")), ([1], [_BIG]), None, TYPE, only_fastavro=BACKWARD),
    _of(
        "entries that are wider",
        (map_of("int"), map_of("long")),
        ({"k": 1}, {"k": _BIG}),
        None,
        TYPE,
        only_fastavro=BACKWARD,
    ),
    _of(
        "a record further down with one more field",
        (record("Q", _A), record("Q", _A, _B)),
        ({"a": 1}, {"a": 1, "b": 2}),
        DEFAULT,
        read_old={"a": 1},
    ),
    Change(
        "a record in itself, wider and with one more field",
        _again("int"),
        _again("long", field("w", "int", default=0)),
        {"next": {"next": None, "v": 1}, "v": 2},
        {"next": {"next": None, "v": _BIG, "w": 1}, "v": 2, "w": 3},
        None,
        TYPE,
        read_new={"next": {"next": None, "v": 1, "w": 0}, "v": 2, "w": 0},
    ),
    Change(
        "a record in itself, of another type",
        _again("int"),
        _again("string"),
        {"next": None, "v": 1},
        {"next": None, "v": "x"},
        TYPE,
        TYPE,
    ),
)

UNIONS_AND_ENUMS: Final = (
    _of("made optional", ("int", ["null", "int"]), (1, None), None, TYPE),
    _of("made wider and optional", ("int", ["null", "long"]), (1, _BIG), None, TYPE),
    _of("one more branch", (["null", "int"], ["null", "int", "string"]), (1, "x"), None, BRANCH),
    _of("one branch less", (["int", "string"], ["string"]), (1, "x"), BRANCH),
    _of("branches in another order", (["int", "string"], ["string", "int"]), (1, "x")),
    _of("bytes to optional text", ("bytes", ["null", "string"]), (b"\xff", None), TYPE, TYPE),
    _of("one more symbol", (enum("E", "A"), enum("E", "A", "C")), ("A", "C"), None, SYMBOLS),
    _of(
        "one more symbol beside a default",
        (_letters("A", "A", "B"), _letters("A", "A", "B", "C")),
        ("B", "C"),
        read_old="A",
        only_fastavro=FORWARD,
    ),
    _of("one symbol less", (enum("E", "A", "C"), enum("E", "A")), ("C", "A"), SYMBOLS),
    _of("symbols in another order", (enum("E", "A", "B"), enum("E", "B", "A")), ("B", "B")),
)

LOGICAL_TYPES: Final = (
    _of(
        "a decimal of another scale", (_decimal(10, 2), _decimal(10, 3)), (b"\1", b"\1"), LOGICAL, LOGICAL, misread=BOTH
    ),
    _of(
        "a decimal of more digits",
        (_decimal(2, 0), _decimal(4, 0)),
        (b"\1", b"\x10\0"),
        None,
        LOGICAL,
        misread=FORWARD,
    ),
    _of("bytes to decimal", ("bytes", _decimal(10, 2)), (b"\1", b"\1"), LOGICAL, LOGICAL, misread=BOTH),
    _of(
        "date to timestamp",
        (logical("int", "date"), _MILLIS),
        (20_000, 1_728_000_000_000),
        LOGICAL,
        TYPE,
        misread=BACKWARD,
    ),
    _of(
        "milliseconds to microseconds",
        (_MILLIS, logical("long", "timestamp-micros")),
        (5, 5),
        LOGICAL,
        LOGICAL,
        misread=BOTH,
    ),
    _of("number to date", ("int", logical("int", "date")), (5, 5), LOGICAL, LOGICAL, misread=BOTH),
    _of("text to UUID", ("string", logical("string", "uuid")), ("x", "x"), LOGICAL, misread=BACKWARD),
    _of(
        "text to partial date", ("string", logical("string", "partial-date")), ("x", "2014"), LOGICAL, misread=BACKWARD
    ),
    _of("text to what no one knows", ("string", logical("string", "plate")), ("x", "y")),
)

CHANGES: Final = (*FIELDS, *NAMES, *TYPES, *UNIONS_AND_ENUMS, *LOGICAL_TYPES)
