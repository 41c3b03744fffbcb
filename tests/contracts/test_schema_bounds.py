"""Whatever somebody calls a schema costs the bus little, and ends in an error that it has declared."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contracts.avro_any import any_schema
from contracts.codec import Malformed, decode, split
from contracts.json_types import JsonValue
from contracts.schema import Schema, SchemaError, parse_schema
from tests.contracts.avsc import array, field, record, schema
from tests.contracts.generated import schemas

_SAID = (
    "type name fields items values symbols size default aliases namespace logicalType record enum fixed array map string "
    "int null R decimal precision scale doc pattern title codelist on personal minimum standard unit a+ date"
)
_WORDS = st.sampled_from(_SAID.split())
_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | _WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=6),
    max_leaves=25,
)


def doubling(levels: int, inner: JsonValue, **more: JsonValue) -> JsonValue:
    """A short text whose types, written out, would fill the world: each record has two of the one before."""
    first = field("f0", record("N0", field("a", inner)), **more)
    rest = [
        field(f"f{i}", record(f"N{i}", *(field(name, f"N{i - 1}", **more) for name in ("a", "b"))), **more)
        for i in range(1, levels)
    ]
    return record("R", first, *rest)


def refused(value: JsonValue) -> str:
    """What is wrong with a schema, for the bus."""
    with pytest.raises(SchemaError) as error:
        parse_schema(json.dumps(value))
    assert all(problem.remedy for problem in error.value.problems)
    return str(error.value)


class TestSize:
    """What is too much is said so."""

    @pytest.mark.parametrize("more", [{}, {"default": {}}])
    def test_types_that_double(self, more: dict[str, JsonValue]) -> None:
        """Also where each has a default, and where their leaves are coded."""
        coded = [field("c", "string", codelist="wards", on="message-time")]
        assert "written out, the record has more than" in refused(doubling(60, "int", **more))
        assert "written out, the record has more than" in refused(doubling(60, record("Coded", *coded), **more))

    def test_items_that_take_no_bytes_further_and_further_down(self) -> None:
        """Are found without looking twice at any type."""
        empty = doubling(9, "null")
        assert "take no bytes" in refused(record("Q", field("list", array(empty))))

    def test_a_chain_of_names(self) -> None:
        """Records that lie deeper in each other than any message may."""
        chain = [field("f0", record("N0", field("a", "int")))]
        chain += [field(f"f{i}", record(f"N{i}", field("a", f"N{i - 1}"))) for i in range(1, 100)]
        assert "deeper than 64 levels" in refused(record("R", *chain))

    def test_levels_of_text(self) -> None:
        """Ten thousand of them, in objects or lists."""
        for before, after in (('{"type": "array", "items": ', "}"), ("[", "]"), ('{"type": ', "}")):
            with pytest.raises(SchemaError, match="nested too deeply"):
                parse_schema(before * 10_000 + '"int"' + after * 10_000)

    def test_a_record_of_thousands_of_fields(self) -> None:
        """And of thousands of names that there are not: some are told, with what may have been meant."""
        assert "may have 2000" in refused(record("R", *(field(f"f{i}", "int") for i in range(2_001))))
        types = [field(f"t{i}", record(f"Type{i}", field("a", "int"))) for i in range(900)]
        wrong = [field(f"w{i}", f"Typo{i}") for i in range(900)]
        assert "there is no type named Typo0" in refused(record("R", *types, *wrong))

    def test_records_that_must_contain_each_other(self) -> None:
        """In a ring: each of them is named."""
        ring = record("A", field("b", record("B", field("a", "A"))))
        assert refused(ring).count("without end") == 2

    def test_names_that_differ_by_case_only(self) -> None:
        """Are different, as Avro says, and none hides the other."""
        twins = schema(field("a", "int"), field("A", "string"), field("q", record("Q", field("x", "int"))),
                       field("k", record("q", field("y", "int"))))  # fmt: skip
        assert [each.name for each in twins.root.fields] == ["a", "A", "q", "k"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    _ANY_JSON
    | st.builds(lambda rest: {"type": "record", "name": "R", **rest}, st.dictionaries(_WORDS, _ANY_JSON, max_size=6))
)
@example({"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "R"}}]})
@example({"type": {"type": {"type": "record"}}})
def test_any_json_is_a_schema_or_a_schema_error(value: JsonValue) -> None:
    """For contracts and for the registry alike."""
    text = json.dumps(value)
    for read in (parse_schema, any_schema):
        with suppress(SchemaError):
            read(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet='{}[]":,\\ \ud800abc0', max_size=40))
def test_any_text_is_a_schema_or_a_schema_error(text: str) -> None:
    """JSON or not."""
    for read in (parse_schema, any_schema):
        with suppress(SchemaError):
            read(text)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schemas(), st.binary(max_size=64))
def test_any_bytes_are_a_record_or_malformed(of: Schema, value: bytes) -> None:
    """With the prefix of the wire format and without."""
    try:
        _, payload = split(value)
    except Malformed:
        payload = value
    with suppress(Malformed):
        decode(payload, of)
