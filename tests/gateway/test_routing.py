"""Who receives a record: who is named, who is alone, or who answers for the place on the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from contracts.catalogue import Service
from contracts.errors import FieldError
from contracts.json_types import JsonValue
from gateway.problems import Problem
from gateway.routing import receiver_of, span_on, today
from tests.gateway.city import CONTRACTS, LOOKUP, SERVICES, TRANSFER, area, directory, service

SCHOOLS = SERVICES[:2]


def routed(ward: str | None, on: str | None, services: Sequence[Service] = SCHOOLS, to: str = "") -> str:
    record: JsonValue = {"student": "x", "home_ward": ward, "home_ward_on": on}
    return receiver_of(directory(), CONTRACTS[TRANSFER], services, to, record).system


def refused(ward: str | None, on: str | None, services: Sequence[Service] = SCHOOLS, to: str = "") -> Problem:
    with pytest.raises(Problem) as found:
        routed(ward, on, services, to)
    return found.value


def error_of(problem: Problem) -> FieldError:
    (error,) = problem.errors
    return error


class TestNamed:
    """By the header `To`."""

    def test_the_system_that_is_named_receives(self) -> None:
        """Whatever the content says: the sender may know better."""
        assert routed("20410", "2025-09-01", to="truong-bac") == "truong-bac"

    def test_a_name_that_provides_nothing_is_refused_with_those_that_do(self) -> None:
        """A typing error must not become a route of its own."""
        problem = refused("20410", "2025-09-01", to="truong-nam")
        assert (problem.kind, problem.params["receivers"]) == ("receiver-unknown", "gddt, truong-bac")

    def test_the_only_provider_needs_no_name(self) -> None:
        """Of a contract without a route."""
        assert receiver_of(directory(), CONTRACTS[LOOKUP], SERVICES[2:], "", {}).system == "dancu"

    def test_of_several_providers_one_must_be_named(self) -> None:
        """The refusal lists them."""
        both = (*SERVICES[2:], service("dancu-2", LOOKUP, 1))
        with pytest.raises(Problem) as found:
            receiver_of(directory(), CONTRACTS[LOOKUP], both, "", {})
        assert (found.value.kind, found.value.params["receivers"]) == ("receiver-required", "dancu, dancu-2")


class TestByContent:
    """By code and date."""

    @pytest.mark.parametrize(
        ("ward", "on", "system"),
        [
            ("20410", "2025-07-01", "gddt"),
            ("20410", "2025-06-30", "gddt"),
            ("20404", "2025-06-30", "gddt"),
            ("20197", "2025-09", "truong-bac"),
            ("20200", "2024", "truong-bac"),
            ("20200", "2025-06-30", "truong-bac"),
        ],
    )
    def test_a_place_goes_to_who_answers_for_it(self, ward: str, on: str, system: str) -> None:
        """An old ward goes where its successor goes: the area is drawn on today's map."""
        assert routed(ward, on) == system

    def test_a_code_that_means_nothing_on_its_date_is_refused_at_its_field(self) -> None:
        """With what it was and what became of it."""
        error = error_of(refused("20404", "2025-07-01"))
        assert (error.pointer, error.code, error.candidates) == ("/home_ward", "code_ended", ("20410",))

    def test_a_code_with_two_meanings_within_its_date_is_refused(self) -> None:
        """Though both would go to the same system: what is meant is not known."""
        assert error_of(refused("20410", "2025")).code == "ambiguous_date"

    def test_a_place_that_was_split_between_two_receivers_is_refused_with_both(self) -> None:
        """Hòa Liên went to Hải Vân and Liên Chiểu: the bus never picks."""
        error = error_of(refused("20296", "2025-06-30"))
        assert (error.pointer, error.code) == ("/home_ward", "ambiguous_code")
        assert error.candidates == ("gddt", "truong-bac")
        assert dict(error.params)["meanings"] == "20194 Phường Hải Vân (gddt); 20197 Phường Liên Chiểu (truong-bac)"
        assert routed("20296", "2025-06-30", to="gddt") == "gddt"

    def test_a_place_that_was_split_within_one_area_has_one_receiver(self) -> None:
        """Which part it is makes no difference to the route."""
        whole = (service("gddt", of=area("20194@2025", "20197@2025")),)
        assert routed("20296", "2025-06-30", whole) == "gddt"

    def test_a_place_for_which_nobody_answers_is_refused(self) -> None:
        """With the code, its name and the date."""
        problem = refused("20999", "2025-09-01")
        assert (problem.kind, problem.params["code"], problem.params["date"]) == (
            "unroutable",
            "20999 (Xã Nơi Khác)",
            "2025-09-01",
        )

    def test_a_service_without_an_area_answers_for_no_place(self) -> None:
        """Else a forgotten line in a file would draw a whole city to it."""
        assert refused("20410", "2025-09-01", (service("gddt"),)).kind == "unroutable"

    @pytest.mark.parametrize(
        ("ward", "on", "pointer"), [(None, "2025", "/home_ward"), ("20410", None, "/home_ward_on")]
    )
    def test_a_record_without_code_or_date_is_refused_at_the_field(
        self, ward: str | None, on: str | None, pointer: str
    ) -> None:
        """A contract may make them optional; its route cannot."""
        problem = refused(ward, on)
        assert (problem.kind, error_of(problem).pointer, error_of(problem).code) == (
            "invalid-record",
            pointer,
            "missing",
        )


class TestDays:
    """A day is one of the bus's zone."""

    def test_a_timestamp_is_its_day_in_the_buss_zone(self) -> None:
        """Da Nang's first of July begins at 17:00 UTC."""
        assert str(span_on("2025-06-30T17:00:00.000Z", directory())) == "2025-07-01"
        assert str(span_on("2025-07-01T00:30:00.000+09:00", directory())) == "2025-06-30"
        assert str(span_on("2025-07", directory())) == "2025-07"

    def test_today_is_the_buss_day(self) -> None:
        """For grants, which begin and end on days."""
        assert today(directory(), 1_751_302_799_999) == date(2025, 6, 30)
        assert today(directory(), 1_751_302_800_000) == date(2025, 7, 1)
