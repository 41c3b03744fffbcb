"""`/console/in-doubt`: exchanges whose end nobody saw, and what a person found out about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response

from contracts.outcome import Outcome
from contracts.said import said
from contracts.speech import N_
from gateway.console.acting import MOST, Done, act_on_each, chosen_in, seen_by_ledger
from gateway.console.context import Visit
from gateway.console.pages.exchange import MAX_REASON, reason_of
from gateway.console.requests import Form, one
from gateway.console.visits import act, draw, page
from gateway.operations import RESOLUTIONS
from gateway.places import IN_DOUBT
from gateway.problems import Problem

REASONS: Final = {
    Outcome.DELIVERED: (N_("The receiving agency confirms that it has the record"),),
    Outcome.FAILED: (N_("The receiving agency confirms that it does not have the record"),),
}


@page
async def in_doubt(visit: Visit) -> Response:
    """Those in doubt, the oldest first, a page at a time."""
    template = "doubt_part.html" if visit.is_part else "doubt.html"
    return draw(visit, template, **await _list(visit, visit.request.query_params.get("after", ""), ()))


@act
async def confirm_resolve(visit: Visit, form: Form) -> Response:
    """What is about to be said of what was chosen, and how it is known. Problem `bad-request`."""
    outcome = _outcome(one(form, "outcome"))
    template = "confirm_doubt_part.html" if visit.is_part else "confirm_doubt.html"
    here: dict[str, Any] = {"ids": chosen_in(form), "after": one(form, "after")}
    return draw(visit, template, outcome=outcome, reasons=REASONS[outcome], most=MAX_REASON, **here)


@act
async def resolve_doubt(visit: Visit, form: Form) -> Response:
    """Say what became of them. Problem `bad-request`."""
    outcome, reason = _outcome(one(form, "outcome")), reason_of(form)

    async def do(exchange: str) -> str:
        await visit.gateway.operations.resolve(exchange, outcome, visit.user.id, reason)
        return ""

    done = await act_on_each(chosen_in(form), visit.language, do)
    await seen_by_ledger(visit)
    template = "doubt_part.html" if visit.is_part else "doubt.html"
    headers = {"hx_trigger": "acted"} if visit.is_part else None
    return draw(visit, template, headers=headers, **await _list(visit, one(form, "after"), done))


def _outcome(stated: str) -> Outcome:
    if stated not in {str(each) for each in RESOLUTIONS}:
        raise Problem("bad-request", why=said("outcome: delivered | failed"))
    return Outcome(stated)


async def _list(visit: Visit, after: str, done: Sequence[Done]) -> dict[str, Any]:
    """A page of them, after the place `after`. Problem `cursor-invalid`."""
    gateway, directory = visit.gateway, visit.gateway.directory()
    place = gateway.places.read(after, IN_DOUBT) if after else None
    rows = await gateway.ledger.in_doubt(limit=MOST + 1, after=place)
    return {
        "rows": rows[:MOST],
        "following": gateway.places.sign(rows[MOST - 1].place, IN_DOUBT) if len(rows) > MOST else "",
        "after": after,
        "done": done,
        "names": directory.names(),
        "titles": directory.titles(visit.language),
    }
