"""`/console/laws`: legal documents, how each stands today, and which rights of use rest on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from starlette.responses import Response

from contracts.catalogue import Grant
from contracts.laws import Citation, Law, Standing
from contracts.speech import N_, speech
from gateway.console.cells import Badge
from gateway.console.context import Visit
from gateway.console.visits import draw, page
from gateway.grounds import resting_on, resting_on_lapses
from gateway.routing import today

_IN_FORCE: Final = Badge("ok", "✓", N_("in force"))
_ENDING: Final = Badge("retrying", "◷", N_("ends soon"))
_BADGES: Final[Mapping[Standing, Badge]] = MappingProxyType(
    {
        Standing.IN_FORCE: _IN_FORCE,
        Standing.NOT_YET: Badge("waiting", "○", N_("not yet in force")),
        Standing.ENDED: Badge("held", "⊘", N_("no longer in force")),
    }
)


@dataclass(frozen=True, slots=True)
class LawLine:
    """A document as it is shown."""

    law: Law
    name: str
    title: str
    badge: Badge
    valid_from: date | None
    valid_to: date | None
    replaced_by: tuple[str, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class LapseLine:
    """A right of use whose ground does not hold, or soon will not."""

    grant: Grant
    name: str
    badge: Badge
    day: date
    successors: tuple[str, ...]


@page
async def laws(visit: Visit) -> Response:
    """What lapses, first; then every document, those first on which something rests."""
    directory = visit.gateway.directory()
    day, known = today(directory, visit.gateway.now_ms()), directory.laws
    say = speech(visit.language).say
    lapsing = [
        LapseLine(
            each.grant,
            say(known.words(each.lapse.citation)),
            _ENDING if each.lapse.standing is Standing.IN_FORCE else _BADGES[each.lapse.standing],
            each.lapse.day,
            tuple(_name(visit, successor) for successor in each.lapse.successors),
        )
        for each in resting_on_lapses(directory.grants, known, day)
    ]
    lines = [_line(visit, law, day) for law in known.by_id.values()]
    lines.sort(key=lambda line: not line.grants)
    names = directory.names()
    titles = directory.titles(visit.language)
    return draw(visit, "laws.html", lines=lines, lapsing=lapsing, names=names, titles=titles)


def _line(visit: Visit, law: Law, day: date) -> LawLine:
    directory = visit.gateway.directory()
    return LawLine(
        law,
        speech(visit.language).say(law.name),
        law.title[visit.language],
        _BADGES[law.term.standing(day)],
        law.term.valid_from,
        law.term.valid_to,
        tuple(_name(visit, each) for each in law.replaced_by),
        tuple(resting_on(directory.grants, law.id)),
    )


def _name(visit: Visit, citation: str) -> str:
    law = visit.gateway.directory().laws.by_id.get(Citation.read(citation).law)
    return citation if law is None else speech(visit.language).say(law.name)
