"""`/schemas/{kind}.json`: what the files of a workspace may say, for editors."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from gateway.answers import json_response
from gateway.context import gateway_of
from gateway.problems import Problem


async def schema_of_file(request: Request) -> Response:
    """The JSON Schema of one kind of file. It says nothing of this bus, so anybody may have it."""
    kind = request.path_params["kind"]
    try:
        found = gateway_of(request).schema_of_file(kind)
    except KeyError:
        raise Problem("not-found", path=request.url.path[:200]) from None
    return json_response(found)
