"""Answers in the media type that registry clients expect, and every error in their form."""

from __future__ import annotations

import logging
import secrets
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from contracts.registry.faults import RegistryFault, store_failed
from contracts.speech import speech
from gateway.context import language_for
from gateway.problems import Problem

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/vnd.schemaregistry.v1+json"
_PLAIN: Final = "application/json"
_MOST_WORDS: Final = 16_000


def answer(request: Request, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:  # noqa: ANN401
    """`content` as JSON."""
    return Response(orjson.dumps(content), status, headers, media_type=media_type_for(request))


def media_type_for(request: Request) -> str:
    """The registry's own, but for who asks for plain JSON alone."""
    accept = request.headers.get("accept", "")
    return _PLAIN if _PLAIN in accept and "vnd.schemaregistry" not in accept and "*/*" not in accept else MEDIA_TYPE


async def on_fault(request: Request, error: Exception) -> Response:
    """What the registry refuses."""
    if not isinstance(error, RegistryFault):
        raise error
    details = speech(language_for(request)).say(error.details)
    return _error(request, error.code, error.status, f"{error.message}{details}"[:_MOST_WORDS])


async def on_problem(request: Request, error: Exception) -> Response:
    """What the gateway refuses before the registry is asked: who cannot sign in, what is too large."""
    if not isinstance(error, Problem):
        raise error
    detail = error.detail(language_for(request))
    return _error(request, error.status, error.status, detail, error.headers)


async def on_log(request: Request, _error_of_log: Exception) -> Response:
    """The log is away."""
    fault = store_failed()
    return _error(request, fault.code, fault.status, fault.message, {"retry-after": "1"})


async def on_http(request: Request, error: Exception) -> Response:
    """No such place, or no such method there."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = {404: "HTTP 404 Not Found", 405: "HTTP 405 Method Not Allowed"}.get(status, f"HTTP {status}")
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _error(request, status, status, words, headers)


async def on_unexpected(request: Request, error: Exception) -> Response:
    """A fault in the bus."""
    incident = secrets.token_hex(6)
    log.error("incident %s at %s %s", incident, request.method, request.url.path, exc_info=error)
    return _error(request, 500, 500, f"Internal Server Error (incident {incident})")


def _error(request: Request, code: int, status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    told = message.encode("utf-8", "replace").decode()
    return answer(request, {"error_code": code, "message": told}, status, headers)
