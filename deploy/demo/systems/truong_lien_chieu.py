"""`truong-lien-chieu`: the school system of the city's north, on the new ward list.

It remembers nothing and is not idempotent: sent the same transfer twice, it enters the pupil twice. Only the bus keeps
it from harm. What it is told of the air it takes slowly, one reading at a time.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from deploy.demo.systems.common import CallJournal, run

_SLOW_S: Final = 0.1


def build(journal: CallJournal) -> web.Application:
    """The application."""
    one_at_a_time = asyncio.Lock()

    async def enter(request: web.Request) -> web.Response:
        pupil = await request.json()
        journal.write(request, hocSinh=pupil.get("hocSinh", {}).get("so"), phuong=pupil.get("phuong"))
        return web.Response(text='{"ketQua": "OK"}', content_type="application/json")

    async def hear(request: web.Request) -> web.Response:
        air = await request.json()
        async with one_at_a_time:
            await asyncio.sleep(_SLOW_S)
            journal.write(request, luc=air.get("luc"), aqi=air.get("aqi"))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/khong-khi", hear)
    app.router.add_put("/tiepnhan/{so}", enter)
    return app


if __name__ == "__main__":
    run(build)
