"""Codes are checked against their code list, on the date that governs them, in the bus's zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.json_types import JsonObject, JsonValue
from contracts.schema import Schema
from contracts.validation import Validator
from tests.contracts.avsc import DATE, PARTIAL_DATE, TIMESTAMP, array, field, record, schema
from tests.contracts.lists import wards
from tests.contracts.reading import HANOI, errors, read, refused

LISTS = {"wards": wards()}


def governed_by(of: JsonValue) -> Schema:
    """A ward, and when it is meant."""
    return schema(field("ward", ["null", "string"], codelist="wards", on="/on"), field("on", of))


class TestGoverningDate:
    """The key of a meaning is (code, date)."""

    def test_a_code_is_looked_up_on_the_date_beside_it(self) -> None:
        """Cẩm Phô until 30 June 2025, and not a day longer."""
        of = governed_by(DATE)
        assert read(of, {"ward": "20404", "on": "2025-06-30"}, LISTS)
        (error,) = errors(of, {"ward": "20404", "on": "2025-07-01"}, LISTS)
        assert (error.pointer, error.code, error.candidates) == ("/ward", "code_ended", ("20410",))
        params = dict(error.params)
        assert (params["name"], params["ended"], params["successors"]) == (
            "Phường Cẩm Phô",
            "2025-07-01",
            "20410 Phường Hội An",
        )

    def test_a_code_that_is_in_no_list_is_refused(self) -> None:
        """On any date; an empty one too."""
        for code in ("99999", "", " 20404", "2040４"):
            assert refused(governed_by(DATE), {"ward": code, "on": "2025-06-30"}, LISTS) == ["/ward unknown_code"]

    def test_no_code_needs_no_date(self) -> None:
        """Null is looked up nowhere."""
        assert read(governed_by(["null", DATE]), {"ward": None, "on": None}, LISTS)

    def test_a_code_without_its_date_is_refused_at_the_date(self) -> None:
        """What is missing is the date, not the code; said once, however many codes it governs."""
        two = (
            field("ward", "string", codelist="wards", on="/on"),
            field("birthplace", "string", codelist="wards", on="/on"),
        )
        of = schema(*two, field("on", ["null", DATE]))
        assert refused(of, {"ward": "20404", "birthplace": "20410", "on": None}, LISTS) == ["/on missing"]

    def test_a_code_with_a_wrong_date_is_refused_for_the_date_alone(self) -> None:
        """On which day should it be looked up?"""
        assert refused(governed_by(DATE), {"ward": "99999", "on": "hôm qua"}, LISTS) == ["/on date_format"]
        assert refused(governed_by(DATE), {"ward": "99999"}, LISTS) == ["/on missing"]

    def test_codes_and_other_fields_are_refused_together(self) -> None:
        """In one run."""
        of = schema(field("ward", "string", codelist="wards", on="/on"), field("on", DATE), field("n", "int"))
        assert refused(of, {"ward": "20404", "on": "2025-09-01", "n": "x"}, LISTS) == [
            "/n wrong_type",
            "/ward code_ended",
        ]


class TestPartialDate:
    """A code governed by one must mean the same on every date it may mean."""

    @pytest.mark.parametrize("on", ["2024", "2025-06", "2025-06-30"])
    def test_the_same_on_every_day_is_good(self, on: str) -> None:
        """All of them before the change."""
        assert read(governed_by(PARTIAL_DATE), {"ward": "20410", "on": on}, LISTS)

    def test_two_meanings_are_ambiguous(self) -> None:
        """20410 “in 2025”: Sơn Phong or Hội An. The refusal names both, with their days."""
        (error,) = errors(governed_by(PARTIAL_DATE), {"ward": "20410", "on": "2025"}, LISTS)
        assert (error.pointer, error.code) == ("/ward", "ambiguous_date")
        meanings = dict(error.params)["meanings"]
        assert meanings == "20410 Phường Sơn Phong (… – 2025-06-30); 20410 Phường Hội An (2025-07-01 – …)"

    def test_a_code_that_was_in_force_for_a_part_of_it_is_ambiguous(self) -> None:
        """20404 in 2025: Cẩm Phô, or a mistake for Hội An."""
        (error,) = errors(governed_by(PARTIAL_DATE), {"ward": "20404", "on": "2025"}, LISTS)
        assert (error.code, error.candidates) == ("ambiguous_date", ("20404", "20410"))

    def test_it_is_never_completed(self) -> None:
        """2025 does not become 2025-01-01, on which 20404 would be good."""
        assert refused(governed_by(PARTIAL_DATE), {"ward": "20404", "on": "2025"}, LISTS) == ["/ward ambiguous_date"]
        assert refused(governed_by(PARTIAL_DATE), {"ward": "20404", "on": "2025-07"}, LISTS) == ["/ward code_ended"]


class TestTime:
    """A day is a day in the bus's zone."""

    @pytest.mark.parametrize(
        ("on", "name"),
        [
            ("2025-06-30T16:59:59Z", "Phường Sơn Phong"),
            ("2025-06-30T17:00:00Z", "Phường Hội An"),
            ("2025-07-01T00:30:00+09:00", "Phường Sơn Phong"),
        ],
    )
    def test_a_timestamp_has_its_date_in_the_buss_zone(self, on: str, name: str) -> None:
        """The first of July begins in Đà Nẵng at 17:00 UTC; the offset of the sender does not count."""
        ended = "20404"
        of = governed_by(TIMESTAMP)
        if name == "Phường Sơn Phong":
            assert read(of, {"ward": ended, "on": on}, LISTS)
        else:
            assert refused(of, {"ward": ended, "on": on}, LISTS) == ["/ward code_ended"]

    def test_the_messages_own_time_governs_where_the_field_says_so(self) -> None:
        """In the bus's zone too."""
        of = schema(field("ward", "string", codelist="wards", on="message-time"))
        last = datetime(2025, 6, 30, 16, 59, tzinfo=UTC)
        assert Validator(of, HANOI, LISTS).from_value({"ward": "20404"}, now=last).record == {"ward": "20404"}
        (error,) = errors(of, {"ward": "20404"}, LISTS, now=datetime(2025, 6, 30, 17, 0, tzinfo=UTC))
        assert (error.pointer, error.code) == ("/ward", "code_ended")


class TestWhere:
    """Codes at any depth, governed by the nearest field of that name outwards."""

    ADDRESS = record("Address", field("ward", "string", codelist="wards", on="/since"), field("since", ["null", DATE]))

    def test_a_code_in_a_list_has_its_own_date_and_pointer(self) -> None:
        """Each item by itself."""
        of = schema(field("homes", array(self.ADDRESS)))
        homes: list[JsonValue] = [
            {"ward": "20404", "since": "2025-06-30"},
            {"ward": "20404", "since": "2025-07-01"},
            {"ward": "20404", "since": None},
        ]
        assert refused(of, {"homes": homes}, LISTS) == ["/homes/1/ward code_ended", "/homes/2/since missing"]

    def test_a_code_may_be_governed_by_the_record_around_it(self) -> None:
        """Where its own has no such field."""
        place = record("Place", field("ward", "string", codelist="wards", on="/at/day"))
        of = schema(field("at", record("At", field("day", DATE))), field("place", ["null", place]))
        good: JsonObject = {"at": {"day": "2025-06-30"}, "place": {"ward": "20404"}}
        assert read(of, good, LISTS)
        assert refused(of, {**good, "at": {"day": "2025-07-01"}}, LISTS) == ["/place/ward code_ended"]

    def test_a_date_below_something_that_is_null_is_missing(self) -> None:
        """With the pointer to where it would be."""
        at = record("At", field("day", DATE))
        of = schema(field("ward", "string", codelist="wards", on="/at/day"), field("at", ["null", at]))
        assert refused(of, {"ward": "20404", "at": None}, LISTS) == ["/at/day missing"]

    def test_the_nearer_field_governs(self) -> None:
        """An address with a date of its own, in a record with another."""
        of = schema(field("since", DATE), field("home", self.ADDRESS))
        sent: JsonObject = {"since": "2025-07-01", "home": {"ward": "20404", "since": "2025-06-30"}}
        assert read(of, sent, LISTS)


def test_a_validator_without_its_code_list_cannot_be_made() -> None:
    """Nothing is passed unchecked."""
    with pytest.raises(ValueError, match="ward needs the code list wards"):
        Validator(governed_by(DATE), HANOI, {})
