"""The console as an application of its own, mounted at `/console`; whatever goes wrong in it is a page too."""

from __future__ import annotations

import logging
import secrets
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from contracts.errors import LedgerUnavailable, LogError
from contracts.said import said
from gateway.console.context import Console, console_of
from gateway.console.drawing import HEADERS
from gateway.console.live.stream import events
from gateway.console.no_users import no_users
from gateway.console.pages.agencies import agencies
from gateway.console.pages.dead import act_on_dead, confirm_dead, dead_letters
from gateway.console.pages.doubt import confirm_resolve, in_doubt, resolve_doubt
from gateway.console.pages.exchange import exchange, read_records
from gateway.console.pages.exchanges import exchanges
from gateway.console.pages.laws import laws
from gateway.console.pages.map import map_of_bus
from gateway.console.pages.now import now
from gateway.console.portal.codes import codelist
from gateway.console.portal.contract import contract
from gateway.console.portal.finding import contracts
from gateway.console.portal.trying import try_contract
from gateway.console.requests import HOME, language_of_visit
from gateway.console.signing_in import entered, set_preferences, show_sign_in, sign_in, sign_out
from gateway.console.visits import around_of, draw, visit_of
from gateway.problems import Problem, problem_document

log = logging.getLogger(__name__)

_ABSENT: Final = frozenset({404, 405})


def console_routes(console: Console | None) -> list[BaseRoute]:
    """Where the console is in the gateway; while nobody can sign in, a page that says what to do."""
    if console is None:
        return [Route("/console", no_users, methods=["GET"]), Route("/console/{rest:path}", no_users, methods=["GET"])]
    door = _Door(console)
    return [Route("/console", door.home, methods=["GET"]), Mount("/console", app=door)]


class _Door:
    """The console while somebody can sign in, as the configuration that is current now says; else what to do."""

    def __init__(self, console: Console) -> None:
        self._gateway = console.gateway
        self._open = build_console(console)
        self._closed = Starlette(routes=[Route("/{rest:path}", no_users, methods=["GET"])])
        self._closed.state.gateway = console.gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._open if self._is_open() else self._closed)(scope, receive, send)

    async def home(self, request: Request) -> Response:
        """`GET /console`"""
        return await (_home if self._is_open() else no_users)(request)

    def _is_open(self) -> bool:
        directory = self._gateway.directory()
        return bool(directory.users) or directory.publishing.is_portal_public


def build_console(console: Console) -> Starlette:
    """The application that serves `console`."""
    app = Starlette(
        routes=[
            Route("/static/{digest}/{name}", console.assets.serve, methods=["GET"]),
            Route("/", _home, methods=["GET"]),
            Route("/sign-in", show_sign_in, methods=["GET"]),
            Route("/sign-in", sign_in, methods=["POST"]),
            Route("/entered", entered, methods=["GET"]),
            Route("/sign-out", sign_out, methods=["POST"]),
            Route("/preferences", set_preferences, methods=["POST"]),
            Route("/now", now, methods=["GET"]),
            Route("/now/events", events(lambda console: console.live.now), methods=["GET"]),
            Route("/map", map_of_bus, methods=["GET"]),
            Route("/map/events", events(lambda console: console.live.map), methods=["GET"]),
            Route("/exchanges", exchanges, methods=["GET"]),
            Route("/exchanges/{id}", exchange, methods=["GET"]),
            Route("/exchanges/{id}/records", read_records, methods=["POST"]),
            Route("/laws", laws, methods=["GET"]),
            Route("/agencies", agencies, methods=["GET"]),
            Route("/dead", dead_letters, methods=["GET"]),
            Route("/dead/confirm", confirm_dead, methods=["POST"]),
            Route("/dead/act", act_on_dead, methods=["POST"]),
            Route("/in-doubt", in_doubt, methods=["GET"]),
            Route("/in-doubt/confirm", confirm_resolve, methods=["POST"]),
            Route("/in-doubt/act", resolve_doubt, methods=["POST"]),
            Route("/contracts", contracts, methods=["GET"]),
            Route("/contracts/{contract}", contract, methods=["GET"]),
            Route("/codelists/{name}", codelist, methods=["GET"]),
            Route("/contracts/{contract}/try", try_contract, methods=["POST"]),
        ],
        exception_handlers={
            Problem: _on_problem,
            HTTPException: _on_http,
            LogError: _on_log,
            LedgerUnavailable: _on_ledger,
            ClientDisconnect: _on_disconnect,
            Exception: _on_unexpected,
        },
    )
    app.router.redirect_slashes = False
    app.state.console = console
    app.state.gateway = console.gateway
    return app


async def _home(_request: Request) -> Response:
    return RedirectResponse(HOME, 303, HEADERS)


async def _on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return _drawn(request, error)


async def _on_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    path = request.url.path[:200]
    problem = (
        Problem("no-such-page", path=path)
        if status in _ABSENT
        else Problem("bad-request", why=said("HTTP {status}", status=status))
    )
    return _drawn(request, problem)


async def _on_log(request: Request, _error: Exception) -> Response:
    return _drawn(request, Problem("log-away", headers={"retry-after": "1"}))


async def _on_ledger(request: Request, _error: Exception) -> Response:
    return _drawn(request, Problem("ledger-behind", retry_after_s=1, headers={"retry-after": "1"}))


async def _on_disconnect(_request: Request, _error: Exception) -> Response:
    return Response(status_code=499)


async def _on_unexpected(request: Request, error: Exception) -> Response:
    incident = secrets.token_hex(6)
    log.error("incident %s at %s %s", incident, request.method, request.url.path, exc_info=error)
    return _drawn(request, Problem("internal", incident=incident))


def _drawn(request: Request, problem: Problem) -> Response:
    console, language = console_of(request), language_of_visit(request)
    document = problem_document(problem, language)
    template = "problem_part.html" if request.headers.get("hx-request") == "true" else "problem.html"
    visit = visit_of(request)
    if visit is not None:
        response = draw(visit, template, document["status"], problem=document)
    else:
        context = {**around_of(console, request), "problem": document}
        response = console.drawing.page(language, template, context, document["status"])
    response.headers.update(problem.headers)
    return response
