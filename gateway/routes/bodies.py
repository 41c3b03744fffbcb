"""Reading the small JSON bodies of administration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request

from contracts.said import said
from gateway.problems import Problem

_MAX_BODY: Final = 16_384
_MAX_REASON: Final = 1000


async def json_object(request: Request, place: str, *, max_bytes: int = _MAX_BODY) -> Mapping[str, Any]:
    """The JSON object in the body. Problem `body-too-large` (naming `place`), `bad-request`."""
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > max_bytes:
            raise Problem("body-too-large", limit=max_bytes, contract=place, headers={"connection": "close"})
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Problem("bad-request", why=said("the body is not JSON")) from None
    if not isinstance(body, dict):
        raise Problem("bad-request", why=said("the body is no JSON object"))
    return body


def reason_in(body: Mapping[str, Any]) -> str:
    """Why somebody acts. Problem `bad-request` where it is not said."""
    reason = body.get("reason")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > _MAX_REASON:
        why = said("reason: 1–{max_reason} characters", max_reason=_MAX_REASON)
        raise Problem("bad-request", why=why)
    return reason.strip()
