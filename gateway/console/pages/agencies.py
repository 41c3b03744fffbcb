"""`/console/agencies`: who there is on a day, until when, and who took whose place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from starlette.responses import Response

from contracts.agencies import in_place_of, qcvn_code
from contracts.catalogue import Agency, System
from contracts.dates import day_stated
from contracts.laws import Standing
from contracts.speech import N_
from gateway.agencies import KINDS, found_agencies, standing_of
from gateway.console.cells import Badge
from gateway.console.context import Visit
from gateway.console.visits import draw, page
from gateway.directory import Directory
from gateway.routing import today

_BADGES: Final[Mapping[Standing, Badge]] = MappingProxyType(
    {
        Standing.IN_FORCE: Badge("ok", "✓", N_("active")),
        Standing.NOT_YET: Badge("waiting", "○", N_("not yet founded")),
        Standing.ENDED: Badge("held", "⊘", N_("dissolved or merged")),
    }
)
_MAX_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """An agency as it is shown. `in_its_place` are those that there are of it on that day: several, and it was
    split."""

    agency: Agency
    qcvn_102: str | None
    kind: str
    badge: Badge
    parent: Agency | None
    in_its_place: tuple[Agency, ...]
    systems: tuple[System, ...]


@page
async def agencies(visit: Visit) -> Response:
    """Every agency there ever was, those of the day first; `q` looks for codes, in either order, and for names."""
    directory = visit.gateway.directory()
    now, given = today(directory, visit.gateway.now_ms()), visit.request.query_params
    typed = {name: given.get(name, "").strip()[:_MAX_TEXT] for name in ("q", "on")}
    try:
        day, is_day = day_stated("on", typed["on"] or None, now), True
    except ValueError:
        day, is_day = now, False
    lines = [_line(directory, each, day) for each in found_agencies(directory.agencies, typed["q"], None)]
    lines.sort(key=lambda line: not line.agency.valid_on(day))
    return draw(visit, "agencies.html", lines=lines, systems=directory.systems, typed=typed, day=day, is_day=is_day)


def _line(directory: Directory, agency: Agency, day: date) -> AgencyLine:
    known = directory.agencies
    there = () if agency.valid_on(day) else in_place_of(known, agency, day)
    return AgencyLine(
        agency,
        qcvn_code(agency.code),
        KINDS[agency.kind],
        _BADGES[standing_of(agency, day)],
        None if agency.parent is None else known.get(agency.parent),
        there,
        tuple(each for each in directory.systems.values() if each.agency == agency.code),
    )
