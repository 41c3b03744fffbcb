"""`GET /exchanges/{id}`: how an exchange stands."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.answers import json_response
from gateway.context import gateway_of, language_for
from gateway.headers import wait_parameter
from gateway.problems import Problem

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def exchange_id_of(request: Request) -> str:
    """The exchange id in the path. Problem `exchange-not-found` where it cannot be one."""
    text: str = request.path_params["id"]
    if not _ID.fullmatch(text):
        raise Problem("exchange-not-found", id=text[:64])
    return text


async def get_exchange(request: Request) -> Response:
    """The exchange as a party to it sees it; 200 whatever its outcome."""
    gateway = gateway_of(request)
    principal = gateway.intake.authenticate(request.headers.get("authorization", ""))
    wait_s = wait_parameter(request, gateway.directory().limits.max_wait_s)
    at = request.query_params.get("at", "")[:512]
    exchange = exchange_id_of(request)
    document = await gateway.exchanges.describe(principal, exchange, at, wait_s, language_for(request))
    return json_response(document)
