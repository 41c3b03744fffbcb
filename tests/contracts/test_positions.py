"""Positions: boundaries decide, centre points rank, and what is on the line is nobody's."""

from __future__ import annotations

import pytest

from contracts.coderows import CodeRow
from contracts.positions import Holding, Position, decided, distance_km, position_of, ranked

NORTH = CodeRow("n", "1", "Bắc", None, None, attributes={"lat": "16.2", "lon": "108.1"})
SOUTH = CodeRow("s", "2", "Nam", None, None, attributes={"lat": "16.0", "lon": "108.1"})
NOWHERE = CodeRow("x", "3", "Không rõ", None, None)


class Halves:
    """North and south of a line."""

    digest = "halves"

    def __contains__(self, row_id: object) -> bool:
        return row_id in {"n", "s"}

    def holding(self, row_id: str, position: Position) -> Holding:
        return Holding((position.lat > 16.1) == (row_id == "n") and position.lat != 16.1, position.lat == 16.1)


def test_a_degree_of_latitude_is_some_111_km() -> None:
    assert distance_km(Position(15, 108), Position(16, 108)) == pytest.approx(111.19, abs=0.02)


def test_the_nearest_centre_comes_first_and_what_has_none_last() -> None:
    placed = ranked([NOWHERE, NORTH, SOUTH], Position(16.02, 108.1), None)
    assert [(each.row.code, each.distance_km) for each in placed] == [("2", 2.2), ("1", 20.0), ("3", None)]


def test_centres_decide_nothing_however_near() -> None:
    at = Position(16.0, 108.1)
    assert decided(ranked([NORTH, SOUTH], at, None), at, None) is None


def test_a_boundary_decides_for_what_lies_inside() -> None:
    at = Position(16.05, 108.1)
    placed = ranked([NORTH, SOUTH, NOWHERE], at, Halves())
    assert decided(placed, at, Halves()) is SOUTH
    assert [each.holds for each in placed] == [True, False, None]


def test_on_the_line_nobody_decides() -> None:
    at = Position(16.1, 108.1)
    assert decided(ranked([NORTH, SOUTH], at, Halves()), at, Halves()) is None


@pytest.mark.parametrize(("lat", "lon"), [("91", "108"), ("16", "181"), ("16,0", "108"), ("", "108"), ("nan", "0")])
def test_what_is_no_position_is_refused(lat: str, lon: str) -> None:
    with pytest.raises(ValueError, match="not"):
        position_of(lat, lon)
