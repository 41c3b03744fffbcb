"""The YAML of mappings: what is a mistake in it, where, and what to do about it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from adapters.mapping.language import FieldsSpec, MapSpec
from tests.adapters.mapping.helpers import read, spec


def mistakes(text: str) -> list[tuple[tuple[str | int, ...], str]]:
    """Place and message of every mistake in a mapping."""
    with pytest.raises(ValidationError) as caught:
        spec(text)
    return [(error["loc"], error["msg"]) for error in caught.value.errors()]


@pytest.mark.parametrize(
    ("text", "loc", "words"),
    [
        ("{map: {a: male}}", ("map", "a", "from"), "{const: male}"),
        ("{map: {a: ''}}", ("map", "a", "from"), 'const: ""'),
        ("{each: '', item: .}", ("each", "from"), "no path"),
        ("{map: {a: /x/}}", ("map", "a", "from"), "empty part"),
        ("{map: {a: $officer}}", ("map", "a", "from"), "$end_user"),
        ("{map: {a: {form: /x}}}", ("map", "a"), "from"),
        ("{map: {a: {from: /x, const: y}}}", ("map", "a"), "cannot stand together"),
        ("{map: {a: {from: /x, trough: [trim]}}}", ("map", "a", "trough"), ""),
        ("{map: {a: {from: /x, default: '', optional: true}}}", ("map", "a"), "cannot stand together"),
        ("{map: {a: {from: /x, optional: 'yes'}}}", ("map", "a", "optional"), "true or false"),
        ("{map: {a: [/x]}}", ("map", "a"), "value is missing"),
        ("{map: {}}", ("map",), "at least one"),
        ("{map: {a: {from: /x, through: trim}}}", ("map", "a", "through"), ""),
        ("{from: /x, through: [trin]}", ("through", 0), "trim"),
        ("{from: /x, through: [table]}", ("through", 0), "{table: …}"),
        ("{from: /x, through: [{tabel: {a: b}}]}", ("through", 0), "table"),
        ("{from: /x, through: [{table: {a: b}, join: ;}]}", ("through", 0), "cannot stand together"),
        ("{from: /x, through: [{table: {a: {number: x}}}]}", ("through", 0, "table", "a", "number"), "no number"),
        ("{from: /x, through: [{times: 0}]}", ("through", 0, "times"), "above zero"),
        ("{from: /x, through: [{times: 1e3}]}", ("through", 0, "times"), "above zero"),
        ("{from: /x, through: [{table: {ho\u0300a: a, hòa: b}}]}", ("through", 0, "table"), "spelled the same"),
        ("{from: /x, through: [{read_date: DD/MM/YYYY}]}", ("through", 0, "read_date", 0), "dd/MM/yyyy"),
        ("{from: /x, through: [{read_date: dd/mm/yyyy}]}", ("through", 0, "read_date", 0), "larger part"),
        ("{from: /x, through: [{read_date: MM/yyyy}]}", ("through", 0, "read_date", 0), "read_partial_date"),
        ("{from: /x, through: [{read_date: 'yyyy-MM-ddTHH:mm:ssZ'}]}", ("through", 0, "read_date", 0), "Z"),
        ("{from: /x, through: [{read_date: [dd/MM/yyyy, MM/dd/yyyy]}]}", ("through", 0, "read_date"), "look alike"),
        ("{from: /x, through: [{read_date: dd/MM/yyyydd}]}", ("through", 0, "read_date", 0), "twice"),
        ("{from: /x, through: [{write_partial_date: [yyyy/MM, MM/yyyy]}]}", ("through", 0), "same dates"),
        (
            "{from: /x, through: [{read_timestamp: {pattern: yyyyMMddHHmmss, zone: Hanoi}}]}",
            ("through", 0, "read_timestamp", "zone"),
            "Asia/Ho_Chi_Minh",
        ),
        (
            "{from: /x, through: [{write_timestamp: 'yyyy-MM-ddTHH:mm:ssZ'}]}",
            ("through", 0, "write_timestamp"),
            "zone: UTC",
        ),
        ("{from: /x, through: [{substring: {from: 3, to: 1}}]}", ("through", 0, "substring"), "from 1"),
        ("{from: /x, through: [{integer: {point: ',', group: ','}}]}", ("through", 0, "integer"), "both"),
        ("{from: /x, through: [{code: {codelist: w, on: then}}]}", ("through", 0, "code", "on"), "2024-12-31"),
        ("{from: /x, through: [{code: {codelist: w, on: 2024-12}}]}", ("through", 0, "code", "on"), "2024-12-31"),
        ("{from: /x, through: [{code: {codelist: w, on: /a//b}}]}", ("through", 0, "code", "on"), "empty part"),
        ("{concat: [/a, /]}", ("concat", 1), "{const: "),
        ("{each: /x}", (), "map, item"),
        ("{each: /x, item: ., map: {a: /b}}", (), "map, item"),
        ("{each: /x, item: {each: ^/y, item: .}}", ("item",), "whole record"),
        ("{when: {path: /a}, then: /b}", ("when",), "equals"),
        ("{when: {path: /a, equals: '1'}}", ("then",), ""),
        ("{const: {number: 007}}", ("const", "number"), "codes with leading zeros are text"),
        ("{const: {text: a, number: 1}}", ("const",), "one kind"),
    ],
)
def test_a_mistake_is_told_where_it_is_with_its_remedy(text: str, loc: tuple[str | int, ...], words: str) -> None:
    found = dict(mistakes(text))
    assert loc in found
    assert words in found[loc]


def test_all_mistakes_are_told_at_once() -> None:
    text = "{map: {a: x, b: {from: /b, through: [trin, {read_date: DD}]}, c: {map: {d: $y}}}}"
    assert [loc for loc, _ in mistakes(text)] == [
        ("map", "a", "from"),
        ("map", "b", "through", 0),
        ("map", "b", "through", 1, "read_date", 0),
        ("map", "c", "map", "d", "from"),
    ]


def test_problem_and_remedy_are_told_apart_for_tools() -> None:
    with pytest.raises(ValidationError) as caught:
        spec("{map: {a: {from: /x, through: [trin]}}}")
    (error,) = caught.value.errors()
    assert error["ctx"] == {"problem": "there is no function “trin”", "remedy": "did you mean “trim” or “substring”?"}


def test_a_schema_for_editors_describes_the_language() -> None:
    schema = MapSpec.model_json_schema()
    assert {"Take", "Concat", "Each", "When", "Table", "Code"} <= schema["$defs"].keys()
    assert FieldsSpec.model_json_schema()["type"] == "object"


def test_a_mapping_that_was_read_is_not_changed_by_being_read_again() -> None:
    read_once = spec("{map: {a: {from: /x, through: [trim, {table: {a: b}, else: c}]}}}")
    assert MapSpec.model_validate(read_once) == read_once
    assert (
        MapSpec.model_validate(read("{map: {a: {from: /x, through: [trim, {table: {a: b}, else: c}]}}}")) == read_once
    )
