"""An exit code means the same for every command, and the page for operators says what."""

from __future__ import annotations

import re
from pathlib import Path
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
        (("check", "{broken}"), Exit.INVALID),
        (("schema", "khong-co"), Exit.USAGE),
        (("top", "--once", "--url", "http://127.0.0.1:1", "--token", "t"), Exit.UNREACHABLE),
        (("send", "a.b", "{sample}", "--url", "http://127.0.0.1:1", "--client-id", "x"), Exit.USAGE),
    ],
)
def test_a_command_ends_with_the_code_of_what_happened(
    command: Any, workspace: Path, tmp_path: Path, arguments: tuple[str, ...], code: Exit
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "sample.json").write_text("{}", encoding="utf-8")
    places = {"root": workspace, "broken": tmp_path / "broken", "sample": tmp_path / "sample.json"}
    assert run(command, [each.format(**places) for each in arguments]) == code
