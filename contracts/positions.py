"""Where a place is: boundaries decide which of several units a position lies in, centre points only rank them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple, Protocol

from contracts.coderows import CodeRow

_EARTH_KM: Final = 6371.0088
_DEGREES: Final = re.compile(r"[+-]?\d{1,3}(\.\d{1,15})?", re.ASCII)
LATITUDE, LONGITUDE = "lat", "lon"
"""The columns of a code list that hold a unit's centre point."""


class Position(NamedTuple):
    """A point of WGS 84, in degrees."""

    lat: float
    lon: float

    def __str__(self) -> str:
        return f"{self.lat:g}, {self.lon:g}"


class Holding(NamedTuple):
    """How a boundary lies to a position: it is `inside`, or right on the `edge`, or neither."""

    inside: bool
    edge: bool


class Boundaries(Protocol):
    """The boundaries of a code list's rows, as far as they are known. `digest` is another for other boundaries."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what they were read from."""

    def __contains__(self, row_id: object) -> bool: ...

    def holding(self, row_id: str, position: Position) -> Holding:
        """How the boundary of that row lies to `position`. KeyError: it has none."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One of several rows, seen from a position. `distance_km` is to its centre point, None where it has none;
    `holds` is what its boundary says, None where it has none."""

    row: CodeRow
    distance_km: float | None = None
    holds: bool | None = None


def position_of(lat: str, lon: str) -> Position:
    """The position that two texts mean. ValueError."""
    if not _DEGREES.fullmatch(lat) or not _DEGREES.fullmatch(lon):
        raise ValueError("not degrees")
    found = Position(float(lat), float(lon))
    if abs(found.lat) > 90 or abs(found.lon) > 180:
        raise ValueError("not on the earth")
    return found


def centre_of(row: CodeRow) -> Position | None:
    """The row's centre point, where its attributes say one."""
    try:
        return position_of(row.attributes.get(LATITUDE, ""), row.attributes.get(LONGITUDE, ""))
    except ValueError:
        return None


def ranked(rows: Sequence[CodeRow], position: Position, boundaries: Boundaries | None) -> list[Placed]:
    """`rows` as seen from `position`: what holds it first, then the nearest, then what nothing is known of."""
    return sorted((_placed(row, position, boundaries) for row in rows), key=_order)


def decided(placed: Sequence[Placed], position: Position, boundaries: Boundaries | None) -> CodeRow | None:
    """The one row whose boundary has `position` inside, where no other so much as touches it. A centre point never
    decides: the nearest town hall is not always the one that answers."""
    if boundaries is None:
        return None
    holding = [(each.row, boundaries.holding(each.row.id, position)) for each in placed if each.row.id in boundaries]
    touching = [row for row, held in holding if held.inside or held.edge]
    inside = [row for row, held in holding if held.inside]
    return inside[0] if len(inside) == len(touching) == 1 else None


def distance_km(one: Position, other: Position) -> float:
    """The way between two points along the earth."""
    lat, lon = radians(other.lat - one.lat), radians(other.lon - one.lon)
    chord = sin(lat / 2) ** 2 + cos(radians(one.lat)) * cos(radians(other.lat)) * sin(lon / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))


def _placed(row: CodeRow, position: Position, boundaries: Boundaries | None) -> Placed:
    centre = centre_of(row)
    distance = None if centre is None else round(distance_km(position, centre), 1)
    if boundaries is None or row.id not in boundaries:
        return Placed(row, distance)
    held = boundaries.holding(row.id, position)
    return Placed(row, distance, held.inside or held.edge)


def _order(each: Placed) -> tuple[bool, bool, float, str]:
    return (not each.holds, each.distance_km is None, each.distance_km or 0.0, each.row.code or "")
