"""`/laws` and `/operate/laws`: the legal documents that the bus knows, and what rests on them."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.answers import json_response
from gateway.context import Gateway, gateway_of
from gateway.directory import Directory
from gateway.grounds import law_document, resting_on, resting_on_lapses
from gateway.problems import Problem
from gateway.routes.days import day_parameter
from gateway.routes.operate import operator
from gateway.routing import today


async def list_laws(request: Request) -> Response:
    """`GET /laws?on=`: every document, and how it stands on that day; today, where none is given.

    What the law says of sharing data is no secret: anybody may ask.
    """
    gateway = gateway_of(request)
    directory, day = gateway.directory(), _day(request, gateway)
    laws = [law_document(each, directory.laws, day) for each in directory.laws.by_id.values()]
    return json_response({"on": day.isoformat(), "laws": laws})


async def show_law(request: Request) -> Response:
    """`GET /laws/{id}?on=`: one document."""
    gateway = gateway_of(request)
    directory, day = gateway.directory(), _day(request, gateway)
    law = directory.laws.by_id.get(request.path_params["id"])
    if law is None:
        raise Problem("not-found", path=request.url.path[:200])
    return json_response(law_document(law, directory.laws, day))


async def laws_with_grants(request: Request) -> Response:
    """`GET /operate/laws?on=`: every document with the grants that rest on it, and those whose ground lapses."""
    gateway, _ = operator(request)
    directory, day = gateway.directory(), _day(request, gateway)
    laws = [
        {
            **law_document(each, directory.laws, day),
            "grants": [grant.id for grant in resting_on(directory.grants, each.id)],
        }
        for each in directory.laws.by_id.values()
    ]
    return json_response({"on": day.isoformat(), "laws": laws, "lapsing": _lapsing(directory, day)})


def _lapsing(directory: Directory, day: date) -> list[dict[str, Any]]:
    return [
        {
            "grant": each.grant.id,
            "system": each.grant.system,
            "contract": each.grant.contract,
            "law": str(each.lapse.citation),
            "standing": str(each.lapse.standing),
            "day": each.lapse.day.isoformat(),
            "replaced_by": list(each.lapse.successors),
        }
        for each in resting_on_lapses(directory.grants, directory.laws, day)
    ]


def _day(request: Request, gateway: Gateway) -> date:
    return day_parameter("on", request.query_params.get("on"), today(gateway.directory(), gateway.now_ms()))
