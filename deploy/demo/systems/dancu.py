"""`dancu`: a made-up stand-in for the national population database. Nobody in it exists.

It has the manners of the real ones: every answer is a 200 and success is a code inside it, gender is ``1``/``0``,
birth dates come as dd/MM/yyyy, MM/yyyy or yyyy, and no officer's code, no answer.

It can also send a pupil straight to the school register, as systems do where there is no bus: in the register's format,
with its own codes, and with nobody in between.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, web

from deploy.demo.systems.common import CallJournal, run

PROTECTED = "07"
REGISTER_URL: Final = "SCHOOL_REGISTER_URL"
_TIMEOUT: Final = ClientTimeout(total=10)


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

    async def send_straight(request: web.Request) -> web.Response:
        asked = await request.json()
        citizen = citizens.get(str(asked.get("soDinhDanh", "")))
        if citizen is None:
            return web.json_response({"ketQua": "01", "thongBao": "Không tìm thấy công dân"})
        pupil = _as_pupil(citizen)
        try:
            async with (
                ClientSession(timeout=_TIMEOUT) as session,
                session.post(os.environ[REGISTER_URL], json=pupil) as answer,
            ):
                told = await answer.json()
        except (ClientError, TimeoutError):
            return web.json_response({"ketQua": "99", "thongBao": "Sổ đăng bộ học sinh không trả lời"})
        return web.json_response({"ketQua": "00", "daGui": pupil, "traLoi": told})

    app = web.Application()
    app.router.add_post("/XacThucThongTinCongDan", look_up)
    app.router.add_post("/ChuyenTruong", send_straight)
    return app


def _as_pupil(citizen: dict[str, Any]) -> dict[str, Any]:
    """A citizen as the register wants pupils. Their ward is the code of today, and nothing says so."""
    return {
        "maHocSinh": citizen["soDinhDanh"],
        "hoTen": citizen["hoVaTen"],
        "ngaySinh": citizen["ngaySinh"],
        "maXa": citizen["thuongTru"]["maXa"],
    }


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
