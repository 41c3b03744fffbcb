"""`/console/now`: what the bus does this second, for whoever has just come in."""

from __future__ import annotations

from starlette.responses import Response

from gateway.console.context import Visit
from gateway.console.visits import draw, page


@page
async def now(visit: Visit) -> Response:
    """Rates, errors, latency, backlogs and what waits for a person; then live over `/console/now/events`."""
    return draw(visit, "now.html", part=await visit.console.live.now.for_page(visit.language))
