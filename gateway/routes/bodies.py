"""Reading the small JSON bodies of administration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request

from gateway.problems import Problem, Words

_MAX_BODY: Final = 16_384


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
        raise Problem("bad-request", why=Words("nội dung không phải JSON", "the body is not JSON")) from None
    if not isinstance(body, dict):
        raise Problem("bad-request", why=Words("nội dung không phải một đối tượng JSON", "the body is no JSON object"))
    return body
