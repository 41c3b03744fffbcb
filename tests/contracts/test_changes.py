"""What a version changes is said field by field, with whom it breaks: who writes by the version before, or who reads."""

from __future__ import annotations

import pytest

from contracts.changes import BOTH, NOBODY, Party, breaking, changes
from contracts.compatibility import Mode
from contracts.json_types import JsonObject, JsonValue
from contracts.schema import Schema
from tests.contracts.avsc import DATE, array, enum, field, logical, record, schema

WRITERS = frozenset({Party.WRITERS})
READERS = frozenset({Party.READERS})
A = field("a", "int")
TEXT = field("t", "string")


def told(old: list[JsonObject], new: list[JsonObject]) -> dict[str, frozenset[Party]]:
    """What is said, and whom it breaks."""
    return {str(each.words): each.breaks for each in changes(schema(*old), schema(*new))}


def of(was: JsonValue, is_now: JsonValue) -> dict[str, frozenset[Party]]:
    """The same of the type of one field."""
    return told([field("a", was)], [field("a", is_now)])


class TestFields:
    """A field comes, goes, or may be left out."""

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ([A], [A], {}),
            ([A], [A, field("b", "int", default=1)], {"b: new, may be absent": NOBODY}),
            ([A], [A, field("b", "int")], {"b: new, must be given": WRITERS}),
            ([A, TEXT], [A], {"t: taken away": BOTH}),
            (
                [A],
                [field("b", "int", aliases=["a"])],
                {"a: taken away": BOTH, "b: new, must be given": WRITERS},
            ),
            ([field("a", "int", default=1)], [A], {"a: must be given now": WRITERS}),
            ([A], [field("a", "int", default=1)], {"a: may be absent now": NOBODY}),
            (
                [field("a", "int", default=1)],
                [field("a", "int", default=2)],
                {"a: another default, 1 → 2": NOBODY},
            ),
        ],
    )
    def test_come_and_go(
        self, old: list[JsonObject], new: list[JsonObject], expected: dict[str, frozenset[Party]]
    ) -> None:
        """In JSON a field has one name: an alias, which Avro reads, helps nobody there."""
        assert told(old, new) == expected

    def test_further_down(self) -> None:
        """Of a list of records that is taken away the list is told, and of one that stays the field in it."""
        lines = field("lines", array(record("Line", A, TEXT)))
        assert told([lines], [field("x", "int", default=0)]) == {
            "lines: taken away": BOTH,
            "x: new, may be absent": NOBODY,
        }
        assert told([lines], [field("lines", array(record("Line", A)))]) == {"lines.*.t: taken away": BOTH}


class TestTypes:
    """What cannot be read breaks whom it breaks; what JSON takes for something else breaks both."""

    @pytest.mark.parametrize(
        ("was", "is_now", "expected"),
        [
            ("int", "string", {"a: int → string": BOTH}),
            ("int", "long", {"a: int → long": READERS}),
            ("long", "int", {"a: long → int": WRITERS}),
            ("long", "float", {"a: long → float": BOTH}),
            ("string", "bytes", {"a: string → bytes": BOTH}),
            ("int", ["null", "int"], {"a: int → int | null": READERS}),
            (enum("E", "A"), enum("E", "A", "B"), {"a: enum(A) → enum(A, B)": READERS}),
            (DATE, logical("long", "timestamp-millis"), {"a: date → timestamp-millis": BOTH}),
            (
                logical("bytes", "decimal", precision=10, scale=2),
                logical("bytes", "decimal", precision=10, scale=3),
                {"a: decimal(10, 2) → decimal(10, 3)": BOTH},
            ),
            (array("int"), array("long"), {"a: array of int → array of long": READERS}),
        ],
    )
    def test_change(self, was: JsonValue, is_now: JsonValue, expected: dict[str, frozenset[Party]]) -> None:
        """One line, in Avro's words."""
        found = of(was, is_now)
        assert {words: found[words] for words in expected} == expected
        assert not any(breaks for words, breaks in found.items() if words not in expected and "*" not in words)


class TestMeaning:
    """What a field asks of its values may be drawn wider, and not tighter; what they mean stays."""

    @pytest.mark.parametrize(
        ("was", "is_now", "expected"),
        [
            ({}, {"pattern": "[0-9]{12}"}, {"t: pattern – → [0-9]{12}": WRITERS}),
            ({"pattern": "[0-9]{12}"}, {}, {"t: pattern [0-9]{12} → –": NOBODY}),
            ({"codelist": "wards", "on": "message-time"}, {}, {"t: code list wards (message-time) → – (–)": READERS}),
            ({}, {"codelist": "wards", "on": "message-time"}, {"t: code list – (–) → wards (message-time)": WRITERS}),
            ({}, {"personal": "sensitive"}, {"t: personal data – → sensitive": NOBODY}),
        ],
    )
    def test_texts(self, was: JsonObject, is_now: JsonObject, expected: dict[str, frozenset[Party]]) -> None:
        """Patterns, code lists, and classes of personal data."""
        assert told([TEXT | was], [TEXT | is_now]) == expected

    @pytest.mark.parametrize(
        ("was", "is_now", "expected"),
        [
            ({"minimum": 0}, {"minimum": 1}, {"a: bounds 0… → 1…": WRITERS}),
            ({"minimum": 0, "maximum": 9}, {"minimum": 0, "maximum": 10}, {"a: bounds 0…9 → 0…10": NOBODY}),
            ({}, {"maximum": 9}, {"a: bounds … → …9": WRITERS}),
            ({"unit": "mg"}, {"unit": "g"}, {"a: unit mg → g": BOTH}),
        ],
    )
    def test_numbers(self, was: JsonObject, is_now: JsonObject, expected: dict[str, frozenset[Party]]) -> None:
        """Bounds and units."""
        assert told([A | was], [A | is_now]) == expected


def test_the_mode_says_who_is_protected() -> None:
    """BACKWARD who writes, FORWARD who reads, FULL both; NONE nobody, and transitive kinds those of long ago."""
    old, new = schema(A), schema(field("a", "long"), field("b", "int"))

    def told_by(mode: Mode, *earlier: Schema) -> set[str]:
        return {each.pointer for each in breaking(mode, new, earlier)}

    assert told_by(Mode.BACKWARD, old) == {"/b"}
    assert told_by(Mode.FORWARD, old) == {"/a"}
    assert told_by(Mode.FULL, old) == {"/a", "/b"}
    assert told_by(Mode.NONE, old) == set()
    assert told_by(Mode.FULL, old, new) == set()
    assert told_by(Mode.FULL_TRANSITIVE, old, new) == {"/a", "/b"}


def test_a_record_in_itself_is_told_of_once() -> None:
    """However deep it could go."""
    old = schema(A, field("next", ["null", "R"], default=None))
    new = schema(field("a", "string"), field("next", ["null", "R"], default=None))
    assert [str(each.words) for each in changes(old, new)] == ["a: int → string"]
