"""How the registry writes schemas down, and when it says that one may follow another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from contracts.compatibility import Mode
from contracts.registry.avro_form import form_of
from contracts.registry.compatibility import Earlier, conflicts
from contracts.registry.faults import RegistryFault
from contracts.registry.json_compatibility import unproved
from contracts.registry.reading import read_schema
from contracts.registry.written import SchemaType

NAMES = ("array", "map", "items", "values", "fields", "type", "name", "record", "symbols")


def test_fields_may_have_any_name_in_either_form() -> None:
    fields: list[Any] = [{"name": each, "type": {"type": "map", "values": "int"}, "b": 1, "a": 2} for each in NAMES]
    schema: Any = {"type": "record", "name": "R", "fields": fields}
    assert form_of(schema) == schema
    normal: Any = form_of(schema, sort=True)
    assert [each["name"] for each in normal["fields"]] == list(NAMES)
    assert json.dumps(normal["fields"][0]).index('"a"') < json.dumps(normal["fields"][0]).index('"b"')


def test_one_schema_written_in_many_ways_has_one_form() -> None:
    inner = {"type": "enum", "name": "E", "symbols": ["A"]}
    ways: list[Any] = [
        {"type": "record", "name": "R", "namespace": "vn.a", "fields": [{"name": "e", "type": inner}, {"name": "f", "type": "E"}]},
        {"name": "vn.a.R", "type": "record", "fields": [
            {"type": {**inner, "namespace": "vn.a"}, "name": "e"}, {"name": "f", "type": "vn.a.E", "order": "ascending"}]},
        {"fields": [{"name": "e", "type": {**inner, "name": "vn.a.E"}}, {"name": "f", "type": {"type": "E"}}],
         "namespace": "vn.a", "name": "R", "type": "record"},
    ]  # fmt: skip
    assert len({json.dumps(form_of(each)) for each in ways}) == 1
    assert form_of({"type": {"type": "string"}}) == "string"
    assert form_of(form_of(ways[2])) == form_of(ways[0])


def test_a_type_without_a_namespace_stays_without_one() -> None:
    value: Any = {"type": "record", "name": "vn.R", "fields": [
        {"name": "e", "type": {"type": "enum", "name": "E", "namespace": "", "symbols": ["A"]}}]}  # fmt: skip
    formed: Any = form_of(value)
    assert formed["fields"][0]["type"]["namespace"] == ""
    assert read_schema(SchemaType.AVRO, json.dumps(value)).written.text == json.dumps(formed, separators=(",", ":"))


LEAVES = st.sampled_from(
    [
        {"type": "string"}, {"type": "integer"}, {"type": "number", "minimum": 1}, {"type": ["integer", "null"]}, True,
        {"enum": ["a", 1, True]}, {"enum": ["a"]}, {"type": "string", "maxLength": 1}, {"type": "number"}, {}, False,
        {"minimum": 2, "title": "two"}, {"const": 1}, {"const": True}, {"pattern": "a"},
    ]
)  # fmt: skip
NAMED = st.sampled_from(["a", "b"])
SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(NAMED, inner, max_size=2)},
            optional={"required": st.lists(NAMED, unique=True), "additionalProperties": inner},
        ),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}, optional={"maxItems": st.just(1)}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=4,
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["a", "ab", 1, 2, 0, 1.5, True, None]),
    lambda inner: st.one_of(st.dictionaries(NAMED, inner, max_size=2), st.lists(inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(SCHEMAS, SCHEMAS, st.lists(VALUES, max_size=12))
def test_what_is_proved_is_so(reader: Any, writer: Any, values: list[Any]) -> None:
    """No value that the writer's schema lets through is refused by a reader's that was said to follow."""
    if unproved(reader, writer, same_references=True):
        return
    for value in values:
        if Draft7Validator(writer).is_valid(value):
            assert Draft7Validator(reader).is_valid(value)


@given(SCHEMAS)
def test_every_json_schema_follows_itself(schema: Any) -> None:
    assert unproved(schema, json.loads(json.dumps(schema)), same_references=True) == []


@pytest.mark.parametrize(
    ("old", "new", "backward"),
    [
        ({"properties": {"a": {"type": "integer"}}}, {"properties": {"a": {"type": "number"}}}, True),
        ({"properties": {"a": {"type": "number"}}}, {"properties": {"a": {"type": "integer"}}}, False),
        ({"type": "object"}, {"type": "object", "required": ["a"]}, False),
        # Whoever wrote without saying what “a” is may have written anything under that name.
        ({"type": "object"}, {"type": "object", "properties": {"a": {"type": "string"}}}, False),
        (
            {"type": "object", "additionalProperties": False},
            {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
            True,
        ),
        (
            {"definitions": {"n": {"type": "integer"}}, "items": {"$ref": "#/definitions/n"}},
            {"definitions": {"n": {"type": "number"}}, "items": {"$ref": "#/definitions/n"}},
            True,
        ),
        ({"properties": {"next": {"$ref": "#"}}}, {"properties": {"next": {"$ref": "#"}}, "title": "list"}, True),
    ],
)
def test_json_schemas_are_compared_by_what_they_let_through(old: Any, new: Any, backward: bool) -> None:  # noqa: FBT001
    earlier = [Earlier(1, read_schema(SchemaType.JSON, json.dumps(old)))]
    following = read_schema(SchemaType.JSON, json.dumps(new))
    assert (conflicts(Mode.BACKWARD, following, earlier) == []) is backward
    assert conflicts(Mode.NONE, following, earlier) == []


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"$ref": "#"}, "/"),
        ({"$ref": "#/definitions/lost"}, "/$ref"),
        ({"$ref": "https://example.vn/other.json"}, "/$ref"),
        ({"allOf": [{"$ref": "#"}]}, "/"),
        ({"properties": {"a": {"type": "sting"}}}, "/properties/a/type"),
        ({"$schema": "https://example.vn/dialect"}, "/$schema"),
        (1, "/"),
    ],
)
def test_a_json_schema_that_cannot_be_checked_with_is_refused_where_it_is_wrong(schema: Any, place: str) -> None:
    with pytest.raises(RegistryFault) as refused:
        read_schema(SchemaType.JSON, json.dumps(schema))
    assert str(refused.value.details).startswith(f"{place}: ")
