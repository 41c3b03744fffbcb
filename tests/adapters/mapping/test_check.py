"""The type check: what cannot work is found before the first record comes, and what works is let through."""

from __future__ import annotations

import json

import pytest

from adapters.mapping.check import MapProblem, check_mapping
from adapters.mapping.language import FieldsSpec
from contracts.schema import Schema, parse_schema
from tests.adapters.mapping.helpers import CONTEXT, read, spec
from tests.adapters.mapping.test_compile import TO_REGISTER

PARTIAL = {"type": "string", "logicalType": "partial-date"}
DATE = {"type": "int", "logicalType": "date"}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
STAMP = {"type": "long", "logicalType": "timestamp-millis"}
GENDER = {"type": "enum", "name": "Gender", "symbols": ["male", "female", "unknown"]}
CHILD = {
    "type": "record",
    "name": "Child",
    "fields": [{"name": "name", "type": "string"}, {"name": "born", "type": DATE}],
}


def schema(*fields: tuple[str, object]) -> Schema:
    """A record of these fields; those that may be null have null as their default."""
    described = [
        {"name": name, "type": of, **({"default": None} if isinstance(of, list) else {})} for name, of in fields
    ]
    return parse_schema(json.dumps({"type": "record", "name": "Student", "fields": described}))


STUDENT = schema(
    ("student_id", "string"),
    ("full_name", "string"),
    ("birth_date", PARTIAL),
    ("gender", GENDER),
    ("grade", "int"),
    ("average_mark", ["null", DECIMAL]),
    ("home_ward", "string"),
    ("home_ward_on", DATE),
    ("leaves_on", DATE),
    ("note", ["null", "string"]),
    ("seen_at", STAMP),
    ("children", {"type": "array", "items": CHILD}),
    ("guardian", ["null", "Child"]),
)


def outward(text: str) -> list[MapProblem]:
    """The problems of a mapping from the contract to a system."""
    return check_mapping(spec(text), source=STUDENT, target=None, codelists=CONTEXT.codelists)


def inward(text: str, *fields: tuple[str, object]) -> list[MapProblem]:
    """The problems of a mapping from a system to a contract of these fields."""
    return check_mapping(spec(text), source=None, target=schema(*fields), codelists=CONTEXT.codelists)


def test_a_sound_mapping_has_no_problems() -> None:
    assert outward(TO_REGISTER) == []


@pytest.mark.parametrize(
    "text",
    [
        "{map: {a: {each: /children, map: {ten: /name, sinh: {from: /born, through: [{write_date: dd/MM/yyyy}]}, id: ^/student_id}}}}",
        "{map: {a: {within: /guardian, map: {ten: /name}, optional: true}}}",
        "{map: {a: {when: {path: /note, present: true}, then: /note}}}",
        "{map: {a: {when: {path: /note, present: false}, then: {const: x}, else: /note}}}",
        "{map: {a: {when: {path: /gender, equals: male}, then: {const: {number: 1}}, else: {const: {number: 0}}}}}",
        "{map: {a: {first_of: [/note, /full_name], through: [upper]}}}",
        "{map: {a: {concat: [/full_name, ' ', {from: /note, optional: true}, /grade]}}}",
        "{map: {a: {from: $accepted_at, through: [{write_timestamp: yyyyMMdd}]}}}",
        "{map: {a: {from: $accepted_at, through: [{write_timestamp: {pattern: yyyyMMddHHmmss, fraction: drop}}]}}}",
        "{map: {a: {from: /leaves_on, through: [{write_partial_date: [dd/MM/yyyy]}]}}}",
        "{map: {a: {each: /children, item: /name, through: [{join: ;}]}}}",
        "{map: {a: {from: /average_mark, through: [{write_decimal: {point: ','}}], default: ''}}}",
        "{map: {a: {from: /home_ward, through: [{code: {codelist: wards, on: /home_ward}}]}}}",
        "{from: .}",
    ],
)  # fmt: skip
def test_what_works_is_let_through(text: str) -> None:
    assert outward(text) == []


@pytest.mark.parametrize(
    ("text", "loc", "words"),
    [
        ("{map: {a: /ful_name}}", ("map", "a", "from"), "full_name"),
        ("{map: {a: /full_name/x}}", ("map", "a", "from"), "below a single value"),
        ("{map: {a: /children/name}}", ("map", "a", "from"), "each"),
        ("{map: {a: /children/*/name}}", ("map", "a", "from"), "each"),
        ("{map: {a: {each: /children, map: {b: /nam}}}}", ("map", "a", "map", "b", "from"), "name"),
        ("{map: {a: {each: /children, item: ^/children}}}", ("map", "a", "item", "from"), "single value"),
        ("{map: {a: {each: /student_id, item: .}}}", ("map", "a", "each"), "no list"),
        ("{map: {a: {within: /full_name, map: {b: /c}}}}", ("map", "a", "within"), "no object"),
        ("{map: {a: /note}}", ("map", "a"), "optional: true"),
        ("{map: {a: /guardian/name}}", ("map", "a"), "optional: true"),
        ("{map: {a: /children/0/name}}", ("map", "a"), "optional: true"),
        ("{map: {a: {within: /guardian, map: {b: /name}}}}", ("map", "a"), "optional: true"),
        ("{map: {a: {from: /full_name, nulls: ['']}}}", ("map", "a"), "optional: true"),
        ("{map: {a: {from: /full_name, through: [{words: middle}]}}}", ("map", "a"), "optional: true"),
        ("{map: {a: {first_of: [/note, /average_mark]}}}", ("map", "a"), "optional: true"),
        ("{map: {a: {concat: [/full_name, /note]}}}", ("map", "a"), "optional: true"),
        ("{map: {a: {concat: [/full_name, /children]}}}", ("map", "a", "concat", 1), "array"),
        ("{map: {a: {from: /grade, through: [upper]}}}", ("map", "a", "through", 0), "text"),
        ("{map: {a: {from: /full_name, through: [trim, {join: ;}]}}}", ("map", "a", "through", 1), "list"),
        ("{map: {a: {from: /birth_date, through: [{write_date: yyyyMMdd}]}}}", ("map", "a", "through", 0), "write_partial_date"),
        ("{map: {a: {from: /seen_at, through: [{write_date: yyyyMMdd}]}}}", ("map", "a", "through", 0), "timestamp-millis"),
        ("{map: {a: {from: /leaves_on, through: [{write_timestamp: yyyyMMdd}]}}}", ("map", "a", "through", 0), "date"),
        ("{map: {a: {from: /seen_at, through: [{write_timestamp: yyyyMMddHHmmss}]}}}", ("map", "a", "through", 0), "fraction: drop"),
        ("{map: {a: {from: /grade, through: [{write_date: yyyyMMdd}]}}}", ("map", "a", "through", 0), "int"),
        ("{map: {a: {from: /leaves_on, through: [{read_date: yyyyMMdd}]}}}", ("map", "a", "through", 0), "write_date"),
        ("{map: {a: {from: /gender, through: [{table: {male: '1'}}]}}}", ("map", "a", "through", 0), "female, unknown"),
        ("{map: {a: {from: /gender, through: [{table: {mal: '1'}, else: '2'}]}}}", ("map", "a", "through", 0), "never mal"),
        ("{map: {a: {from: /home_ward, through: [{code: {codelist: ward, on: /leaves_on}}]}}}", ("map", "a", "through", 0, "code", "codelist"), "wards"),
        ("{map: {a: {from: /home_ward, through: [{code: {codelist: wards, on: /grade}}]}}}", ("map", "a", "through", 0, "code", "on"), "date"),
        ("{map: {a: {from: /home_ward, through: [{code: {codelist: wards, on: /left_on}}]}}}", ("map", "a", "through", 0, "code", "on"), "leaves_on"),
        ("{map: {a: {from: /home_ward, through: [{code: {codelist: wards, on: 2025-07-01, give: provinze}}], optional: true}}}", ("map", "a", "through", 0, "code", "give"), "province"),
        ("{map: {a: {when: {path: /gendr, equals: male}, then: /grade}}}", ("map", "a", "when", "path"), "gender"),
        ("{map: {a: {when: {any: [{path: /grade, equals: '1'}, {path: /gender, in: [male, mann]}]}, then: /grade}}}", ("map", "a", "when", "any", 1), "never “mann”"),
        ("{map: {a: {when: {path: /grade, equals: '1'}, then: /note}}}", ("map", "a"), "optional: true"),
    ],
)  # fmt: skip
def test_what_cannot_work_on_the_way_out_is_found(text: str, loc: tuple[str | int, ...], words: str) -> None:
    problems = outward(text)
    assert [problem.loc for problem in problems] == [loc]
    assert words in problems[0].message + problems[0].remedy


NAME = ("name", "string")


@pytest.mark.parametrize(
    ("text", "fields", "loc", "words"),
    [
        ("{map: {nam: /x}}", [("name", ["null", "string"])], ("map", "nam"), "name"),
        ("{map: {note: /x}}", [NAME, ("note", ["null", "string"])], ("map",), "name is never given"),
        ("{map: {name: {from: /x, optional: true}}}", [NAME], ("map", "name"), "contract requires"),
        ("{map: {name: {when: {path: /y, equals: '1'}, then: /x}}}", [NAME], ("map", "name"), "contract requires"),
        ("{map: {name: {from: /x, nulls: ['']}}}", [NAME], ("map", "name"), "optional: true"),
        ("{map: {name: {const: {null: true}}}}", [NAME], ("map", "name", "const"), "null"),
        ("{map: {name: {from: /x, default: {null: true}}}}", [NAME], ("map", "name", "default"), "null"),
        ("{map: {name: {const: {number: 1}}}}", [NAME], ("map", "name", "const"), "string"),
        ("{map: {name: {from: /x, through: [integer]}}}", [NAME], ("map", "name"), "text"),
        ("{map: {name: {map: {a: /x}}}}", [NAME], ("map", "name", "map"), "object"),
        ("{map: {name: {each: /x, item: .}}}", [NAME], ("map", "name"), "array"),
        ("{map: {n: {from: /x, through: [trim]}}}", [("n", "int")], ("map", "n"), "integer"),
        ("{map: {n: {from: /x, through: [number]}}}", [("n", "long")], ("map", "n"), "integer"),
        ("{map: {n: {from: /x, default: '0'}}}", [("n", "int")], ("map", "n", "default"), "number"),
        ("{map: {n: {from: /x, through: [decimal]}}}", [("n", "double")], ("map", "n"), "number"),
        ("{map: {n: {from: /x, through: [number]}}}", [("n", DECIMAL)], ("map", "n"), "string"),
        ("{map: {d: {from: /x, through: [{write_date: dd/MM/yyyy}]}}}", [("d", DATE)], ("map", "d"), "read_"),
        ("{map: {d: {from: /x, through: [{read_partial_date: [yyyy]}]}}}", [("d", DATE)], ("map", "d"), "partial-date"),
        ("{map: {d: {from: /x, through: [{read_timestamp: yyyyMMdd}]}}}", [("d", DATE)], ("map", "d"), "timestamp"),
        ("{map: {g: {from: /x, through: [{table: {'1': mal}}]}}}", [("g", GENDER)], ("map", "g"), "male"),
        ("{map: {g: {from: /x, through: [{table: {'1': male}, else: x}]}}}", [("g", GENDER)], ("map", "g"), "male"),
        ("{map: {g: {const: man}}}", [("g", GENDER)], ("map", "g", "const"), "male"),
        ("{map: {b: {from: /x, through: [{table: {'1': 'true'}}]}}}", [("b", "boolean")], ("map", "b"), "boolean"),
        ("{map: {c: {map: {name: /x}}}}", [("c", CHILD)], ("map", "c", "map"), "born is never given"),
        ("{map: {c: {each: /x, map: {nme: /y, born: /z, name: /y}}}}", [("c", {"type": "array", "items": CHILD})], ("map", "c", "map", "nme"), "name"),
        ("{map: {c: {each: /x, item: {from: ., through: [integer]}}}}", [("c", {"type": "array", "items": "string"})], ("map", "c", "item"), "text"),
        ("{map: {c: {each: /x, item: /y, through: [{join: ;}]}}}", [("c", {"type": "array", "items": "string"})], ("map", "c"), "array"),
        ("{map: {name: {first_of: [/a, {const: {number: 1}}]}}}", [NAME], ("map", "name", "first_of", 1, "const"), "string"),
        ("{from: $sender}", [NAME], (), "map"),
    ],
)  # fmt: skip
def test_what_cannot_work_on_the_way_in_is_found(
    text: str, fields: list[tuple[str, object]], loc: tuple[str | int, ...], words: str
) -> None:
    problems = inward(text, *fields)
    assert [problem.loc for problem in problems] == [loc]
    assert words in problems[0].message + problems[0].remedy


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("{map: {name: /x, d: {from: /y, through: [{read_date: yyyyMMdd}]}}}", [NAME, ("d", PARTIAL)]),
        ("{map: {n: {from: /x, through: [integer], optional: true}}}", [("n", ["null", "double"])]),
        ("{map: {n: {from: /x, default: {null: true}}}}", [("n", ["null", "double"])]),
        ("{map: {b: {from: /x, through: [{boolean: {true: [Y], false: [N]}}]}}}", [("b", "boolean")]),
        ("{map: {g: {from: /x, through: [lower]}}}", [("g", GENDER)]),
        ("{map: {g: {from: /x, through: [{table: {'1': male}}]}}}", [("g", "string")]),
        ("{map: {m: {map: {anything: /x}}}}", [("m", {"type": "map", "values": "string"})]),
        ("{map: {c: {within: /x, map: {name: /y, born: /z}, optional: true}}}", [("c", ["null", CHILD])]),
        ("{map: {c: {each: {from: /x, through: [{split: ;}]}, item: .}}}", [("c", {"type": "array", "items": "string"})]),
        ("{map: {c: {each: /x, item: ., default: {empty: list}}}}", [("c", {"type": "array", "items": "string"})]),
        ("{map: {t: {from: /x, through: [{read_timestamp: yyyyMMddHHmm}]}}}", [("t", {"type": "long", "logicalType": "timestamp-micros"})]),
    ],
)  # fmt: skip
def test_what_works_on_the_way_in_is_let_through(text: str, fields: list[tuple[str, object]]) -> None:
    assert inward(text, *fields) == []


def test_values_by_name_are_checked_too() -> None:
    parts = FieldsSpec.model_validate(read("{so: /student, lop: /grade}"))
    problems = check_mapping(parts, source=STUDENT, target=None, codelists={})
    assert [(problem.loc, problem.remedy) for problem in problems] == [(("so", "from"), "did you mean “student_id”?")]


def test_a_record_that_contains_itself_is_checked_as_deep_as_the_mapping_goes() -> None:
    node = schema(("name", "string"), ("next", ["null", "Student"]))
    text = "{map: {a: {within: /next, map: {b: {within: /next, map: {c: /nam}, optional: true}}, optional: true}}}"
    problems = check_mapping(spec(text), source=node, target=None, codelists={})
    assert [problem.loc for problem in problems] == [("map", "a", "map", "b", "map", "c", "from")]


def test_all_problems_are_found_at_once() -> None:
    problems = outward("{map: {a: /x, b: /note, c: {from: /grade, through: [upper, {read_date: yyyyMMdd}]}}}")
    assert [problem.loc for problem in problems] == [("map", "a", "from"), ("map", "b"), ("map", "c", "through", 0)]
