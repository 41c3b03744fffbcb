"""`/exchanges/{id}`: how an exchange stands, and taking it back."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.answers import json_response
from gateway.context import gateway_of, language_for
from gateway.headers import wait_parameter
from gateway.intake import Principal
from gateway.problems import Problem
from gateway.routes.bodies import json_object, reason_in

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


async def withdraw(request: Request) -> Response:
    """`POST /exchanges/{id}/withdraw` `{"reason": …}`: take a submission back that its receiver has not taken yet."""
    principal = gateway_of(request).intake.authenticate(request.headers.get("authorization", ""))
    return await withdraw_as(principal, request)


async def withdraw_as(principal: Principal, request: Request) -> Response:
    """200 where it is withdrawn; 202 where that is asked for and not yet decided."""
    exchange = exchange_id_of(request)
    reason = reason_in(await json_object(request, "withdraw"))
    asked = await gateway_of(request).withdrawing.withdraw(principal, exchange, reason)
    document = {"id": exchange, "state": str(asked.state), "withdrawal": "done" if asked.done else "asked"}
    return json_response(document, 200 if asked.done else 202)
