"""An exit code means the same for every command, and the page for operators says what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import typer

from gateway.commands import build
from gateway.commands.frame import frame, run
from gateway.commands.output import Exit
from tests.adapters.workspace.support import write

PAGE = Path(__file__).parents[2] / "docs/operating.md"


@pytest.fixture(scope="module")
def command() -> Any:
    """The whole command line, as `main` sets it up."""
    made = typer.main.get_command(build())
    frame(made)
    return made


class _Refusing(BaseHTTPRequestHandler):
    """A gateway that lets nobody in."""

    def do_GET(self) -> None:
        problem = b'{"type": "urn:lienthong:problem:unauthorized", "title": "-", "status": 401, "detail": "no"}'
        self.send_response(401)
        self.send_header("content-type", "application/problem+json")
        self.send_header("content-length", str(len(problem)))
        self.end_headers()
        self.wfile.write(problem)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def refusing() -> Iterator[str]:
    """Where that gateway listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace without errors; no bus runs over it."""
    return write(tmp_path / "truc")


def test_every_code_is_documented() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)}
    assert told == {*map(int, Exit), 130}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--help",), Exit.OK),
        (("check", "{root}"), Exit.OK),
        (("law", "list", "-C", "{root}"), Exit.OK),
        (("nothing",), Exit.USAGE),
        (("check",), Exit.USAGE),
        (("check", "/không/có"), Exit.USAGE),
        (("top", "--every", "99"), Exit.USAGE),
        (("send", "a.b", "{sample}", "--as", "x"), Exit.USAGE),
        (("check", "{root}", "--on", "2099-01-01"), Exit.FAILED),
        (("check", "{broken}"), Exit.INVALID),
        (("agency", "show", "H99.99", "-C", "{root}"), Exit.NOT_FOUND),
        (("codelist", "show", "khong-co", "-C", "{root}"), Exit.NOT_FOUND),
        (("standard", "show", "khong-co"), Exit.NOT_FOUND),
        (("schema", "khong-co"), Exit.USAGE),
        (("top", "--once", "--url", "http://127.0.0.1:1", "--token", "t"), Exit.UNREACHABLE),
        (("trace", "00000000-0000-8000-8000-000000000000", "-C", "{root}"), Exit.UNREACHABLE),
        (("send", "a.b", "{sample}", "--url", "http://127.0.0.1:1", "--client-id", "x"), Exit.USAGE),
        (("top", "--once", "--url", "{refusing}", "--token", "t"), Exit.REFUSED),
        (
            ("send", "a.b", "{sample}", "--url", "{refusing}", "--client-id", "x", "--client-secret", "y"),
            Exit.REFUSED,
        ),
    ],
)
def test_a_command_ends_with_the_code_of_what_happened(
    command: Any, workspace: Path, refusing: str, tmp_path: Path, arguments: tuple[str, ...], code: Exit
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "sample.json").write_text("{}", encoding="utf-8")
    places = {"root": workspace, "broken": tmp_path / "broken", "sample": tmp_path / "sample.json"}
    assert run(command, [each.format(**places, refusing=refusing) for each in arguments]) == code
