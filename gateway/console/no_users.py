"""What stands where the console would be, on a bus that nobody can sign in to."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from gateway.console.assets import Assets
from gateway.console.drawing import Drawing
from gateway.context import gateway_of, language_for


async def no_users(request: Request) -> Response:
    """`GET /console` without users: what to write, and where. It needs no file of the console's own."""
    directory = gateway_of(request).directory()
    drawing = Drawing(Assets(), directory.zone)
    language = language_for(request)
    return drawing.page(language, "no_users.html", {"bus": directory.bus}, 404)
