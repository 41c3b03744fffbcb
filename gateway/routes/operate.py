"""`/operate/…`: what operators see and do. Only an operator's token opens it."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from contracts.envelope import rfc3339
from contracts.ledger import DeadRow, ExchangeRow
from contracts.outcome import Outcome
from contracts.said import said
from gateway.answers import json_response
from gateway.context import Gateway, gateway_of
from gateway.intake import Principal
from gateway.operations import RESOLUTIONS
from gateway.places import IN_DOUBT
from gateway.problems import Problem
from gateway.routes.bodies import json_object, reason_in
from gateway.routes.exchanges import exchange_id_of, withdraw_as

_MAX_ROWS: Final = 1000
_DEAD_ID: Final = re.compile(r"[!-~]{1,200}", re.ASCII)


async def list_dead(request: Request) -> Response:
    """`GET /operate/dead?system=&limit=&after=`: open dead letters, the newest first; `next` is where the list goes on.

    Problem `cursor-invalid`.
    """
    gateway, _ = operator(request)
    query, limit = request.query_params, _limit(request)
    after = gateway.places.read_dead(query["after"]) if "after" in query else None
    rows = await gateway.ledger.dead(system=query.get("system"), limit=limit + 1, after=after)
    following = gateway.places.sign_dead(rows[limit - 1].place) if len(rows) > limit else None
    return json_response({"dead": [_dead(row) for row in rows[:limit]], "next": following})


async def show_dead(request: Request) -> Response:
    """`GET /operate/dead/{id}`: one dead letter with its full reason. Its body stays in the log."""
    gateway, _ = operator(request)
    row, stored = await gateway.operations.dead_letter(_dead_id(request))
    headers = {name: value.decode() for name, value in stored.message.headers if name.startswith("ce_")}
    shown = {name.removeprefix("ce_"): headers[name] for name in sorted(headers) if name not in _PERSONAL}
    return json_response({**_dead(row), "reason": headers.get("ce_deadreason", row.reason), "attributes": shown})


async def retry_dead(request: Request) -> Response:
    """`POST /operate/dead/{id}/retry` `{"reason": …}`: a new attempt.

    `out_of_order`: its contract is ordered, and what came after it was delivered without it.
    """
    gateway, principal = operator(request)
    exchange = _dead_id(request)
    retried = await gateway.operations.retry(exchange, principal.id, reason_in(await json_object(request, "/operate")))
    return json_response({"id": exchange, "attempt": retried.attempt, "out_of_order": retried.out_of_order}, 202)


async def drop_dead(request: Request) -> Response:
    """`POST /operate/dead/{id}/drop` `{"reason": …}`: given up; the exchange has failed."""
    gateway, principal = operator(request)
    exchange = _dead_id(request)
    await gateway.operations.drop(exchange, principal.id, reason_in(await json_object(request, "/operate")))
    return json_response({"id": exchange, "outcome": str(Outcome.FAILED)})


async def list_in_doubt(request: Request) -> Response:
    """`GET /operate/in-doubt?limit=&after=`: exchanges whose end nobody saw, the oldest first; `next` is where the list
    goes on. Problem `cursor-invalid`."""
    gateway, _ = operator(request)
    query, limit = request.query_params, _limit(request)
    after = gateway.places.read(query["after"], IN_DOUBT) if "after" in query else None
    rows = await gateway.ledger.in_doubt(limit=limit + 1, after=after)
    following = gateway.places.sign(rows[limit - 1].place, IN_DOUBT) if len(rows) > limit else None
    return json_response({"in_doubt": [_exchange(row) for row in rows[:limit]], "next": following})


async def resolve(request: Request) -> Response:
    """`POST /operate/exchanges/{id}/resolve` `{"outcome": "delivered"|"failed", "reason": …}`."""
    gateway, principal = operator(request)
    exchange = exchange_id_of(request)
    body = await json_object(request, "/operate")
    stated = body.get("outcome")
    if not isinstance(stated, str) or stated not in {str(each) for each in RESOLUTIONS}:
        raise Problem("bad-request", why=said("outcome: delivered | failed"))
    await gateway.operations.resolve(exchange, Outcome(stated), principal.id, reason_in(body))
    return json_response({"id": exchange, "outcome": stated})


async def withdraw_as_operator(request: Request) -> Response:
    """`POST /operate/exchanges/{id}/withdraw` `{"reason": …}`: as its sender may, for any submission."""
    _, principal = operator(request)
    return await withdraw_as(principal, request)


_PERSONAL: Final = frozenset({"ce_enduser", "ce_caseref", "ce_deadreason"})


def operator(request: Request) -> tuple[Gateway, Principal]:
    """Who asks, if that is an operator. Problem `not-operator`."""
    gateway = gateway_of(request)
    principal = gateway.intake.authenticate(request.headers.get("authorization", ""))
    if not principal.operator:
        raise Problem("not-operator")
    return gateway, principal


def _dead_id(request: Request) -> str:
    """The exchange id in the path or, of a message without an envelope, where it lay. Problem
    `dead-letter-not-found`."""
    text: str = request.path_params["id"]
    if not _DEAD_ID.fullmatch(text):
        raise Problem("dead-letter-not-found", id=text[:64])
    return text


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", "100")
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) <= _MAX_ROWS:
        raise Problem("bad-request", why=said("limit: 1–{most}", most=_MAX_ROWS))
    return int(text)


def _dead(row: DeadRow) -> dict[str, Any]:
    return {
        "id": row.exchange,
        "contract": row.contract,
        "system": row.system,
        "attempt": row.attempt,
        "time": rfc3339(row.time_ms),
        "reason": row.reason,
        "origin": row.origin,
    }


def _exchange(row: ExchangeRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "contract": f"{row.contract}@{row.major}",
        "sender": row.sender,
        "receiver": row.receiver,
        "accepted": rfc3339(row.accepted_ms),
        "settled": None if row.settled_ms is None else rfc3339(row.settled_ms),
    }
