"""`/openapi.json`: the bus, for tools."""

from __future__ import annotations

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response

from contracts.publish.openapi import openapi_document
from gateway.answers import json_response
from gateway.context import gateway_of


async def openapi(request: Request) -> Response:
    """The OpenAPI document of this bus, as of its current workspace."""
    directory = gateway_of(request).directory()
    return json_response(openapi_document(directory.bus, version("lienthong"), directory.contracts.values()))
