"""`dancu`: a made-up stand-in for the national population database. Nobody in it exists.

It has the manners of the real ones: every answer is a 200 and success is a code inside it, gender is ``1``/``0``,
birth dates come as dd/MM/yyyy, MM/yyyy or yyyy, and no officer's code, no answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from deploy.demo.systems.common import CallJournal, run

PROTECTED = "07"


def build(journal: CallJournal) -> web.Application:
    """The application."""
    path = Path(__file__).with_name("citizens.json")
    citizens: dict[str, dict[str, Any]] = {each["soDinhDanh"]: each for each in orjson.loads(path.read_bytes())}

    async def look_up(request: web.Request) -> web.Response:
        asked = await request.json()
        number = str(asked.get("soDinhDanh", ""))
        answer = _answer(citizens, number, str(asked.get("maCanBo", "")))
        journal.write(request, maCanBo=asked.get("maCanBo"), maHoSo=asked.get("maHoSo"), ketQua=answer["ketQua"])
        return web.json_response({"maYeuCau": asked.get("maYeuCau"), **answer})

    app = web.Application()
    app.router.add_post("/XacThucThongTinCongDan", look_up)
    return app


def _answer(citizens: dict[str, dict[str, Any]], number: str, officer: str) -> dict[str, Any]:
    if not officer:
        return {"ketQua": "03", "thongBao": "Thiếu mã cán bộ"}
    citizen = citizens.get(number)
    if citizen is None:
        return {"ketQua": "01", "thongBao": "Không tìm thấy công dân"}
    if citizen.get("baoVe"):
        return {
            "ketQua": PROTECTED,
            "thongBao": "Thông tin thuộc diện bảo vệ, không được chia sẻ",
            "canCu": "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15 (dữ liệu mô phỏng)",
        }
    return {"ketQua": "00", "thongBao": "OK", "congDan": citizen}


if __name__ == "__main__":
    run(build)
