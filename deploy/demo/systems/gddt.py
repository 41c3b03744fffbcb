"""`gddt`: the education department's register of pupils, still on the ward list of 2024.

It is idempotent by exchange id: what it has seen before it answers the same way and does not enter again, over its own
restarts too. Its file marks such calls with ``"repeat": true``.
"""

from __future__ import annotations

from aiohttp import web

from deploy.demo.systems.common import CallJournal, run


def build(journal: CallJournal) -> web.Application:
    """The application."""
    seen = journal.exchanges()

    async def enter(request: web.Request) -> web.Response:
        pupil = await request.json()
        exchange = request.headers.get("Idempotency-Key", "")
        if not str(pupil.get("maXa", "")):
            journal.write(request, error="maXa")
            return web.json_response({"status": 0, "message": "maXa không được trống"})
        repeat = {"repeat": True} if exchange in seen else {}
        seen.add(exchange)
        journal.write(
            request, maHocSinh=pupil.get("maHocSinh"), maXa=pupil["maXa"], ngaySinh=pupil["ngaySinh"], **repeat
        )
        return web.json_response({"status": 1, "message": "OK", "maTiepNhan": f"GD-{len(seen):06d}"})

    app = web.Application()
    app.router.add_post("/api/hoc-sinh/chuyen-den", enter)
    return app


if __name__ == "__main__":
    run(build)
