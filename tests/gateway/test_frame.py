"""Usage, help and what is wrong with how a command was called are said in the language of whoever runs it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import typer

from contracts.languages import Language
from contracts.speech import speech
from gateway.commands import build
from gateway.commands.frame import HEADINGS, HELP_OPTION, frame, run
from gateway.commands.speaking import translate_help

ENGLISH = ("Usage:", *(f"{each}:\n" for each in HEADINGS), HELP_OPTION, "[required]", "env var:", "default:", "<str>")


@pytest.fixture(params=list(Language))
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Language:
    """Whoever runs the command has asked for this language."""
    asked: Language = request.param
    monkeypatch.setenv("LIENTHONG_LANG", asked)
    return asked


@cache
def command_in(language: Language) -> Any:
    """The whole command line, as `main` sets it up."""
    command = typer.main.get_command(build())
    translate_help(command, speech(language))
    frame(command)
    return command


def paths(command: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group, as it is typed."""
    yield above
    for name, below in getattr(command, "commands", {}).items():
        yield from paths(below, (*above, name))


def test_the_help_of_every_command_is_in_one_language(language: Language, capfd: pytest.CaptureFixture[str]) -> None:
    command = command_in(language)
    for path in paths(command):
        assert run(command, [*path, "--help"]) == 0
        shown = capfd.readouterr().out
        assert ("Cách dùng: " in shown) == (language is Language.VI), path
        if language is Language.VI:
            assert [each for each in ENGLISH if each in shown] == [], path


def test_no_sentence_of_the_help_is_cut(language: Language, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(command_in(language), ["--help"]) == 0
    assert "..." not in capfd.readouterr().out.split("\n", 1)[1]


@pytest.mark.parametrize(
    ("arguments", "vi", "en"),
    [
        (("nothing",), "Không có lệnh 'nothing'.", "No such command 'nothing'."),
        (("chekc",), "Có phải bạn muốn gõ 'check'?", "Did you mean 'check'?"),
        (("check",), "Thiếu đối số 'DIR'.", "Missing argument 'DIR'."),
        (("check", "--nope"), "Không có tuỳ chọn --nope", "No such option: --nope"),
        (("check", "/không/có"), "thư mục '/không/có' không tồn tại.", "dir '/không/có' does not exist."),
        (("check", ".", "x"), "Thừa đối số: x", "Got unexpected extra argument(s) (x)"),
        (("top", "--every", "x"), "phải là một số", "should be a valid number"),
        (("top", "--every", "99"), "không được lớn hơn 60", "less than or equal to 60"),
        (("send", "--to"), "'--to' cần có giá trị theo sau", "'--to' requires an argument"),
        (("--lang", "fr", "check"), "'fr' không thuộc các giá trị 'vi', 'en'", "'fr' is not one of 'vi', 'en'."),
    ],
)
def test_a_command_that_is_called_wrongly_says_what_is_wrong(
    language: Language, arguments: tuple[str, ...], vi: str, en: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(command_in(language), arguments) == 2
    shown = capfd.readouterr().err
    assert (vi if language is Language.VI else en) in shown
    assert ("Error: " in shown) == (language is Language.EN)


def test_a_command_without_its_name_shows_what_there_is(language: Language, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(command_in(language), ["dead"]) == 2
    assert "retry" in capfd.readouterr().err


def test_whoever_breaks_a_question_off_is_told_so(
    language: Language, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer._click.termui.visible_prompt_func", lambda _prompt: (_ for _ in ()).throw(EOFError))
    assert run(command_in(language), ["apply"]) == 130
    assert ("Đã dừng" in capfd.readouterr().err) == (language is Language.VI)
