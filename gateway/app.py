"""The ASGI application: routes, and every error as a problem."""

from __future__ import annotations

import logging
import secrets
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.errors import LedgerUnavailable, LogError, LogUnknown
from contracts.said import said
from gateway.console.app import console_routes
from gateway.console.context import Console
from gateway.context import Gateway, language_for
from gateway.deprecation import telling
from gateway.problems import Problem, problem_response
from gateway.routes.agencies import list_agencies, show_agency
from gateway.routes.codelists import convert_code, list_codelists, show_code, show_codelist
from gateway.routes.config import apply_config, get_config_part, put_config_part, show_config, show_configs
from gateway.routes.contract_users import contract_users
from gateway.routes.exchange import exchange
from gateway.routes.exchanges import get_exchange, withdraw
from gateway.routes.health import healthz, metrics, readyz
from gateway.routes.inbox import get_inbox
from gateway.routes.laws import laws_with_grants, list_laws, show_law
from gateway.routes.oauth import jwks, token
from gateway.routes.operate import (
    drop_dead,
    list_dead,
    list_in_doubt,
    resolve,
    retry_dead,
    show_dead,
    withdraw_as_operator,
)
from gateway.routes.publication import (
    asyncapi,
    catalogue,
    contract,
    contract_schema,
    contract_version,
    contracts,
    openapi,
)
from gateway.routes.registry.app import PREFIX, registry_app
from gateway.routes.schemas import schema_of_file
from gateway.routes.status import status
from gateway.routes.subscriptions import (
    create_subscription,
    delete_subscription,
    end_old_secret,
    list_subscriptions,
    pause_subscription,
    replay_subscription,
    resume_subscription,
    rotate_secret,
    show_subscription,
)
from gateway.tracing import traced

log = logging.getLogger(__name__)

_MAX_URI: Final = 4096

ROUTES: Final = (
    Route("/exchange/{contract}", exchange, methods=["POST"]),
    Route("/exchanges/{id}", get_exchange, methods=["GET"]),
    Route("/exchanges/{id}/withdraw", withdraw, methods=["POST"]),
    Route("/inbox/{contract}", get_inbox, methods=["GET"]),
    Route("/codelists", list_codelists, methods=["GET"]),
    Route("/codelists/{name}", show_codelist, methods=["GET"]),
    Route("/codelists/{name}/convert", convert_code, methods=["GET"]),
    Route("/codelists/{name}/{code:path}", show_code, methods=["GET"]),
    Route("/oauth2/token", token, methods=["POST"]),
    Route("/.well-known/jwks.json", jwks, methods=["GET"]),
    Route("/operate/dead", list_dead, methods=["GET"]),
    Route("/operate/dead/{id:path}", show_dead, methods=["GET"]),
    Route("/operate/dead/{id:path}/retry", retry_dead, methods=["POST"]),
    Route("/operate/dead/{id:path}/drop", drop_dead, methods=["POST"]),
    Route("/operate/status", status, methods=["GET"]),
    Route("/operate/in-doubt", list_in_doubt, methods=["GET"]),
    Route("/operate/exchanges/{id}/resolve", resolve, methods=["POST"]),
    Route("/operate/laws", laws_with_grants, methods=["GET"]),
    Route("/operate/contracts/{contract}/users", contract_users, methods=["GET"]),
    Route("/operate/config", show_configs, methods=["GET"]),
    Route("/operate/config", apply_config, methods=["POST"]),
    Route("/operate/config/parts/{id}", get_config_part, methods=["GET"]),
    Route("/operate/config/parts/{id}", put_config_part, methods=["PUT"]),
    Route("/operate/config/{id}", show_config, methods=["GET"]),
    Route("/operate/exchanges/{id}/withdraw", withdraw_as_operator, methods=["POST"]),
    Route("/subscriptions", create_subscription, methods=["POST"]),
    Route("/subscriptions", list_subscriptions, methods=["GET"]),
    Route("/subscriptions/{id}", show_subscription, methods=["GET"]),
    Route("/subscriptions/{id}", delete_subscription, methods=["DELETE"]),
    Route("/subscriptions/{id}/pause", pause_subscription, methods=["POST"]),
    Route("/subscriptions/{id}/resume", resume_subscription, methods=["POST"]),
    Route("/subscriptions/{id}/rotate", rotate_secret, methods=["POST"]),
    Route("/subscriptions/{id}/rotate", end_old_secret, methods=["DELETE"]),
    Route("/subscriptions/{id}/replay", replay_subscription, methods=["POST"]),
    Route("/agencies", list_agencies, methods=["GET"]),
    Route("/agencies/{code}", show_agency, methods=["GET"]),
    Route("/laws", list_laws, methods=["GET"]),
    Route("/laws/{id}", show_law, methods=["GET"]),
    Route("/healthz", healthz, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
    Route("/openapi.json", openapi, methods=["GET"]),
    Route("/asyncapi.json", asyncapi, methods=["GET"]),
    Route("/catalogue", catalogue, methods=["GET"]),
    Route("/contracts", contracts, methods=["GET"]),
    Route("/contracts/{contract}", contract, methods=["GET"]),
    Route("/contracts/{contract}/{major}", contract_version, methods=["GET"]),
    Route("/contracts/{contract}/{major}/{file}", contract_schema, methods=["GET"]),
    Route("/schemas/{kind}.json", schema_of_file, methods=["GET"]),
)


def build_app(gateway: Gateway, console: Console | None = None) -> ASGIApp:
    """The application that serves `gateway`, and `console` where there is one.

    Starting and stopping their parts is the wiring's business.
    """
    app = Starlette(
        routes=[*ROUTES, Mount(PREFIX, registry_app(gateway)), *console_routes(console)],
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
    app.state.gateway = gateway
    return traced(telling(_bounded(app, gateway)), gateway.spans)


def _bounded(app: ASGIApp, gateway: Gateway) -> ASGIApp:
    """Refuse what no route should have to think about."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["raw_path"]) + len(scope["query_string"]) > _MAX_URI:
            response = problem_response(Problem("uri-too-long"), gateway.directory().language)
            await response(scope, receive, send)
            return
        await app(scope, receive, send)

    return serve


async def _on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return problem_response(error, language_for(request))


async def _on_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    path = request.url.path[:200]
    if status == 405:
        allowed = ", ".join(_allowed(request))
        problem = Problem(
            "method-not-allowed", method=request.method[:20], path=path, allowed=allowed, headers={"allow": allowed}
        )
    elif status == 404:
        problem = Problem("not-found", path=path)
    else:
        problem = Problem("bad-request", why=said("HTTP {status}", status=status))
    return problem_response(problem, language_for(request))


async def _on_log(request: Request, error: Exception) -> Response:
    kind = "log-unknown" if isinstance(error, LogUnknown) else "log-unavailable"
    return problem_response(Problem(kind, headers={"retry-after": "1"}), language_for(request))


async def _on_ledger(request: Request, _error: Exception) -> Response:
    problem = Problem("ledger-behind", retry_after_s=1, headers={"retry-after": "1"})
    return problem_response(problem, language_for(request))


async def _on_disconnect(_request: Request, _error: Exception) -> Response:
    # Nobody is there to read it; the status is for the access log.
    return Response(status_code=499)


async def _on_unexpected(request: Request, error: Exception) -> Response:
    incident = secrets.token_hex(6)
    log.error("incident %s at %s %s", incident, request.method, request.url.path, exc_info=error)
    return problem_response(Problem("internal", incident=incident), language_for(request))


def _allowed(request: Request) -> list[str]:
    found = [route for route in ROUTES if route.matches(request.scope)[0] is not Match.NONE]
    # A route for whatever lies below a path is meant where there is none for this very one.
    exact = [route for route in found if not route.path.endswith(":path}")]
    return sorted(set().union(*(route.methods or () for route in exact or found)))
