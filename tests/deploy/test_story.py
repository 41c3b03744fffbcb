"""The story, as a person sees it who sits at a real terminal."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from deploy.demo.journals import lines_of
from tests.deploy.visitor import COMMAND, Visitor, processes_of, quiet_port


@contextmanager
def visit(folder: Path, *arguments: str, rows: int = 30, columns: int = 100, **env: str) -> Iterator[Visitor]:
    """A visit to a city of its own."""
    where = ("--port", str(quiet_port()), "--data", "city")
    visitor = Visitor(folder, *where, *arguments, rows=rows, columns=columns, env=env)
    try:
        yield visitor
    finally:
        visitor.end()


def _until_gone(folder: Path, within_s: float = 30) -> list[str]:
    until = time.monotonic() + within_s
    while (left := processes_of(folder)) and time.monotonic() < until:
        time.sleep(0.2)
    return left


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes() if process.name.isdigit() else b""
    except OSError:
        return b""


def _pasted(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def _sees_the_disease(visitor: Visitor, pages: list[str]) -> None:
    """Up to the refusal: what does not depend on the language."""
    for _ in range(6):
        pages.append(visitor.page())
        if len(pages) < 6:
            visitor.press()
    assert "280" in pages[1]
    assert [number for number in ("187", "77", "14") if number not in pages[1]] == []
    assert "Xã Tân Hiệp (20434)" in pages[1]
    assert "Xã Tam Hải (20992)" in pages[1]
    assert "20410" in pages[2]
    assert "tenXa: Phường Sơn Phong" in pages[3]
    assert "city/systems/gddt.jsonl" in pages[3]
    assert "LÊ VĂN CỔ" in pages[4]
    assert "1952" in pages[4]
    assert "01/01/1952" not in pages[4]
    assert "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15" in pages[4]
    for ward in ("20398 Phường Minh An", "20404 Phường Cẩm Phô", "20410 Phường Sơn Phong", "20428 Phường Cẩm Nam"):
        assert ward in pages[5]


@pytest.mark.timeout(900)
def test_a_newcomer_goes_through_the_story_with_enter_and_kills_the_bus_himself(tmp_path: Path) -> None:
    pages: list[str] = []
    with visit(tmp_path) as visitor:
        _sees_the_disease(visitor, pages)
        assert "không có thật" in pages[0]
        assert "sẵn sàng" in pages[0]
        assert "Cả hai đều là đảo." in pages[1]
        assert "Không chương trình nào báo lỗi." in pages[3]
        assert "không tự điền thành 1/1" in pages[4]
        assert "Dân tộc: không cấp" in pages[4]
        assert "Không có dữ liệu" in pages[4]
        assert "20410 từng là 5 phường, xã" in pages[5]
        visitor.press()

        chosen = visitor.page()
        assert "Cán bộ chọn 20404 Phường Cẩm Phô" in chosen
        assert "Lần 1 20410 · 1/9/2025 ━━━▶ 20410 ━━━ ✗ không ghi gì" in chosen
        assert "Lần 2 20404 · 30/6/2025 ━━━▶ 20404 ━━━▶ 20404 Phường Cẩm Phô" in chosen
        assert " ms ▶ xong" in chosen
        assert "Cùng hồ sơ H17.61-" in chosen
        visitor.press()

        away = visitor.page()
        assert "đã dừng thật" in away
        assert "Mã xác nhận đã cấp 200" in away
        assert "Đang chờ trong trục 200" in away
        assert "Sổ học sinh đã ghi 0" in away
        assert "đang ngắt, thử lại sau" in away
        visitor.press()
        assert visitor.page().endswith(_counted("Sổ học sinh đã ghi 200", "Ghi hai lần 0", "Thất lạc 0"))
        visitor.press()

        pid = visitor.kill_line()
        visitor.watch(4)
        os.kill(pid, signal.SIGKILL)
        killed = visitor.page()
        assert "(tín hiệu 9)" in killed
        assert "Trục chạy lại sau" in killed
        assert f"tiến trình số {pid}." not in killed
        assert killed.endswith(
            _counted("Trục đã nhận 200", "Đã đến sổ học sinh 200", "Thất lạc 0", "Ghi hai lần 0")
        ) or ("sổ nhận ra và không ghi thêm" in killed)
        visitor.press()

        account = visitor.page()
        assert "405 Gửi qua trục = 401 đã chuyển đến hệ thống nhận" in account
        assert "402 Sổ học sinh đã ghi = 401 qua trục + 1 gửi thẳng, sai phường" in account
        assert "Khớp." in account
        assert "chưa chứng minh" in account
        entered = [line for line in lines_of(tmp_path / "city" / "systems" / "gddt.jsonl") if not line.get("repeat")]
        assert len(entered) == 402
        visitor.press()

        visitor.page()
        traced, sent, curled = (line for line in visitor.lines() if line.startswith((str(COMMAND), "curl")))
        trace = _pasted(traced, tmp_path)
        assert (trace.returncode, "đã chuyển đến" in trace.stdout) == (0, True), trace.stderr
        send = _pasted(sent, tmp_path)
        assert send.returncode == 0, send.stderr
        assert json.loads(send.stdout)["record"]["full_name"] == "NGUYỄN THỊ MINH ANH"
        if shutil.which("curl"):
            assert json.loads(_pasted(curled, tmp_path).stdout)["record"]["birth_date"] == "1952"
        visitor.press()
        last, code = visitor.leave()
    assert "Đã dừng mọi tiến trình. Xem lại từ đầu:" in last
    assert "demo --port" in last
    assert code == 0
    assert _until_gone(tmp_path) == []


@pytest.mark.timeout(900)
def test_in_english_on_a_narrow_terminal_without_colours_the_story_kills_the_bus_for_who_would_rather_not(
    tmp_path: Path,
) -> None:
    pages: list[str] = []
    with visit(tmp_path, "--lang", "en", rows=24, columns=80, NO_COLOR="1") as visitor:
        _sees_the_disease(visitor, pages)
        assert "The people in this story are made up. The ward codes are real." in pages[0]
        assert "Both are islands." in pages[1]
        assert "No program complains." in pages[3]
        assert "Ethnicity: not given, beyond what was granted" in pages[4]
        assert "the bus never picks" in pages[5]
        visitor.press("x9")
        visitor.press("5")
        chosen = visitor.page()
        assert "\x1b[3" not in visitor.raw
        assert "The officer chooses 20428 Phường Cẩm Nam" in chosen
        assert "20428 Phường Cẩm Nam" in chosen.partition("Attempt 2")[2]
        visitor.press()
        visitor.page()
        visitor.press()
        visitor.page()
        visitor.press()
        visitor.kill_line()
        visitor.watch(2)
        visitor.press()
        killed = visitor.page()
        assert "(signal 9)" in killed
        assert "Delivered to the register 200" in killed
        assert "Lost 0" in killed
        assert "Written twice 0" in killed
        visitor.press()
        assert "It adds up." in visitor.page()
        visitor.interrupt()
        last, code = visitor.leave()
    assert "Everything is stopped." in last
    assert code == 0
    assert _until_gone(tmp_path) == []


@pytest.mark.parametrize("pages", [0, 1])
def test_ctrl_c_stops_everything_also_while_it_comes_up(tmp_path: Path, pages: int) -> None:
    with visit(tmp_path, "--lang", "en") as visitor:
        visitor.see("1 / 7")
        for _ in range(pages):
            visitor.page()
        visitor.watch(1.5)
        visitor.interrupt()
        last, code = visitor.leave()
    assert "Everything is stopped. To see it again:" in last
    assert "Traceback" not in last
    assert code == 0
    assert _until_gone(tmp_path) == []


def test_a_bus_that_dies_when_nobody_asked_for_it_ends_the_story_with_a_sentence(tmp_path: Path) -> None:
    with visit(tmp_path, "--lang", "en") as visitor:
        visitor.page()
        visitor.press()
        visitor.page()
        visitor.press()
        visitor.page()
        bus = [process for process in Path("/proc").iterdir() if b"deploy.demo.bus" in _command_line(process)]
        mine = [int(each.name) for each in bus if str(tmp_path).encode() in _command_line(each)]
        assert len(mine) == 1
        os.kill(mine[0], signal.SIGKILL)
        last, code = visitor.leave()
    assert "does not answer any more: bus, signal 9. Its log is city/story.log." in last
    assert "Traceback" not in last
    assert code == 5
    assert _until_gone(tmp_path) == []


def test_a_window_that_is_closed_leaves_no_process_behind(tmp_path: Path) -> None:
    with visit(tmp_path) as visitor:
        visitor.page()
        assert processes_of(tmp_path)
        visitor.hang_up()
        assert _until_gone(tmp_path) == []


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        with visit(tmp_path, "--port", port) as visitor:
            last, code = visitor.leave()
    assert f"Cổng {port} đang có chương trình khác dùng. Chọn cổng khác:" in last
    assert "Traceback" not in last
    assert code == 5
    assert _until_gone(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "--once"), (("--lang", "en"), "demo --once"), (("--log", "memory"), "--once")],
)
def test_without_a_person_it_says_what_to_do_instead(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    run = subprocess.run(
        [sys.executable, "-P", "-m", "gateway", "demo", *arguments],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert run.returncode == 2
    assert said in run.stderr
    assert list(tmp_path.iterdir()) == []


def _counted(*rows: str) -> str:
    """The end of a page with these counters: each with its bar."""
    return " ".join(f"{row} {'━' * 30}" for row in rows)
