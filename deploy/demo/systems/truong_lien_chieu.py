"""`truong-lien-chieu`: the school system of the city's north, on the new ward list.

It remembers nothing and is not idempotent: sent the same transfer twice, it enters the pupil twice. Only the bus keeps
it from harm.
"""

from __future__ import annotations

from aiohttp import web

from deploy.demo.systems.common import CallJournal, run


def build(journal: CallJournal) -> web.Application:
    """The application."""

    async def enter(request: web.Request) -> web.Response:
        pupil = await request.json()
        journal.write(request, hocSinh=pupil.get("hocSinh", {}).get("so"), phuong=pupil.get("phuong"))
        return web.Response(text='{"ketQua": "OK"}', content_type="application/json")

    app = web.Application()
    app.router.add_put("/tiepnhan/{so}", enter)
    return app


if __name__ == "__main__":
    run(build)
