"""Codes of agencies in both orders, and what stands in an agency's place."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.agencies import agency_named, in_place_of, normal_code, qcvn_code
from contracts.catalogue import Agency, AgencyKind

CHANGE = date(2025, 7, 1)
BEFORE, AFTER = date(2025, 6, 30), date(2026, 1, 1)


def agency(code: str, *, begins: date | None = None, ends: date | None = None, heirs: tuple[str, ...] = ()) -> Agency:
    return Agency(code, f"Cơ quan {code}", AgencyKind.STATE, None, begins, ends, heirs)


AGENCIES = {
    each.code: each
    for each in (
        agency("H47", ends=CHANGE, heirs=("H17",)),
        agency("H17.09", ends=CHANGE, heirs=("H17.10", "H17.11")),
        agency("H17"),
        agency("H17.10", begins=CHANGE),
        agency("H17.11", begins=CHANGE),
        agency("H17.12", begins=date(2027, 1, 1)),
    )
}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("H17", "H17"),
        ("000.00.00.H17", "H17"),
        ("H17.00.00.000", "H17"),
        ("000.00.01.H17", "H17.01"),
        ("H17.01.00.000", "H17.01"),
        ("H17.01", "H17.01"),
        ("28.22.H17", "H17.22.28"),
        ("001.00.05.H17", "H17.05.00.001"),
        ("H17.05.00.001", "H17.05.00.001"),
        ("H17.H18", "H17.H18"),
        ("0401234567", "0401234567"),
    ],
)
def test_a_code_has_one_form_whatever_order_it_came_in(written: str, code: str) -> None:
    assert normal_code(written) == code
    assert normal_code(code) == code


@pytest.mark.parametrize("written", ["", "h17", "H17..10", ".H17", "H17.10 ", "H17-10", "H" * 36, "H17.Đ1"])
def test_what_is_no_code_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a code"):
        normal_code(written)


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("H17", "000.00.00.H17"),
        ("H17.1", "000.00.01.H17"),
        ("28.22.H17", "000.28.22.H17"),
        ("H17.05.00.001", "001.00.05.H17"),
        ("H17.05.00.001.02", None),
        ("H17.123", None),
        ("0401234567", None),
    ],
)
def test_qcvn_102_has_four_groups_and_no_more(code: str, written: str | None) -> None:
    assert qcvn_code(code) == written


def test_an_agency_is_found_by_either_order_and_in_small_letters() -> None:
    found = {agency_named(AGENCIES, text) for text in ("H17.10", "000.00.10.h17", " h17.10.00.000 ")}
    assert found == {AGENCIES["H17.10"]}
    assert agency_named(AGENCIES, "không phải mã") is None


@pytest.mark.parametrize(
    ("code", "day", "there"),
    [
        ("H47", BEFORE, ["H47"]),
        ("H47", AFTER, ["H17"]),
        ("H17.09", AFTER, ["H17.10", "H17.11"]),
        ("H17.10", BEFORE, ["H17.09"]),
        ("H17.12", AFTER, []),
    ],
)
def test_in_the_place_of_one_that_ended_stands_its_successor_and_of_a_split_all_parts(
    code: str, day: date, there: list[str]
) -> None:
    assert [each.code for each in in_place_of(AGENCIES, AGENCIES[code], day)] == there


def test_a_circle_of_successors_comes_to_an_end() -> None:
    circle = {"A01": agency("A01", ends=CHANGE, heirs=("A02",)), "A02": agency("A02", ends=CHANGE, heirs=("A01",))}
    assert in_place_of(circle, circle["A01"], AFTER) == ()
