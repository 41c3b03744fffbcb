"""One form for what means the same: idempotent, and unchanged by the way from JSON to Avro and back."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from contracts.canonical import body_hash, dumps, to_json
from contracts.codec import Malformed, decode, encode, split
from contracts.errors import Rejected
from contracts.json_types import JsonObject, JsonValue, parts_of, pointer_of
from contracts.schema import Schema
from contracts.validation import Extra, Validator
from contracts.wording import Language, worded
from tests.contracts.avsc import DATE, TIMESTAMP, array, field, logical, map_of, record, schema
from tests.contracts.generated import JSON, misfit_for, places, replaced, schemas, values
from tests.contracts.reading import HANOI, NOW, read

many = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
JSON_LIKE = st.text(alphabet='{}[]":,\\u0d8ae1- .tfn', max_size=40).map(str.encode)


def validator(of: Schema) -> Validator:
    return Validator(of, HANOI, {})


class TestAnySchemaAndRecord:
    """Whatever schemas and records there may be."""

    @many
    @given(st.data())
    def test_the_canonical_form_survives_the_way_to_avro_and_back(self, data: st.DataObject) -> None:
        """Bytes, record, JSON and hash are the same after a second journey."""
        of = data.draw(schemas())
        sent = data.draw(values(of.root))
        first = validator(of).from_value(sent, now=NOW).record
        stored = encode(1, of, first)
        again = decode(split(stored)[1], of)
        assert again == first
        shown = to_json(of, first, HANOI)
        assert dumps(to_json(of, again, HANOI)) == dumps(shown)
        second = validator(of).from_json(dumps(shown), now=NOW).record
        assert encode(1, of, second) == stored
        assert dumps(to_json(of, second, HANOI)) == dumps(shown)
        assert body_hash(of, second) == body_hash(of, first)

    @many
    @given(st.data())
    def test_a_value_and_its_text_are_the_same_record(self, data: st.DataObject) -> None:
        """However the sender's JSON is written: escaped, spread out, in another order."""
        of = data.draw(schemas())
        sent = data.draw(values(of.root))
        stored = encode(1, of, validator(of).from_value(sent, now=NOW).record)
        for text in (json.dumps(sent), json.dumps(sent, ensure_ascii=False, indent=1, sort_keys=True)):
            assert encode(1, of, validator(of).from_json(text.encode(), now=NOW).record) == stored

    @many
    @given(st.data())
    def test_one_wrong_value_has_exactly_its_pointer(self, data: st.DataObject) -> None:
        """At any depth, in lists and maps, under any key."""
        of = data.draw(schemas())
        sent = data.draw(values(of.root))
        parts, there = data.draw(st.sampled_from(list(places(of.root, sent)) or [((), of.root)]))
        assume(parts)
        broken = replaced(sent, parts, misfit_for(there))
        with pytest.raises(Rejected) as refused:
            validator(of).from_json(orjson.dumps(broken), now=NOW)
        (error,) = refused.value.fields
        assert (error.pointer, error.code) == (pointer_of(parts), "wrong_type")
        assert parts_of(error.pointer) == tuple(map(str, parts))

    @many
    @given(st.data())
    def test_no_json_raises_anything_undeclared(self, data: st.DataObject) -> None:
        """A record, or Rejected with errors that can be sent back in both languages."""
        of = data.draw(schemas())
        extra = data.draw(st.sampled_from(Extra))
        sent: JsonValue = data.draw(JSON)
        try:
            validator(of).from_value(sent, now=NOW, extra=extra)
        except Rejected as refused:
            self.can_be_sent_back(refused)

    @many
    @given(schemas(), st.binary(max_size=60) | JSON_LIKE | JSON.map(lambda value: json.dumps(value).encode()))
    def test_no_bytes_raise_anything_undeclared(self, of: Schema, sent: bytes) -> None:
        """Of any body."""
        try:
            validator(of).from_json(sent, now=NOW)
        except Rejected as refused:
            self.can_be_sent_back(refused)

    @many
    @given(schemas(), st.binary(max_size=60))
    def test_no_avro_raises_anything_undeclared(self, of: Schema, stored: bytes) -> None:
        """A record with a canonical form, or Malformed: a stranger may write to a log too."""
        try:
            shown = to_json(of, decode(stored, of), HANOI)
        except Malformed:
            return
        assert dumps(read(of, dumps(shown))) == dumps(shown)

    def can_be_sent_back(self, refused: Rejected) -> None:
        assert refused.fields
        for error in refused.fields:
            assert parts_of(error.pointer) is not None
            for language in Language:
                words = worded(error, language)
                assert words.detail
                assert words.remedy
                assert orjson.dumps([error.pointer, words.detail, words.remedy])


class TestForm:
    """What the canonical form is."""

    def test_defaults_are_filled_in(self) -> None:
        """As Avro would fill them: so absent and written out are the same record."""
        inner = record("Q", field("q", "int", default=3))
        of = schema(
            field("a", "int", default=1), field("in", inner, default={}), field("n", ["null", "int"], default=None)
        )
        assert read(of, {}) == {"a": 1, "in": {"q": 3}, "n": None}
        shown = read(of, {})
        whole = validator(of).from_value(shown, now=NOW).record
        assert body_hash(of, whole) == body_hash(of, validator(of).from_value({}, now=NOW).record)

    def test_a_default_is_new_each_time(self) -> None:
        """Whoever changes a record's list changes no other record's."""
        of = schema(field("list", array("int"), default=[]))
        first = validator(of).from_value({}, now=NOW).record
        first["list"].append(1)
        assert read(of, {}) == {"list": []}

    def test_map_entries_have_an_order(self) -> None:
        """Theirs by key, in NFC; so the same entries are the same bytes."""
        of = schema(field("m", map_of("int")))
        one: JsonObject = {"m": {"b": 1, "e\u0301": 2}}
        other: JsonObject = {"m": {"é": 2, "b": 1}}
        records = [validator(of).from_value(sent, now=NOW).record for sent in (one, other)]
        assert encode(1, of, records[0]) == encode(1, of, records[1])
        assert list(read(of, one)["m"]) == ["b", "é"]

    def test_the_hash_is_of_what_is_meant(self) -> None:
        """Not of white space, order, spelling of decimals and offsets; of every difference that means something."""
        of = schema(
            field("at", TIMESTAMP),
            field("fee", logical("bytes", "decimal", precision=6, scale=2)),
            field("who", "string"),
        )

        def hash_of(at: str, fee: str, who: str) -> str:
            return body_hash(of, validator(of).from_value({"who": who, "fee": fee, "at": at}, now=NOW).record)

        same = hash_of("2025-07-01T00:00:00Z", "1.50", "Hòa")
        assert hash_of("2025-07-01T07:00:00.000+07:00", "1.5", "Ho\u0300a") == same
        assert (
            len(
                {
                    same,
                    hash_of("2025-07-01T00:00:00.001Z", "1.5", "Hòa"),
                    hash_of("2025-07-01T00:00:00Z", "1.51", "Hòa"),
                }
            )
            == 3
        )

    def test_the_hash_of_a_record_that_came_back_with_another_order_of_map_entries_is_the_same(self) -> None:
        """Other writers of Avro keep no order."""
        of = schema(field("m", ["null", map_of(map_of("int"))]), field("l", array(map_of("int"))))
        one = {"m": {"a": {"x": 1, "y": 2}, "b": {}}, "l": [{"x": 1, "y": 2}]}
        other = {"l": [{"y": 2, "x": 1}], "m": {"b": {}, "a": {"y": 2, "x": 1}}}
        assert body_hash(of, one) == body_hash(of, other)


class TestForeignBytes:
    """Records that somebody else wrote."""

    @pytest.mark.parametrize(
        ("of", "stored", "place"),
        [
            (DATE, 3_000_000, "/v"),
            (TIMESTAMP, 2**60, "/v"),
            ("long", 2**60, "/v"),
            (logical("int", "time-millis"), 86_400_000, "/v"),
            (logical("bytes", "decimal", precision=2), b"\x01\x00", "/v"),
            (logical("string", "partial-date"), "hôm qua", "/v"),
            (logical("string", "uuid"), "x", "/v"),
            ("double", float("nan"), "/v"),
            ("float", float("inf"), "/v"),
            ("string", "a" + "\u0301" * 40, "/v"),
            (array("double"), [1.0, float("inf")], "/v/1"),
            (map_of(DATE), {"a/b": 3_000_000}, "/v/a~1b"),
            (["null", record("Q", field("q", array(DATE)))], {"q": [1, 3_000_000]}, "/v/q/1"),
            (map_of("int"), {"é": 1, "e\u0301": 2}, "/v/e\u0301"),
        ],
    )
    def test_what_has_no_canonical_form_is_malformed_at_its_place(
        self, of: JsonValue, stored: object, place: str
    ) -> None:
        """Values that the bytes can hold and the contract cannot."""
        parsed = schema(field("v", of))
        written = decode(split(encode(1, parsed, {"v": stored}))[1], parsed)
        with pytest.raises(Malformed) as found:
            to_json(parsed, written, HANOI)
        assert str(found.value).startswith(f"{place}: ")

    def test_text_that_is_not_in_nfc_is_shown_in_nfc(self) -> None:
        """Keys too."""
        of = schema(field("v", map_of("string")))
        assert to_json(of, {"v": {"Ho\u0300a": "Ho\u0300a"}}, HANOI) == {"v": {"Hòa": "Hòa"}}

    def test_map_entries_are_shown_in_order(self) -> None:
        """In whichever order they were written."""
        of = schema(field("v", map_of("int")))
        assert orjson.dumps(to_json(of, {"v": {"b": 1, "a": 2}}, HANOI)) == b'{"v":{"a":2,"b":1}}'
