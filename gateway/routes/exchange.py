"""`POST /exchange/{contract}`: the way in for queries and submissions."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from contracts.envelope import Envelope, Kind, exchange_id
from contracts.outcome import Pattern, State
from contracts.trace import TraceContext
from gateway.answers import Reader, json_response
from gateway.context import Gateway, gateway_of, language_for
from gateway.headers import SentHeaders, plain_header, sent_headers, text_header, trace_headers, wait_of
from gateway.intake import Accepted, Asked, Permit, Sealed
from gateway.lives import life_headers
from gateway.problems import Problem

_MAX_KEY: Final = 200
_PATIENCE_S: Final = 2.0
_PATIENCE_BYTES: Final = 8_000_000
_JSON: Final = "application/json"
_KEY: Final = "idempotency-key"
_GRACE_S: Final = 1.5
"""How much longer than a query's deadline its sender is kept: by then the worker's `expired` has come back."""


async def exchange(request: Request) -> Response:
    """Take a record in; answer with its outcome, or with a receipt."""
    gateway = gateway_of(request)
    began = time.perf_counter()
    status, label = 500, "unknown"
    try:
        sent = sent_headers(request)
        asked, key = _asked(request, sent)
        label = _label(gateway, asked)
        try:
            response = await _take(request, sent, gateway, asked, key)
        except Problem as problem:
            problem.headers.setdefault(_KEY, key)
            raise
        status = response.status_code
    except Problem as problem:
        status = problem.status
        raise
    finally:
        gateway.metrics.exchange(label, status, time.perf_counter() - began)
    return response


async def _take(request: Request, sent: SentHeaders, gateway: Gateway, asked: Asked, key: str) -> Response:
    principal = gateway.intake.authenticate(plain_header(sent, "authorization"))
    permit = None
    life: Mapping[str, str] = {}
    try:
        asked = gateway.intake.addressed(asked)
        permit = gateway.intake.permit(principal, asked)
        life = life_headers(permit.directory, permit.contract, permit.version)
        asked = replace(asked, body=await _body(request, sent, permit))
        checked = gateway.intake.check(permit, asked)
        wait_s = _wait_s(sent, gateway, permit)
        reply_to = gateway.waiting.instance if wait_s else ""
        sealed = gateway.intake.seal(checked, asked, key, reply_to=reply_to)
    except Problem as problem:
        _write_down(gateway, principal.id, asked, key, permit, problem)
        problem.headers.update(life)
        raise
    response = await _answer(request, gateway, permit, asked, sealed, wait_s)
    response.headers.update(life)
    return response


async def _answer(
    request: Request, gateway: Gateway, permit: Permit, asked: Asked, sealed: Sealed, wait_s: float
) -> Response:
    """Append what was sealed; its outcome, or a receipt."""
    if not wait_s:
        return await _receipt(request, gateway, permit, await gateway.intake.append(sealed, asked))
    async with gateway.waiting.expect(sealed.envelope.exchange) as reply:
        accepted = await gateway.intake.append(sealed, asked)
        if accepted.before is None:
            await asyncio.wait([reply], timeout=wait_s)
        if reply.cancelled() or not reply.done():
            return await _receipt(request, gateway, permit, accepted, wait_s=wait_s)
        told = reply.result()
    reader = Reader(permit.system.id, sealed.envelope.exchange, told.envelope.grant)
    headers = _headers(sealed)
    return await gateway.answers.respond(reader, told.outcome, told.value, headers, language_for(request))


async def _receipt(
    request: Request, gateway: Gateway, permit: Permit, accepted: Accepted, *, wait_s: float = 0.0
) -> Response:
    """202 with a receipt; for a repeat that the ledger knows, what became of it."""
    sealed = accepted.sealed
    exchange = sealed.envelope.exchange
    headers = _headers(sealed)
    location = f"/exchanges/{exchange}"
    if accepted.before is not None:
        answer = await gateway.exchanges.answer_again(
            permit.system.id, exchange, wait_s, headers, language_for(request)
        )
        if answer is not None:
            return answer
    if accepted.position is not None:
        location += f"?at={gateway.pointers.sign(exchange, accepted.position)}"
    body = {"id": exchange, "state": str(State.ACCEPTED)}
    return json_response(body, 202, {**headers, "location": location, "retry-after": "1"})


def _asked(request: Request, sent: SentHeaders) -> tuple[Asked, str]:
    """What the headers say, and the idempotency key: the client's, or one made for it."""
    key = text_header(sent, _KEY, limit=_MAX_KEY)
    traceparent, tracestate = trace_headers(sent)
    asked = Asked(
        contract=request.path_params["contract"],
        body=b"",
        to=text_header(sent, "to"),
        purpose=text_header(sent, "purpose"),
        end_user=text_header(sent, "end-user"),
        case_ref=text_header(sent, "case-ref"),
        idempotency_key=key,
        traceparent=traceparent,
        tracestate=tracestate,
    )
    return asked, key or secrets.token_urlsafe(18)


async def _body(request: Request, sent: SentHeaders, permit: Permit) -> bytes:
    """The body, read no further than the contract's limit. Problem `unsupported-media-type`, `body-too-large`."""
    media_type = plain_header(sent, "content-type").partition(";")[0].strip().lower()
    if media_type != _JSON:
        raise Problem("unsupported-media-type", wanted=_JSON, got=media_type[:80] or "—")
    encoding = plain_header(sent, "content-encoding").strip().lower()
    if encoding not in {"", "identity"}:
        raise Problem("unsupported-media-type", wanted=_JSON, got=f"Content-Encoding: {encoding[:80]}")
    limit = permit.contract.max_bytes
    declared = plain_header(sent, "content-length")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise _too_large(permit)
    parts, size = [], 0
    stream = request.stream()
    async for part in stream:
        size += len(part)
        if size > limit:
            await _let_it_finish(stream)
            raise _too_large(permit)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(permit: Permit) -> Problem:
    contract = permit.contract
    headers = {"connection": "close"}
    return Problem("body-too-large", limit=contract.max_bytes, contract=contract.name, headers=headers)


async def _let_it_finish(stream: AsyncIterator[bytes]) -> None:
    """Read and drop what a client still sends, a little while: a connection that is closed on data nobody has read is
    reset, and the client never sees why."""
    left_bytes = _PATIENCE_BYTES
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for part in stream:
                left_bytes -= len(part)
                if left_bytes < 0:
                    return
    except TimeoutError:
        return


def _wait_s(sent: SentHeaders, gateway: Gateway, permit: Permit) -> float:
    """How long this client waits. If it does not say: for a query until its deadline has come and been answered, so
    that a 202 means that the bus itself is late; for a submission not at all. Nobody answers an event."""
    contract = permit.contract
    if contract.pattern is Pattern.EVENT:
        return 0.0
    default_s = contract.deadline_s + _GRACE_S if contract.pattern is Pattern.QUERY else 0.0
    return wait_of(sent, default_s, gateway.directory().limits.max_wait_s)


def _headers(sealed: Sealed) -> dict[str, str]:
    return {_KEY: sealed.key, "traceparent": sealed.envelope.trace.traceparent}


def _label(gateway: Gateway, asked: Asked) -> str:
    name = asked.contract.partition("@")[0]
    return name if name in gateway.directory().contracts else "unknown"


def _write_down(gateway: Gateway, sender: str, asked: Asked, key: str, permit: Permit | None, problem: Problem) -> None:
    """Journal what was turned away: it leaves no message of its own."""
    name = asked.contract.partition("@")[0]
    contract = gateway.directory().contracts.get(name)
    trace = TraceContext.parse(asked.traceparent) or TraceContext.start(secrets.token_bytes)
    about = Envelope(
        kind=Kind.STEP,
        exchange=exchange_id(sender, key),
        time_ms=gateway.now_ms(),
        contract=name if contract is not None else "unknown",
        major=permit.version.major if permit is not None else 0,
        pattern=contract.pattern if contract is not None else Pattern.QUERY,
        sender=sender,
        receiver=asked.to,
        trace=trace,
        configuration=gateway.directory().configuration,
        grant=permit.grant if permit is not None else "",
        end_user=asked.end_user,
    )
    gateway.journal.refused(about, problem.kind, tuple(error.pointer for error in problem.errors[:20]))
