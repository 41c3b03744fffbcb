"""The language in which the command line speaks.

What `--lang` says counts, then LIENTHONG_LANG, then the terminal's own (LC_ALL, LC_MESSAGES, LANG), then what the
workspace speaks first, then English.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Annotated, Any, Final

import typer

from contracts.languages import Language
from contracts.speech import Speech, speech

VARIABLE: Final = "LIENTHONG_LANG"
_OPTION: Final = "--lang"
_TERMINAL: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_STATED: ContextVar[Language | None] = ContextVar("_STATED", default=None)

Lang = Annotated[Language | None, typer.Option(_OPTION, help="The language to speak: vi or en.")]


def begin(language: Language | None) -> None:
    """A command begins, which was told to speak `language`; None: it was told nothing."""
    _STATED.set(language)


def speak(language: Language | None) -> None:
    """From now on this command speaks `language`; None changes nothing."""
    if language is not None:
        begin(language)


def told(of_workspace: Language | None = None) -> Speech:
    """How to say things to whoever runs this command. `of_workspace` is what the workspace at hand speaks first."""
    return speech(_STATED.get() or of_environment(os.environ) or of_workspace or Language.EN)


def of_environment(variables: Mapping[str, str]) -> Language | None:
    """The language that the environment asks for; None where it names none that is spoken here."""
    stated = _named(variables.get(VARIABLE, ""))
    # The first of them that is set is the terminal's language, whichever that is.
    terminal = next((variables[name] for name in _TERMINAL if variables.get(name)), "")
    return stated or _named(terminal)


def of_arguments(arguments: Sequence[str]) -> Language | None:
    """The language that `--lang` asks for, before the command line is parsed: help is made in it."""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == _OPTION:
            return _named(value if equals else "".join(arguments[index + 1 : index + 2]))
    return None


def translate_help(command: Any, into: Speech) -> None:
    """Say the help of a command, of its options and of everything below it in another language."""
    command.help = into.gettext(command.help) if command.help else command.help
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = into.gettext(parameter.help)
        if isinstance(getattr(parameter, "prompt", None), str):
            parameter.prompt = into.gettext(parameter.prompt)
    for below in getattr(command, "commands", {}).values():
        translate_help(below, into)


def _named(text: str) -> Language | None:
    primary = text.lower().replace("-", "_").partition("_")[0].partition(".")[0]
    return next((language for language in Language if language.value == primary), None)
