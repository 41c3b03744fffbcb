"""Records, lists, maps and unions: what is missing, what is too much, and where exactly."""

from __future__ import annotations

import json
from typing import cast

import pytest

from contracts.json_types import JsonObject, JsonValue
from contracts.validation import Extra, Validator
from tests.contracts.avsc import DATE, array, enum, field, map_of, record, schema
from tests.contracts.reading import HANOI, NOW, errors, read, refused

ADDRESS = record("Address", field("street", "string"), field("house_no", "int"))
PERSON = schema(
    field("name", "string"),
    field("born", DATE),
    field("home", ADDRESS),
    field("before", array("Address"), default=[]),
    field("by_kind", map_of("Address"), default={}),
    field("work", ["null", "Address"], default=None),
)
GOOD: JsonObject = {"name": "Hoa", "born": "2014-05-12", "home": {"street": "Trần Phú", "house_no": 7}}


class TestMissing:
    """A field without a default must be there."""

    def test_a_missing_field_is_named_as_if_it_were_there(self) -> None:
        """With what it should be."""
        (error,) = errors(PERSON, {**GOOD, "home": {"street": "Trần Phú"}})
        assert (error.pointer, error.code) == ("/home/house_no", "missing")
        assert dict(error.params) == {"name": "house_no", "expected": "integer"}

    def test_every_missing_field_is_named_at_once(self) -> None:
        """In the schema's order."""
        assert refused(PERSON, {}) == ["/name missing", "/born missing", "/home missing"]

    def test_null_is_not_absence(self) -> None:
        """A field that may be absent may not be null for that."""
        assert refused(PERSON, {**GOOD, "before": None, "name": None}) == ["/name wrong_type", "/before wrong_type"]

    def test_a_nullable_field_without_default_must_be_there(self) -> None:
        """Null says something: that the sender knows there is nothing."""
        of = schema(field("a", ["null", "int"]))
        assert refused(of, {}) == ["/a missing"]
        assert read(of, {"a": None}) == {"a": None}


class TestExtra:
    """Senders send nothing that the contract has not; a provider may."""

    def test_an_unknown_field_from_a_sender_is_refused_at_its_place(self) -> None:
        """With the names that are known."""
        (error,) = errors(PERSON, {**GOOD, "home": {"street": "", "house_no": 1, "a/b~c": 1}})
        assert (error.pointer, error.code) == ("/home/a~1b~0c", "unknown_field")
        assert dict(error.params) == {"name": "a/b~c", "allowed": "street, house_no"}

    def test_names_are_known_by_their_exact_letters(self) -> None:
        """No case is folded, no space is cut."""
        assert refused(schema(field("a", "int", default=0)), {"A": 1, " a": 1, "": 1}) == [
            "/A unknown_field",
            "/ a unknown_field",
            "/ unknown_field",
        ]

    def test_an_unknown_field_from_a_provider_is_dropped_and_reported(self) -> None:
        """A partner who adds a field in silence does not stop a province at eight in the morning."""
        validator = Validator(PERSON, HANOI, {})
        sent: JsonValue = {**GOOD, "new": {"x": 1}, "before": [{"street": "", "house_no": 1, "lat": 16.05}]}
        valid = validator.from_json(json.dumps(sent).encode(), now=NOW, extra=Extra.DROP_AND_REPORT)
        assert sorted(valid.dropped) == ["/before/0/lat", "/new"]
        assert valid.record["before"] == [{"street": "", "house_no": 1}]
        assert "new" not in valid.record

    def test_of_very_many_dropped_fields_the_first_are_reported(self) -> None:
        """The report goes to the log, and must end as well."""
        validator = Validator(schema(field("a", "int")), HANOI, {})
        many: JsonObject = {"a": 1, **{f"n{i}": 1 for i in range(5000)}}
        valid = validator.from_value(many, now=NOW, extra=Extra.DROP_AND_REPORT)
        assert (valid.record, len(valid.dropped), valid.dropped[0]) == ({"a": 1}, 1000, "/n0")
        long: JsonObject = {"a": 1, **{"k" * 300_000 + str(i): 1 for i in range(9)}}
        assert sum(map(len, validator.from_value(long, now=NOW, extra=Extra.DROP_AND_REPORT).dropped)) < 2_000_000

    def test_a_name_that_is_no_unicode_is_quoted_so_that_it_can_be_sent_back(self) -> None:
        """Half a surrogate pair in a name."""
        (error,) = errors(schema(field("a", "int", default=0)), b'{"\\ud800": 1}')
        assert (error.pointer, error.code) == ("/\\ud800", "unknown_field")


class TestPlaces:
    """A pointer leads to exactly the place."""

    def test_everything_wrong_is_named_in_one_run(self) -> None:
        """At all depths."""
        wrong: JsonObject = {
            "name": 3,
            "born": "2014-02-30",
            "home": {"street": "x", "house_no": "7"},
            "before": [{"street": "x", "house_no": 1}, 5, {"street": 1, "house_no": 1}],
            "by_kind": {"a/b": {"street": "x"}, "": None},
            "work": [],
        }
        assert refused(PERSON, wrong) == [
            "/name wrong_type",
            "/born date_format",
            "/home/house_no wrong_type",
            "/before/1 wrong_type",
            "/before/2/street wrong_type",
            "/by_kind/a~1b/house_no missing",
            "/by_kind/ wrong_type",
            "/work wrong_type",
        ]

    def test_every_wrong_item_of_a_list_is_named(self) -> None:
        """Also in long lists of plain values."""
        of = schema(field("n", array("int")), field("deep", array(array("string")), default=[]))
        assert refused(of, {"n": [1, "2", 3, None]}) == ["/n/1 wrong_type", "/n/3 wrong_type"]
        assert refused(of, {"n": [], "deep": [["a"], [], ["b", 2]]}) == ["/deep/2/1 wrong_type"]

    def test_what_is_no_list_or_object_is_named_itself(self) -> None:
        """Not what is in it."""
        assert refused(PERSON, {**GOOD, "before": {"0": 1}, "by_kind": [], "home": "x"}) == [
            "/home wrong_type",
            "/before wrong_type",
            "/by_kind wrong_type",
        ]


class TestMaps:
    """Keys are text like any other."""

    def test_keys_that_are_the_same_in_nfc_are_refused(self) -> None:
        """At the second one, as it was written."""
        (error,) = errors(schema(field("m", map_of("int"))), {"m": {"Hòa": 1, "Ho\u0300a": 2}})
        assert (error.pointer, error.code) == ("/m/Ho\u0300a", "key_collision")

    def test_a_key_is_stored_in_nfc(self) -> None:
        """As every text."""
        assert read(schema(field("m", map_of("int"))), {"m": {"Ho\u0300a": 2}}) == {"m": {"Hòa": 2}}

    def test_a_key_that_is_no_unicode_is_refused(self) -> None:
        """With a pointer that can be sent back."""
        assert refused(schema(field("m", map_of("int"))), b'{"m": {"\\udfff": 2}}') == ["/m/\\udfff lone_surrogate"]

    def test_a_collision_is_found_where_the_first_value_was_wrong_too(self) -> None:
        """One error does not hide another."""
        assert refused(schema(field("m", map_of("int"))), {"m": {"é": "x", "e\u0301": 2}}) == [
            "/m/é wrong_type",
            "/m/e\u0301 key_collision",
        ]


class TestUnions:
    """The JSON kind says which branch is meant."""

    ANY = schema(field("v", ["null", "boolean", "long", "string", array("int"), record("Q", field("q", "int"))]))

    @pytest.mark.parametrize("value", [None, True, 3, "ba", [1], {"q": 1}])
    def test_each_kind_finds_its_branch(self, value: JsonValue) -> None:
        """Without a tag: senders write plain JSON."""
        assert read(self.ANY, {"v": value}) == {"v": value}

    def test_what_is_wrong_in_a_branch_is_named_without_a_tag(self) -> None:
        """The pointer is one into the sender's JSON, where there are no branches."""
        assert refused(self.ANY, {"v": {"q": "x"}}) == ["/v/q wrong_type"]
        assert refused(self.ANY, {"v": [1, None]}) == ["/v/1 wrong_type"]
        assert refused(self.ANY, {"v": 2**60}) == ["/v out_of_range"]
        assert refused(self.ANY, {"v": 1.5}) == ["/v wrong_type"]

    def test_a_kind_without_a_branch_is_told_all_that_there_are(self) -> None:
        """In the order of the schema."""
        of = schema(field("v", ["null", enum("E", "A", "B"), map_of("int")]))
        (error,) = errors(of, {"v": 3})
        assert dict(error.params) == {"expected": "null / string (A | B) / object", "got": "number"}
        assert refused(schema(field("v", ["null", "string", "boolean"])), {"v": 3}) == ["/v wrong_type"]


class TestAnyValue:
    """An adapter hands over values that no parser made."""

    @pytest.mark.parametrize("value", [object(), 1j, (1, 2), b"x", {1: 2}, {"a": {2}}, [object()]])
    def test_what_is_no_json_is_refused_like_any_wrong_value(self, value: object) -> None:
        """Never an exception of Python's own."""
        of = schema(field("a", ["null", "int", array("int"), map_of("int")], default=None))
        strange = cast("JsonValue", value)
        for sent in (strange, {"a": strange}):
            assert errors(of, sent)
