"""Answers that a client may keep: a strong ETag, and 304 for whoever has it already (RFC 9110, RFC 9111)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

_FORM: Final = "1"
"""Another with every change of what the documents look like: an ETag stands for bytes."""


def kept_response(request: Request, seen: tuple[str, ...], make: Callable[[], Any], *, fresh_s: int = 0) -> Response:
    """The JSON that `make` gives, or 304 where the client has it.

    `seen` is all that the document depends on: `make` is not called for who has it. The client may use it for
    `fresh_s` seconds without asking again.
    """
    digest = hashlib.sha256("\0".join((_FORM, request.url.path, *seen)).encode()).hexdigest()
    etag = f'"{digest[:32]}"'
    how = f"private, max-age={fresh_s}" if fresh_s else "private, no-cache"
    headers = {"etag": etag, "cache-control": how}
    if has(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(orjson.dumps(make()), 200, headers, media_type="application/json")


def has(request: Request, etag: str) -> bool:
    """Whether the client says that it has it; for a GET the comparison is weak, and `W/` says nothing."""
    listed = ",".join(request.headers.getlist("if-none-match"))
    named = {each.strip().removeprefix("W/") for each in listed.split(",")}
    return "*" in named or etag in named
