"""Schemas are read whole: every problem is found, with its place and its remedy."""

from __future__ import annotations

import hashlib
import json

import pytest

from contracts.json_types import JsonObject, JsonValue
from contracts.records import OWN_SCHEMAS
from contracts.schema import (
    ArrayType,
    EnumType,
    FixedType,
    Kind,
    Primitive,
    RecordType,
    SchemaError,
    UnionType,
    parse_schema,
)
from tests.contracts.avsc import (
    DATE,
    PARTIAL_DATE,
    TIMESTAMP,
    array,
    enum,
    field,
    fixed,
    logical,
    map_of,
    record,
    schema,
)


def problems(value: JsonValue | str) -> dict[str, str]:
    """The messages by pointer; every problem has a remedy."""
    with pytest.raises(SchemaError) as found:
        parse_schema(value if isinstance(value, str) else json.dumps(value))
    assert found.value.problems
    assert all(problem.remedy for problem in found.value.problems)
    return {problem.pointer: problem.message for problem in found.value.problems}


def only_problem(*fields: JsonObject) -> tuple[str, str]:
    """The pointer and the message of the one problem of a record with these fields."""
    found = problems(record("R", *fields))
    assert len(found) == 1, found
    return next(iter(found.items()))


class TestTree:
    """What a parsed schema tells those who walk it."""

    def test_text_hash_and_name_are_kept(self) -> None:
        """The hash is over the exact text, so that one more space is another schema."""
        text = '{"type": "record",  "name": "P", "namespace": "vn.a", "fields": []}'
        parsed = parse_schema(text)
        assert (parsed.text, parsed.name) == (text, "vn.a.P")
        assert parsed.sha256 == hashlib.sha256(text.encode()).hexdigest()
        assert parsed == parse_schema(text)
        assert hash(parsed) == hash(parse_schema(text))
        assert parsed != parse_schema(text.replace("  ", " "))

    def test_every_kind_is_told_apart(self) -> None:
        """Logical types are kinds of their own."""
        parsed = schema(
            field("d", DATE),
            field("p", PARTIAL_DATE),
            field("m", logical("bytes", "decimal", precision=10, scale=2)),
            field("f", {**fixed("F", 8), "logicalType": "decimal", "precision": 4}),
            field("again", "F"),
            field("x", fixed("X", 16)),
            field("e", enum("E", "A", "B")),
            field("u", ["null", "string"], default=None, doc="why"),
            field("t", TIMESTAMP),
        )
        assert parsed.at("/d") == Primitive(Kind.DATE)
        assert parsed.at("/p") == Primitive(Kind.PARTIAL_DATE)
        assert parsed.at("/m") == Primitive(Kind.DECIMAL, 10, 2)
        assert parsed.at("/f") == parsed.at("/again") == Primitive(Kind.DECIMAL, 4, 0, 8)
        assert parsed.at("/x") == FixedType("X", 16)
        assert parsed.at("/e") == EnumType("E", ("A", "B"))
        assert parsed.at("/u") == UnionType((Primitive(Kind.NULL), Primitive(Kind.STRING)))
        found = parsed.field("/u")
        assert found is not None
        assert (found.has_default, found.default, found.doc) == (True, None, "why")

    def test_pointers_lead_through_records_arrays_maps_and_nullable_unions(self) -> None:
        """An item is "0" or "*", a map takes any key; other pointers lead nowhere."""
        child = record("C", field("n~/x".replace("~/", "_"), "int"))
        parsed = schema(field("a", array(["null", child])), field("m", map_of("C")))
        assert isinstance(parsed.at(""), RecordType)
        assert isinstance(parsed.at("/a"), ArrayType)
        assert parsed.at("/a/0/n_x") == parsed.at("/a/*/n_x") == parsed.at("/m/any/n_x") == Primitive(Kind.INT)
        assert parsed.at("/a/-1") is parsed.at("/a/x/n_x") is parsed.at("/zz") is parsed.at("/a/0/n_x/y") is None
        assert parsed.field("/m/k/n_x") is not None
        assert parsed.field("/a/0") is parsed.field("") is parsed.field("/zz") is None
        with pytest.raises(ValueError, match="begins with"):
            parsed.at("a")

    def test_names_are_resolved_in_their_namespace(self) -> None:
        """A type defined in a namespace is found by its short name inside it."""
        inner = {**enum("E", "A"), "namespace": "x.y"}
        text = {
            **record("R", field("a", inner), field("b", "x.y.E"), field("c", record("Q", field("r", ["null", "R"])))),
            "namespace": "n",
        }
        parsed = parse_schema(json.dumps(text))
        assert parsed.at("/b") == EnumType("x.y.E", ("A",))
        assert parsed.at("/c/r") == UnionType((Primitive(Kind.NULL), parsed.root))

    def test_the_buss_own_records_are_good_schemas(self) -> None:
        """The bus eats what it serves."""
        for text in OWN_SCHEMAS:
            assert parse_schema(text).root.fields


class TestRefused:
    """What either parser, or the bus, does not accept."""

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("{", "not JSON"),
            ("", "not JSON"),
            ("\ud800", "not JSON"),
            ('{"type": "record", "type": "record"}', "twice"),
            ("[" * 100_000, "nested too deeply"),
            ('"int"', "a message is a record"),
            ("3", "a type is"),
            ("{}", "type"),
            ('"nope"', "no type named nope"),
            ("[]", "no branches"),
        ],
    )
    def test_texts_that_are_no_record(self, text: str, message: str) -> None:
        """Whatever the text is, the answer is a SchemaError that says what it is."""
        assert message in next(iter(problems(text).values()))

    @pytest.mark.parametrize(
        ("of", "default", "below"),
        [
            ("int", "x", ""),
            ("int", 2**31, ""),
            ("int", True, ""),
            ("int", 1.0, ""),
            ("long", 2**53, ""),
            ("string", 1, ""),
            ("string", "a\u0300", ""),
            ("boolean", 0, ""),
            ("null", 0, ""),
            ("double", "1", ""),
            ("float", 1e39, ""),
            ("bytes", "\u0100", ""),
            (fixed("F", 2), "a", ""),
            (DATE, "2024-01-01", ""),
            (PARTIAL_DATE, "05/2014", ""),
            (logical("string", "uuid"), "x", ""),
            (logical("bytes", "decimal", precision=2), "\u0001\u0000", ""),
            (["null", "int"], 3, ""),
            (["int", "null"], None, ""),
            (enum("E", "A", "B"), "C", ""),
            (array("int"), [1, "x"], "/1"),
            (array("int"), {}, ""),
            (map_of("int"), {"a/b": "x"}, "/a~1b"),
            (map_of("int"), [], ""),
            (record("Q", field("q", "int")), {"q": "x"}, "/q"),
            (record("Q", field("q", "int")), {}, "/q"),
            (record("Q", field("q", "int", default=1)), {"zz": 1}, "/zz"),
            (record("Q", field("q", array(["null", record("P", field("p", "int"))]), default=[None])), 4, ""),
        ],
    )
    def test_a_default_of_the_wrong_type(self, of: JsonValue, default: JsonValue, below: str) -> None:
        """Also inside unions, enums and containers; the pointer leads into the default."""
        assert only_problem(field("a", of, default=default))[0] == f"/fields/0/default{below}"

    def test_a_default_that_fills_in_itself(self) -> None:
        """A record whose default holds another of the same, which has that default again."""
        pointer, message = only_problem(field("a", array("R"), default=[{}]))
        assert pointer.startswith("/fields/0/default/0/a/0")
        assert "no end" in message

    def test_an_enums_own_default_is_one_of_its_symbols(self) -> None:
        """It is what readers fall back to."""
        assert only_problem(field("a", {**enum("E", "A"), "default": "B"}))[0] == "/fields/0/type/default"

    @pytest.mark.parametrize(
        "branches",
        [
            ["int", "double"],
            ["null", "string", enum("E", "A")],
            ["string", "bytes"],
            [DATE, TIMESTAMP],
            ["null", map_of("int"), record("Q", field("q", "int"))],
            [array("int"), array("string")],
            ["string", PARTIAL_DATE],
        ],
    )
    def test_a_union_with_two_branches_of_one_json_kind(self, branches: list[JsonValue]) -> None:
        """A reader could not tell which one was meant: the last branch is named, and the remedy is two fields."""
        pointer, message = only_problem(field("a", branches))
        assert pointer == f"/fields/0/type/{len(branches) - 1}"
        assert "two branches" in message

    def test_a_number_beside_what_is_stored_as_one(self) -> None:
        """Avro could not tell a date from a number either."""
        assert "stores a date as a number" in only_problem(field("a", ["double", DATE]))[1]

    @pytest.mark.parametrize(
        ("of", "pointer"),
        [
            (logical("string", "birthday"), "/logicalType"),
            (logical("long", "local-timestamp-millis"), "/logicalType"),
            (logical("long", "date"), "/logicalType"),
            (logical("string", "decimal", precision=2), "/logicalType"),
            (logical("bytes", "decimal"), "/precision"),
            (logical("bytes", "decimal", precision=0), "/precision"),
            (logical("bytes", "decimal", precision=100_000), "/precision"),
            (logical("bytes", "decimal", precision=2, scale=3), "/scale"),
            ({**fixed("F", 1), "logicalType": "decimal", "precision": 3}, "/precision"),
            (array("null"), "/items"),
            (array(record("Q", field("q", "null"))), "/items"),
            (["null", ["int"]], "/1"),
            (fixed("F", 0), "/size"),
            (enum("E"), "/symbols"),
            (enum("E", "A", "A"), "/symbols/1"),
            (enum("E", "1"), "/symbols/0"),
            (enum("E-1", "A"), "/name"),
            ({**enum("E", "A"), "namespace": "1"}, "/namespace"),
            (enum("R", "A"), "/name"),
            (record("Q", field("1", "int")), "/fields/0/name"),
            (record("Q", field("a", "int"), field("a", "int")), "/fields/1/name"),
            ({"type": "record", "name": "Q"}, "/fields"),
            ({"type": "record", "name": "Q", "fields": [{"name": "a"}]}, "/fields/0/type"),
            ({"type": "record", "name": "Q", "fields": [1]}, "/fields/0"),
            (record("Q", field("q", "Q")), ""),
            ("date", ""),
        ],
    )
    def test_types_that_cannot_be(self, of: JsonValue, pointer: str) -> None:
        """Each with the exact place."""
        assert only_problem(field("a", of))[0] == "/fields/0/type" + pointer

    @pytest.mark.parametrize(
        ("of", "more", "part"),
        [
            ("string", {"codelist": "wards"}, "on"),
            ("string", {"codelist": "wards", "on": "/nowhere"}, "on"),
            ("string", {"codelist": "wards", "on": "/number"}, "on"),
            ("string", {"codelist": "wards", "on": "born"}, "on"),
            ("string", {"codelist": "wards", "on": ""}, "on"),
            ("int", {"codelist": "wards", "on": "/born"}, "codelist"),
            (["null", "int"], {"codelist": "wards", "on": "/born"}, "codelist"),
            (PARTIAL_DATE, {"codelist": "wards", "on": "/born"}, "codelist"),
            ("string", {"codelist": 3, "on": "/born"}, "codelist"),
            ("string", {"on": "/born"}, "on"),
        ],
    )
    def test_a_coded_field_without_a_governing_date(self, of: JsonValue, more: JsonObject, part: str) -> None:
        """Every coded field is text and names the date, partial date or timestamp that governs it."""
        fields = field("ward", of, **more), field("born", DATE), field("number", "int")
        found = problems(record("R", *fields))
        assert f"/fields/0/{part}" in found

    def test_all_problems_come_in_one_run(self) -> None:
        """Of different sorts, in nested types, and without one causing another."""
        found = problems(
            record(
                "R",
                field("a", "int", default="x"),
                field("b", ["int", "double"]),
                field("c", "string", codelist="wards"),
                field("d", logical("int", "nope")),
                field("e", record("Q", field("q", "zz"), field("w", "string", codelist="wards", on="/q"))),
                field("w", "string", codelist="wards", on="/x"),
            )
        )
        assert set(found) == {
            "/fields/0/default",
            "/fields/1/type/1",
            "/fields/2/on",
            "/fields/3/type/logicalType",
            "/fields/4/type/fields/0/type",
            "/fields/5/on",
        }

    def test_the_message_of_the_error_names_every_place(self) -> None:
        """For a terminal."""
        with pytest.raises(SchemaError, match=r"(?s)/fields/0/default.*→.*\n/fields/1/type.*→"):
            parse_schema(
                json.dumps(record("R", field("a", "int", default="x"), field("b", ["int", "double"], default=1)))
            )


class TestGoverning:
    """Where `on` leads."""

    @pytest.mark.parametrize("of", [DATE, PARTIAL_DATE, TIMESTAMP, ["null", DATE]])
    def test_dates_partial_dates_and_timestamps_govern(self, of: JsonValue) -> None:
        """Nullable ones too."""
        parsed = schema(field("ward", ["null", "string"], codelist="wards", on="/when"), field("when", of))
        found = parsed.field("/ward")
        assert found is not None
        assert (found.codelist, found.on) == ("wards", "/when")

    def test_the_message_time_governs_where_it_is_named(self) -> None:
        """By a word of its own."""
        assert schema(field("ward", "string", codelist="wards", on="message-time")).at("/ward")

    def test_the_field_is_looked_for_outwards(self) -> None:
        """First in the record that holds the code, then in those around it."""
        address = record("Address", field("ward", "string", codelist="wards", on="/since"))
        assert schema(field("since", DATE), field("address", ["null", address]))
        inner = record("Address", field("ward", "string", codelist="wards", on="/since"), field("since", "int"))
        found = problems(record("R", field("since", DATE), field("address", inner)))
        assert list(found) == ["/fields/1/type/fields/0/on"]

    def test_a_record_that_is_used_twice_is_governed_in_both_places(self) -> None:
        """One place without a date is an error, whatever the other has."""
        address = record("Address", field("ward", "string", codelist="wards", on="/since"))
        one = record("One", field("since", DATE), field("home", address))
        assert list(problems(record("R", field("one", one), field("two", array("Address"))))) == [
            "/fields/0/type/fields/1/type/fields/0/on"
        ]

    def test_records_that_contain_themselves_are_allowed(self) -> None:
        """A tree of places, each with its own code."""
        parsed = schema(
            field("ward", "string", codelist="wards", on="/since"), field("since", DATE), field("parts", array("R"))
        )
        assert parsed.at("/parts/0/parts/*/since") == Primitive(Kind.DATE)
