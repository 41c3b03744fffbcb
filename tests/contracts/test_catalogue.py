"""What a bus knows: who may use what, and when."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.catalogue import Contract, ContractVersion, Grant
from contracts.outcome import Pattern
from tests.contracts.avsc import field, schema

SCHEMA = schema(field("a", "int"))


def grant(valid_to: date | None) -> Grant:
    return Grant("g", "motcua", "c", 1, ("dancu",), "cư trú", "NĐ 278/2025", date(2025, 7, 1), valid_to)


@pytest.mark.parametrize("day", [date(2025, 7, 1), date(2025, 12, 31)])
def test_a_grant_holds_from_its_first_day_until_the_day_before_its_end(day: date) -> None:
    """Half-open, as all periods of the bus."""
    assert grant(date(2026, 1, 1)).in_force(day)


@pytest.mark.parametrize("day", [date.min, date(2025, 6, 30), date(2026, 1, 1), date.max])
def test_a_grant_holds_on_no_other_day(day: date) -> None:
    """Default deny."""
    assert not grant(date(2026, 1, 1)).in_force(day)


def test_a_grant_without_an_end_goes_on() -> None:
    """Until somebody ends it."""
    assert grant(None).in_force(date.max)


def test_the_newest_version_is_the_highest_number() -> None:
    """Ten comes after nine."""
    versions = {major: ContractVersion(major, SCHEMA, None) for major in (9, 10, 1)}
    assert Contract("c", "C", Pattern.SUBMISSION, versions).latest == 10
