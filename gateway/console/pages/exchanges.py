"""`/console/exchanges`: every exchange, found by what somebody knows of it."""

from __future__ import annotations

from typing import Final

from starlette.responses import RedirectResponse, Response

from contracts.ledger import ExchangePlace
from contracts.outcome import Outcome
from gateway.console.cells import OUTCOMES
from gateway.console.context import Visit
from gateway.console.drawing import HEADERS
from gateway.console.filters import GROUPS, read_filters
from gateway.console.visits import draw, page

ROWS: Final = 50


@page
async def exchanges(visit: Visit) -> Response:
    """The list, the newest first, a page at a time. Problem `cursor-invalid`."""
    directory = visit.gateway.directory()
    query = visit.request.query_params
    filters = read_filters(query, directory, visit.console.case_keys)
    if filters.whole_id and not visit.is_part and await visit.gateway.ledger.exchange(filters.whole_id) is not None:
        return RedirectResponse(f"/console/exchanges/{filters.whole_id}", 303, HEADERS)
    after = query.get("after")
    place = None if after is None else visit.gateway.places.read(after)
    rows = await visit.gateway.ledger.search(filters.search, limit=ROWS + 1, after=place)
    further, rows = len(rows) > ROWS, rows[:ROWS]
    following = ""
    if further:
        last = rows[-1]
        following = filters.address(after=visit.gateway.places.sign(ExchangePlace(last.sealed_ms, last.id)))
    template = "exchanges_part.html" if visit.is_part else "exchanges.html"
    here = f"/console/exchanges?{filters.address()}".rstrip("?")
    titles = directory.titles(visit.language)
    return draw(
        visit,
        template,
        headers={"hx_push_url": here} if visit.is_part else None,
        rows=rows,
        filters=filters,
        groups=GROUPS,
        outcomes={outcome.value: OUTCOMES[outcome].words for outcome in Outcome},
        following=following,
        is_first=place is None,
        contracts=sorted(titles.items(), key=lambda each: each[1]),
        systems=sorted(directory.systems.values(), key=lambda each: each.name),
        names=directory.names(),
        titles=titles,
    )
