"""The language in which the command line speaks.

What `--lang` says counts, then LIENTHONG_LANG, then the terminal's own (LC_ALL, LC_MESSAGES, LANG), then what the
workspace speaks first, then English.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from contracts.languages import Language
from contracts.speech import Speech, speech
from gateway.wiring.offline import language_of

VARIABLE: Final = "LIENTHONG_LANG"
_OPTION: Final = "--lang"
_TERMINAL: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_STATED: ContextVar[Language | None] = ContextVar("_STATED", default=None)
_AT_HAND: ContextVar[Path | None] = ContextVar("_AT_HAND", default=None)

Lang = Annotated[Language | None, typer.Option(_OPTION, help="The language to speak: vi or en.")]
Answered = Annotated[
    Language | None, typer.Option(_OPTION, "--language", help="The language to speak, and to be answered in: vi or en.")
]


def begin(language: Language | None) -> None:
    """A command begins, which was told to speak `language`; None: it was told nothing."""
    _STATED.set(language)
    _AT_HAND.set(None)


def speak(language: Language | None) -> None:
    """From now on this command speaks `language`; None changes nothing."""
    if language is not None:
        _STATED.set(language)


def told() -> Speech:
    """How to say things to whoever runs this command."""
    stated, root = _STATED.get() or of_environment(os.environ), _AT_HAND.get()
    if stated is None and root is not None:
        stated = language_of(root)
    return speech(stated or Language.EN)


def at_hand(root: Path) -> Path:
    """A command is about the workspace in `root`, which is returned: what that speaks first counts where nothing else
    is asked for."""
    _AT_HAND.set(root)
    return root


def of_environment(variables: Mapping[str, str]) -> Language | None:
    """The language that the environment asks for; None where it names none that is spoken here."""
    # The first of them that is set is the terminal's language, whichever that is.
    terminal = next((variables[name] for name in _TERMINAL if variables.get(name)), "")
    return stated_in(variables) or _named(terminal)


def stated_in(variables: Mapping[str, str]) -> Language | None:
    """The language that LIENTHONG_LANG asks for; None where it names none that is spoken here."""
    return _named(variables.get(VARIABLE, ""))


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
