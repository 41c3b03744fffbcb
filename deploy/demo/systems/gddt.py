"""`gddt`: the education department's register of pupils, still on the ward list of 2024.

It is idempotent by exchange id: what it has seen before it answers the same way and does not enter again, over its own
restarts too. Its file marks such calls with ``"repeat": true``. To each pupil it writes the name of the ward, as its
own list has it: a code that is in that list is right to it, whatever the code has come to mean since.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Final

from aiohttp import web

from deploy.demo.systems.common import CallJournal, run

_WARDS: Final = Path(__file__).parents[1] / "workspace" / "codelists" / "wards.csv"
_LIST_OF: Final = date(2024, 12, 31)


def build(journal: CallJournal) -> web.Application:
    """The application."""
    seen = journal.exchanges()
    wards = _wards_of_2024()

    async def enter(request: web.Request) -> web.Response:
        pupil = await request.json()
        exchange = request.headers.get("Idempotency-Key", "")
        ward = str(pupil.get("maXa", ""))
        if ward not in wards:
            journal.write(request, error="maXa")
            why = "maXa không có trong danh mục" if ward else "maXa không được trống"
            return web.json_response({"status": 0, "message": why})
        # Who sends without a bus sends without a number of the exchange: nothing tells a repeat from another pupil.
        repeat = {"repeat": True} if exchange and exchange in seen else {}
        seen.add(exchange)
        journal.write(
            request,
            maHocSinh=pupil.get("maHocSinh"),
            hoTen=pupil.get("hoTen"),
            ngaySinh=pupil["ngaySinh"],
            maXa=ward,
            tenXa=wards[ward],
            **repeat,
        )
        return web.json_response({"status": 1, "message": "OK", "maTiepNhan": f"GD-{len(seen):06d}"})

    app = web.Application()
    app.router.add_post("/api/hoc-sinh/chuyen-den", enter)
    return app


def _wards_of_2024() -> dict[str, str]:
    """Code and name of each ward that was one at the end of 2024."""
    day = _LIST_OF.isoformat()
    with _WARDS.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: row["name"]
            for row in csv.DictReader(file)
            if row["code"] and row["valid_from"] <= day and (not row["valid_to"] or row["valid_to"] > day)
        }


if __name__ == "__main__":
    run(build)
