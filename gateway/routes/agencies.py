"""`/agencies`: who there is, since when, until when, and who took whose place. Anybody may ask: it is no secret."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from contracts.agencies import agency_named
from gateway.agencies import agency_document, digest_of, found_agencies
from gateway.caching import kept_response
from gateway.context import gateway_of
from gateway.problems import Problem
from gateway.routes.days import day_parameter
from gateway.routing import today

_MAX_TEXT = 200


async def list_agencies(request: Request) -> Response:
    """`GET /agencies?on=&q=`: the agencies of a day (`on=any`: all there ever were), by code."""
    gateway = gateway_of(request)
    directory = gateway.directory()
    now, given = today(directory, gateway.now_ms()), request.query_params
    day = None if given.get("on") == "any" else day_parameter("on", given.get("on"), now)
    text = given.get("q", "")[:_MAX_TEXT]
    known = directory.agencies
    seen = (digest_of(known.values()), str(day), str(now), text)
    return kept_response(
        request,
        seen,
        lambda: {
            "on": day,
            "agencies": [agency_document(known, each, day or now) for each in found_agencies(known, text, day)],
        },
    )


async def show_agency(request: Request) -> Response:
    """`GET /agencies/{code}?on=`: one of them, by its code in either order, and what there is of it on that day."""
    gateway = gateway_of(request)
    directory = gateway.directory()
    day = day_parameter("on", request.query_params.get("on"), today(directory, gateway.now_ms()))
    code = request.path_params["code"]
    agency = agency_named(directory.agencies, code)
    if agency is None:
        raise Problem("agency-unknown", code=code[:_MAX_TEXT])
    seen = (digest_of(directory.agencies.values()), agency.code, str(day))
    return kept_response(request, seen, lambda: agency_document(directory.agencies, agency, day))
