"""What a field means: said once in the schema, and then checked, published and kept from those who need not see it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contracts.errors import FieldError
from contracts.json_types import JsonValue
from contracts.languages import Language
from contracts.meaning import NO_MEANING, Standard, Words
from contracts.publish.json_schema import json_schema
from contracts.schema import FieldType, Schema
from contracts.wording import worded
from tests.contracts.avsc import DATE, array, field, logical, record, schema
from tests.contracts.jsonschema import fits
from tests.contracts.reading import errors, read, refused
from tests.contracts.test_schema import only_problem

MONEY = logical("bytes", "decimal", precision=10, scale=2)
PERSON_ID: dict[str, JsonValue] = {
    "title": {"vi": "Số định danh cá nhân", "en": "Personal identification number"},
    "description": {"vi": "Gồm 12 chữ số.", "en": "It has 12 digits."},
    "pattern": "[0-9]{12}",
    "personal": "basic",
    "standard": [
        {"name": "QCVN 09:2025/BCA", "field": "SoDinhDanh", "confirmed": False},
        {"name": "FHIR R4", "field": "Patient.identifier"},
    ],
}


def the_field(of: JsonValue, **more: JsonValue) -> FieldType:
    return schema(field("v", of, **more)).root.fields[0]


class TestReading:
    """A schema says what a field means in properties that Avro lets be."""

    def test_all_that_is_said_is_known(self) -> None:
        meaning = the_field("string", **PERSON_ID).meaning
        assert meaning.title == Words("Số định danh cá nhân", "Personal identification number")
        assert meaning.description is not None
        assert meaning.description[Language.EN] == "It has 12 digits."
        assert meaning.standards == (
            Standard("QCVN 09:2025/BCA", "SoDinhDanh", confirmed=False),
            Standard("FHIR R4", "Patient.identifier"),
        )

    def test_numbers_have_a_unit_and_bounds(self) -> None:
        meaning = the_field(["null", "double"], default=None, unit="ug/m3", minimum=0, maximum=1000.5).meaning
        assert (meaning.unit, meaning.minimum, meaning.maximum) == ("ug/m3", Decimal(0), Decimal("1000.5"))

    def test_a_field_that_says_nothing_means_nothing(self) -> None:
        assert the_field("string").meaning is NO_MEANING

    def test_one_text_stands_for_both_languages(self) -> None:
        """Schemas that others have written say `title` too, and in one language."""
        assert the_field("string", title="Name").meaning.title == Words("Name", "Name")

    @pytest.mark.parametrize(
        ("of", "more", "pointer", "message"),
        [
            ("string", {"title": 7}, "title", "no text"),
            ("string", {"title": ""}, "title", "no text"),
            ("string", {"title": {"vi": "Tên"}}, "title", "“en” is missing"),
            ("string", {"title": {"vi": "Tên", "en": " "}}, "title/en", "“en” is missing"),
            ("string", {"title": {"vi": "Tên", "en": "Name", "fr/x": "Nom"}}, "title/fr~1x", "unknown key"),
            ("string", {"pattern": 12}, "pattern", "no text"),
            ("string", {"pattern": "(a+)+"}, "pattern", "leaves open"),
            ("int", {"pattern": "[0-9]"}, "pattern", "only text has a pattern"),
            (DATE, {"pattern": "[0-9]"}, "pattern", "only text has a pattern"),
            ("string", {"minimum": 0}, "minimum", "only numbers"),
            ("int", {"minimum": "0"}, "minimum", "not a number"),
            ("int", {"minimum": 0.5}, "minimum", "not a number"),
            ("int", {"maximum": 2**40}, "maximum", "not a number"),
            ("int", {"maximum": True}, "maximum", "not a number"),
            (MONEY, {"maximum": 5}, "maximum", "not a number"),
            (MONEY, {"maximum": "NaN"}, "maximum", "not a number"),
            ("int", {"minimum": 5, "maximum": 4}, "minimum", "smallest value is larger"),
            ("int", {"unit": ""}, "unit", "no unit"),
            ("string", {"standard": "FHIR"}, "standard", "are a list"),
            ("string", {"standard": [{"name": "FHIR"}]}, "standard/0", "a name and a field"),
            (
                "string",
                {"standard": [{"name": "FHIR", "field": "x", "confirmed": "no"}]},
                "standard/0/confirmed",
                "neither",
            ),
            ("string", {"standard": [{"name": "FHIR", "field": "x", "sure": False}]}, "standard/0/sure", "unknown key"),
            ("string", {"pattern": "[0-9]", "default": "x"}, "default", "not what the field asks"),
            ("int", {"minimum": 1, "default": 0}, "default", "not what the field asks"),
        ],
    )
    def test_what_is_wrong_is_refused_at_its_place(
        self, of: JsonValue, more: dict[str, JsonValue], pointer: str, message: str
    ) -> None:
        at, said = only_problem(field("v", of, **more))
        assert (at, message in said) == (f"/fields/0/{pointer}", True), said


class TestValidation:
    """What a field asks of its values is asked of every record."""

    def test_a_text_without_the_form_is_refused_and_told_the_form(self) -> None:
        (error,) = errors(schema(field("v", "string", **PERSON_ID)), {"v": "48214000024"})
        assert (error.pointer, error.code) == ("/v", "pattern")
        assert "[0-9]{12}" in worded(error, Language.VI).remedy

    def test_a_text_of_the_form_comes_through(self) -> None:
        assert read(schema(field("v", "string", **PERSON_ID)), {"v": "048214000024"}) == {"v": "048214000024"}

    def test_the_form_is_asked_of_normalised_text(self) -> None:
        """One letter is one letter, whichever way the sender's keyboard wrote it."""
        assert read(schema(field("v", "string", pattern="Ho.")), {"v": "Hoa\u0300"}) == {"v": "Hoà"}

    def test_null_has_no_form_and_no_bounds(self) -> None:
        of = schema(field("a", ["null", "string"], pattern="[0-9]"), field("b", ["null", "int"], minimum=1))
        assert read(of, {"a": None, "b": None}) == {"a": None, "b": None}
        assert refused(of, {"a": "x", "b": 0}) == ["/a pattern", "/b too_small"]

    @pytest.mark.parametrize(
        ("of", "more", "value", "code"),
        [
            ("int", {"minimum": 0, "maximum": 9}, 10, "out_of_range"),
            ("int", {"minimum": 0, "maximum": 9}, 9, None),
            ("long", {"maximum": 9}, 10, "too_large"),
            ("double", {"minimum": 0.5}, 0.4, "too_small"),
            ("double", {"minimum": 0.5}, 0.5, None),
            (MONEY, {"minimum": "0.50", "maximum": "10"}, "0.49", "out_of_range"),
            (MONEY, {"minimum": "0.50", "maximum": "10"}, "10.00", None),
            (MONEY, {"minimum": "0"}, "-0.01", "too_small"),
            (MONEY, {"maximum": "99.99"}, "100", "too_large"),
        ],
    )
    def test_a_number_outside_its_bounds_is_refused(
        self, of: JsonValue, more: dict[str, JsonValue], value: JsonValue, code: str | None
    ) -> None:
        of_field = schema(field("v", of, **more))
        if code is None:
            read(of_field, {"v": value})
        else:
            assert refused(of_field, {"v": value}) == [f"/v {code}"]


class TestDiscretion:
    """An error says where and what, and never what is written there about a person."""

    def of(self, **more: JsonValue) -> Schema:
        parent = record("Parent", field("born", DATE), field("phones", array(DATE)))
        return schema(field("born", DATE), field("parent", parent, **more), field("issued", DATE))

    def error(self, pointer: str, **more: JsonValue) -> FieldError:
        sent: Any = {"born": "hôm qua", "parent": {"born": "hôm nay", "phones": ["hôm kia"]}, "issued": "mai"}
        return next(each for each in errors(self.of(**more), sent) if each.pointer == pointer)

    @pytest.mark.parametrize("pointer", ["/parent/born", "/parent/phones/0"])
    def test_what_is_part_of_personal_data_is_not_repeated(self, pointer: str) -> None:
        error = self.error(pointer, personal="basic")
        assert dict(error.params)["value"] == "•••"
        assert "hôm" not in worded(error, Language.VI).detail

    def test_what_is_about_nobody_is(self) -> None:
        assert dict(self.error("/issued", personal="basic").params)["value"] == "mai"


class TestPublication:
    """Programs and people read the same as the schema says."""

    def test_a_field_is_published_with_all_that_it_means(self) -> None:
        described: Any = json_schema(schema(field("v", "string", **PERSON_ID)))["properties"]
        assert described["v"] == {
            "type": "string",
            "title": "Số định danh cá nhân",
            "description": "Gồm 12 chữ số.",
            "pattern": "^(?:[0-9]{12})$",
            "x-words": {"title": PERSON_ID["title"], "description": PERSON_ID["description"]},
            "x-personal": "basic",
            "x-standard": [
                {"name": "QCVN 09:2025/BCA", "field": "SoDinhDanh", "confirmed": False},
                {"name": "FHIR R4", "field": "Patient.identifier", "confirmed": True},
            ],
        }

    def test_it_speaks_the_readers_language(self) -> None:
        described: Any = json_schema(schema(field("v", "string", **PERSON_ID)), language=Language.EN)["properties"]
        assert described["v"]["title"] == "Personal identification number"

    @pytest.mark.parametrize("value", [-1, 0, 5, 6, None])
    def test_what_is_published_agrees_with_what_is_checked(self, value: JsonValue) -> None:
        of = schema(field("v", ["null", "int"], minimum=0, maximum=5, unit="1"))
        sound = fits(json_schema(of), {"v": value})
        assert sound is (value is None or value in range(6))
        if sound:
            read(of, {"v": value})
        else:
            assert refused(of, {"v": value})

    def test_the_bounds_of_decimals_are_told_though_json_schema_cannot_compare_text(self) -> None:
        described: Any = json_schema(schema(field("v", MONEY, minimum="0.50")))["properties"]
        assert described["v"]["x-minimum"] == "0.50"
        assert "minimum" not in described["v"]
