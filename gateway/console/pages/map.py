"""`/console/map`: who exchanges what with whom, how much, and how it goes."""

from __future__ import annotations

from starlette.responses import Response

from gateway.console.context import Visit
from gateway.console.visits import draw, page


@page
async def map_of_bus(visit: Visit) -> Response:
    """The last hour as a drawing and as a table; then live over `/console/map/events`."""
    return draw(visit, "map.html", part=await visit.console.live.map.for_page(visit.language))
