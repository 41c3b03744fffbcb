"""`POST /oauth2/token`: client credentials (RFC 6749 §4.4), and the public key that verifies what it gives."""

from __future__ import annotations

import base64
from typing import Any, Final
from urllib.parse import parse_qs, unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from contracts.said import said
from gateway.answers import json_response
from gateway.auth.tokens import LIFETIME_S
from gateway.context import gateway_of, language_for
from gateway.problems import Problem

_FORM: Final = "application/x-www-form-urlencoded"
_MAX_FORM: Final = 8192


async def token(request: Request) -> Response:
    """A token for a system; errors are those of RFC 6749 §5.2, as its clients expect."""
    gateway = gateway_of(request)
    form = await _form(request)
    client_id, client_secret = _credentials(request, form)
    if form.get("grant_type") != "client_credentials":
        return _error("unsupported_grant_type", "grant_type must be client_credentials")
    if not client_id or not client_secret:
        return _error("invalid_client", "client_id and client_secret are needed, as HTTP Basic or in the form", 401)
    system = await gateway.credentials.check(client_id, client_secret)
    if system is None:
        return _error("invalid_client", "unknown client or wrong secret", 401)
    issued = gateway.tokens.issue(system.id, operator=system.operator)
    answer: dict[str, Any] = {"access_token": issued, "token_type": "Bearer", "expires_in": LIFETIME_S}
    notices = gateway.subscribing.notices(system.id, language_for(request))
    if notices:
        # A system that is only pushed to asks for nothing else. Clients ignore members that they do not know.
        answer["notices"] = notices
    return json_response(answer)


async def jwks(request: Request) -> Response:
    """The public key, for whoever wants to verify tokens."""
    return json_response({"keys": [gateway_of(request).tokens.public_jwk()]})


async def _form(request: Request) -> dict[str, str]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _FORM:
        raise Problem("unsupported-media-type", wanted=_FORM, got=media_type[:80] or "—")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > _MAX_FORM:
            raise Problem("body-too-large", limit=_MAX_FORM, contract="/oauth2/token", headers={"connection": "close"})
        parts.append(part)
    try:
        fields = parse_qs(b"".join(parts).decode(), strict_parsing=bool(size), max_num_fields=20)
    except ValueError:
        why = said("the body is no {form}", form=_FORM)
        raise Problem("bad-request", why=why) from None
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, client_secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(client_id), unquote_plus(client_secret)


def _error(code: str, description: str, status: int = 400) -> Response:
    headers = {"www-authenticate": 'Basic realm="lienthong"'} if status == 401 else {}
    return json_response({"error": code, "error_description": description}, status, headers)
