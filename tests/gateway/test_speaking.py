"""The command line speaks the language of who runs it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner, Result

from contracts.languages import Language
from contracts.speech import speech
from gateway.commands import build
from gateway.commands.speaking import of_arguments, of_environment, translate_help

BUS = "name: x\ntransprt: memory:\nledger: sqlite:l\ntoken_key: file:k\nlanguages: [{first}]\n"
UNDECIDED = {"LIENTHONG_LANG": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "C.UTF-8"}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """With one misspelt key, in a folder that speaks Vietnamese first."""
    (tmp_path / "bus.yaml").write_text(BUS.format(first="vi, en").replace("memory:", '"memory:"'), encoding="utf-8")
    return tmp_path


def lienthong(*arguments: str, **env: str) -> Result:
    """Run a command, where the terminal says nothing of languages unless `env` does."""
    return CliRunner().invoke(build(), list(arguments), env={**UNDECIDED, **env})


def test_check_speaks_what_the_workspace_speaks_first(workspace: Path) -> None:
    told = lienthong("check", str(workspace))
    assert told.exit_code == 3
    assert "bus.yaml:2:1: lỗi: khoá lạ “transprt”\n    → có phải ý là “transport”?" in told.stdout
    assert "1 lỗi, 0 cảnh báo" in told.stdout


def test_check_speaks_what_the_terminal_speaks(workspace: Path) -> None:
    told = lienthong("check", str(workspace), LANG="en_US.UTF-8")
    assert "bus.yaml:2:1: error: unknown key “transprt”\n    → did you mean “transport”?" in told.stdout


def test_the_variable_counts_more_than_the_terminal_and_the_option_most(workspace: Path) -> None:
    assert "khoá lạ" in lienthong("check", str(workspace), LANG="en_US.UTF-8", LIENTHONG_LANG="vi").stdout
    assert "unknown key" in lienthong("check", str(workspace), "--lang", "en", LIENTHONG_LANG="vi").stdout
    assert "unknown key" in lienthong("--lang", "en", "check", str(workspace), LIENTHONG_LANG="vi").stdout


def test_a_language_nobody_speaks_here_is_a_mistake_of_whoever_asked(workspace: Path) -> None:
    assert lienthong("check", str(workspace), "--lang", "fr").exit_code == 2


def test_programs_get_both_languages(workspace: Path) -> None:
    (finding,) = orjson.loads(lienthong("check", str(workspace), "--json").stdout)
    assert finding["message"] == finding["words"]["vi"]["message"] == "khoá lạ “transprt”"
    assert finding["words"]["en"] == {"message": "unknown key “transprt”", "remedy": "did you mean “transport”?"}


def test_a_bus_yaml_that_nobody_can_read_is_told_in_vietnamese(tmp_path: Path) -> None:
    (tmp_path / "bus.yaml").write_text("name: [", encoding="utf-8")
    assert "lỗi: đây không phải YAML: không thấy giá trị ở chỗ phải có" in lienthong("check", str(tmp_path)).stdout


def test_a_command_says_in_the_readers_language_why_it_failed(workspace: Path) -> None:
    told = lienthong("trace", "x", "-C", str(workspace), LIENTHONG_LANG="vi")
    assert told.exit_code == 3
    assert "khoá lạ “transprt”" in told.stderr


def test_help_is_in_the_readers_language() -> None:
    command = typer.main.get_command(build())
    translate_help(command, speech(Language.VI))
    told = CliRunner().invoke(build(), ["check", "--help"])
    assert "Report every error" in told.stdout
    check = command.commands["check"]  # type: ignore[attr-defined]
    assert check.help == "Báo mọi lỗi trong thư mục cấu hình, với tệp, dòng và cách sửa."


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["check", ".", "--lang", "en"], Language.EN),
        (["--lang=vi", "check"], Language.VI),
        (["check", "--lang"], None),
        (["check"], None),
        (["--lang", "fr"], None),
    ],
)
def test_help_knows_the_language_before_anything_is_parsed(arguments: list[str], language: Language | None) -> None:
    assert of_arguments(arguments) == language


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, None),
        ({"LANG": "vi_VN.UTF-8"}, Language.VI),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "C"}, None),
        ({"LANG": "C", "LIENTHONG_LANG": "en"}, Language.EN),
        ({"LANG": "vi_VN", "LIENTHONG_LANG": "klingon"}, Language.VI),
    ],
)
def test_the_terminals_language_is_what_it_says_first(variables: dict[str, str], language: Language | None) -> None:
    assert of_environment(variables) == language
