"""Trying a contract from the portal: a real call, by the way that every call comes, with a token of a system.

The token is the right, so the portal gives nobody a right of its own: grants, views, quotas and the journal are those
of the system, and the journal has, before the call is made, who made it. The token is used once. It is not kept, not
shown again, and written nowhere.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from contracts.catalogue import Contract
from contracts.envelope import exchange_id
from contracts.outcome import Pattern
from contracts.said import said
from gateway.console.context import Visit
from gateway.console.portal.contract import context_of, contract_of, version_of
from gateway.console.portal.looking import Look, show
from gateway.console.requests import Form, one
from gateway.console.visits import visitor_act
from gateway.inbox import Pull
from gateway.intake import Principal
from gateway.problems import Problem, problem_document
from gateway.routes.exchange import exchange

_FIELDS: Final = ("record", "to", "purpose", "end_user", "case_ref")
_HEADERS: Final = {"to": b"to", "purpose": b"purpose", "end_user": b"end-user", "case_ref": b"case-ref"}
_MAX_TOKEN: Final = 4096
_EVENTS: Final = 5


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a call. `exchange` is "" where there is none; `problem` is {} where all is well."""

    status: int
    body: str
    exchange: str = ""
    problem: Mapping[str, Any] = field(default_factory=dict)


@visitor_act
async def try_contract(visit: Visit, form: Form) -> Response:
    """`POST /console/contracts/{contract}/try`. Problem `foreign-form`, `no-such-contract`; LogError."""
    look = Look(visit.console, visit.request, visit.language, visit)
    contract = contract_of(look)
    version = version_of(look, contract)
    typed = {name: one(form, name) for name in _FIELDS}
    spelt = f"{contract.name}@{version.major}"
    try:
        tried = await _tried(
            visit, contract, spelt, one(form, "token").strip(), typed, is_meant=bool(one(form, "meant"))
        )
    except Problem as problem:
        document = problem_document(problem, visit.language)
        tried = Tried(problem.status, _pretty(document), str(document.get("id", "")), document)
    context = context_of(look, contract, version)
    return show(look, "tried.html" if look.is_part else "contract.html", **context, tried=tried, typed=typed)


async def _tried(
    visit: Visit, contract: Contract, spelt: str, token: str, typed: Mapping[str, str], *, is_meant: bool
) -> Tried:
    if not token or len(token) > _MAX_TOKEN or not token.isascii():
        raise Problem("bad-request", why=said("paste the token of a system"))
    principal = visit.gateway.intake.authenticate(f"Bearer {token.removeprefix('Bearer ')}")
    if contract.pattern is Pattern.EVENT:
        return await _pulled(visit, principal, spelt)
    if contract.pattern is Pattern.SUBMISSION and not is_meant:
        raise Problem("bad-request", why=said("a submission has an effect: say that you mean it"))
    key = f"portal-{secrets.token_urlsafe(18)}"
    made = exchange_id(principal.id, key)
    await visit.console.audit.tried(visit.user.id, principal.id, spelt, made)
    answer = await exchange(_request(visit, spelt, token.removeprefix("Bearer "), key, typed))
    body = orjson.loads(bytes(answer.body))
    return Tried(answer.status_code, _pretty(body), made)


async def _pulled(visit: Visit, principal: Principal, spelt: str) -> Tried:
    await visit.console.audit.tried(visit.user.id, principal.id, spelt, "")
    page = await visit.gateway.inbox.pull(principal, Pull(spelt, limit=_EVENTS))
    events = [orjson.loads(each) for each in page.events]
    return Tried(200, _pretty({"events": events, "cursor": page.cursor, "more": page.more}))


def _request(visit: Visit, spelt: str, token: str, key: str, typed: Mapping[str, str]) -> Request:
    """The request that a client would have sent."""
    body = typed["record"].encode()
    headers = [
        (b"authorization", f"Bearer {token}".encode()),
        (b"content-type", b"application/json"),
        (b"idempotency-key", key.encode()),
        (b"accept-language", visit.language.value.encode()),
    ]
    headers += [(header, typed[name].strip().encode()) for name, header in _HEADERS.items() if typed[name].strip()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/exchange/{spelt}",
        "query_string": b"",
        "headers": headers,
        "path_params": {"contract": spelt},
        "app": visit.request.scope["app"],
        "state": {},
    }
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(scope, receive)


def _pretty(document: Any) -> str:  # noqa: ANN401 - any JSON
    return json.dumps(document, ensure_ascii=False, indent=2)
