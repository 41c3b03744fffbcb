"""`/console/dead`: messages that gave up, and the two ways out of it: once more, or no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from contracts.said import said
from contracts.speech import N_
from gateway.console.acting import MOST, Done, act_on_each, chosen_in, seen_by_ledger
from gateway.console.context import Visit
from gateway.console.pages.exchange import MAX_REASON, reason_of
from gateway.console.requests import Form, one
from gateway.console.visits import act, draw, page
from gateway.problems import Problem

ACTS: Final = frozenset({"retry", "drop"})
REASONS: Final = {
    "retry": (N_("The receiving system works again"), N_("The configuration was corrected")),
    "drop": (N_("The sender has sent it anew"), N_("The sender does not need it any more")),
}
_OUT_OF_ORDER: Final = N_("It comes out of order: what followed it was delivered without it.")


@page
async def dead_letters(visit: Visit) -> Response:
    """The open dead letters, the newest first, a page at a time; with `system` those of one inbox."""
    template = "dead_part.html" if visit.is_part else "dead.html"
    return draw(visit, template, **await _list(visit, visit.request.query_params, ()))


@act
async def confirm_dead(visit: Visit, form: Form) -> Response:
    """What is about to be done to what was chosen, and the reason for it. Problem `bad-request`.

    A form too, though it changes nothing: the ids of many would not fit into an address.
    """
    what = _act(one(form, "do"))
    template = "confirm_dead_part.html" if visit.is_part else "confirm_dead.html"
    here: dict[str, Any] = {"ids": chosen_in(form), "system": one(form, "system"), "after": one(form, "after")}
    return draw(visit, template, what=what, reasons=REASONS[what], most=MAX_REASON, **here)


@act
async def act_on_dead(visit: Visit, form: Form) -> Response:
    """Send them on, or give them up. Problem `bad-request`."""
    what, reason, operations = _act(one(form, "do")), reason_of(form), visit.gateway.operations

    async def do(exchange: str) -> str:
        if what == "drop":
            await operations.drop(exchange, visit.user.id, reason)
            return ""
        retried = await operations.retry(exchange, visit.user.id, reason)
        return visit.speech.gettext(_OUT_OF_ORDER) if retried.out_of_order else ""

    done = await act_on_each(chosen_in(form), visit.language, do)
    await seen_by_ledger(visit)
    context = await _list(visit, {name: one(form, name) for name in ("system", "after")}, done)
    template = "dead_part.html" if visit.is_part else "dead.html"
    return draw(visit, template, headers={"hx_trigger": "acted"} if visit.is_part else None, what=what, **context)


def _act(what: str) -> str:
    if what not in ACTS:
        raise Problem("bad-request", why=said("do: retry | drop"))
    return what


async def _list(visit: Visit, wanted: Mapping[str, str], done: Sequence[Done]) -> dict[str, Any]:
    """A page of them: those of the inbox `system`, after the place `after`. Problem `cursor-invalid`."""
    gateway, directory = visit.gateway, visit.gateway.directory()
    system, after = wanted.get("system", ""), wanted.get("after", "")
    place = gateway.places.read_dead(after) if after else None
    rows = await gateway.ledger.dead(system=system or None, limit=MOST + 1, after=place)
    return {
        "rows": rows[:MOST],
        "following": gateway.places.sign_dead(rows[MOST - 1].place) if len(rows) > MOST else "",
        "after": after,
        "system": system,
        "done": done,
        "systems": sorted({service.system for service in directory.services}),
        "names": directory.names(),
        "titles": directory.titles(visit.language),
    }
