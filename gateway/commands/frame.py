"""What frames every command: its usage, its help, and what is wrong with how it was called.

The library that parses the command line says these in English alone. They are recognised by their wording, as the
reasons of the bus are, and said in the language of whoever runs the command.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError
from typer._click.formatting import HelpFormatter
from typer._completion_shared import install

from contracts.languages import Language
from contracts.reasons import recognised
from contracts.said import N_, Said, in_lines, said
from contracts.speech import Speech
from gateway.commands.output import Exit
from gateway.commands.speaking import told

WORDINGS: Final = (
    N_("Invalid value: {why}"),
    N_("Invalid value for {name}: {why}"),
    N_("Missing argument {name}."),
    N_("Missing argument {name}. {more}"),
    N_("Missing option {name}."),
    N_("Missing option {name}. {more}"),
    N_("Choose from:\n\t{choices}"),
    N_("No such option: {name}"),
    N_("{message} (Possible options: {names})"),
    N_("Argument {name} takes {count} values."),
    N_("Option {name} does not take a value."),
    N_("Option {name} requires an argument."),
    N_("Option {name} requires {count} arguments."),
    N_("Missing command."),
    N_("No such command {name}."),
    N_("No such command {name}. Did you mean {names}?"),
    N_("Got unexpected extra argument(s) ({words})"),
    N_("Value {value} is not a valid {kind}."),
    N_("{value} is not one of {choices}."),
    N_("dir {path} does not exist."),
    N_("file {path} does not exist."),
    N_("path {path} does not exist."),
    N_("dir {path} is a file."),
    N_("file {path} is a directory."),
    N_("dir {path} is not readable."),
    N_("file {path} is not readable."),
    N_("Input should be a valid number, unable to parse string as a number"),
    N_("Input should be a valid integer, unable to parse string as an integer"),
    N_("Input should be greater than or equal to {bound}"),
    N_("Input should be less than or equal to {bound}"),
)
"""What is wrong with how a command was called."""
HEADINGS: Final = (N_("Arguments"), N_("Options"), N_("Commands"))
HELP_OPTION: Final = N_("Show this message and exit.")
_TYPES: Final = {
    "<str>": N_("<text>"),
    "<path>": N_("<path>"),
    "<file>": N_("<file>"),
    "<dir>": N_("<folder>"),
    "<int>": N_("<number>"),
    "<int range>": N_("<number>"),
    "<float>": N_("<number>"),
    "<float range>": N_("<number>"),
    "<date>": N_("<date>"),
}
_USAGE: Final = {
    "[OPTIONS]": N_("[OPTIONS]"),
    "COMMAND [ARGS]...": N_("COMMAND [ARGS]..."),
}
_INTERRUPTED: Final = 130
_OF_PYDANTIC: Final = "Value error, "


class _Formatter(HelpFormatter):
    """Help in the language of whoever runs the command."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        here = told()
        for english, message in _USAGE.items():
            args = args.replace(english, here.gettext(message))
        super().write_usage(prog, args, prefix or here.gettext("Usage: "))

    def write_heading(self, heading: str) -> None:
        super().write_heading(told().gettext(heading))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        here = told()
        super().write_dl([(_named(name, here), _extras(text, here)) for name, text in rows], col_max, col_spacing)


class _Context(typer.Context):
    formatter_class = _Formatter


def frame(command: Any) -> None:
    """Let `command`, and all below it, speak the language of whoever runs it."""
    command.context_class = _Context
    # Else it would be cut in the middle of its sentence.
    command.short_help = command.short_help or command.help
    for parameter in command.params:
        if parameter.name == "install_completion":
            parameter.callback = _install_completion
    for below in getattr(command, "commands", {}).values():
        frame(below)


def run(command: Any, arguments: Sequence[str], language: Language | None = None) -> int:
    """Run `command`, which speaks `language` where it is asked for anywhere; the exit code."""
    try:
        ended = command.main(list(arguments), standalone_mode=False, obj=language)
    except NoArgsIsHelpError as error:
        typer.echo(error.format_message(), err=True)
        return error.exit_code
    except ClickException as error:
        typer.echo(told().say(words_of(error)), err=True)
        return error.exit_code
    except typer.Abort:
        typer.echo(told().gettext("Broken off."), err=True)
        return _INTERRUPTED
    return ended if isinstance(ended, int) else int(Exit.OK)


def words_of(error: ClickException) -> Said:
    """What is wrong with how a command was called, and how it is called, to be said in either language."""
    message = recognised(str(error.format_message()).replace(_OF_PYDANTIC, ""), WORDINGS, own=error.message)
    wrong = said("Error: {message}", message=message)
    context = error.ctx if isinstance(error, UsageError) else None
    if context is None:
        return wrong
    hint = said("Try '{command} --help' for help.", command=context.command_path)
    whole = in_lines((context.get_usage(), hint, "", wrong))
    assert isinstance(whole, Said)  # noqa: S101 - lines are put together by a message
    return whole


def _named(name: str, here: Speech) -> str:
    return re.sub(r"<[a-z ]+>", lambda found: here.gettext(_TYPES.get(found[0], found[0])), name)


def _extras(text: str, here: Speech) -> str:
    """Help with what is added to it in brackets: where it comes from, its default, whether it is required."""
    found = re.fullmatch(r"(?s)(.*?)(?:  |^)\[((?:env var: |default: |required|[\w.-]*<?=?x).*)\]", text)
    if found is None:
        return here.gettext(text) if text == HELP_OPTION else text
    extras = "; ".join(_extra(each, here) for each in found[2].split("; "))
    return f"{found[1]}  [{extras}]" if found[1] else f"[{extras}]"


def _extra(text: str, here: Speech) -> str:
    name, _, value = text.partition(": ")
    if name == "env var":
        return here.say(said("env var: {name}", name=value))
    if name == "default":
        return here.say(said("default: {value}", value=value))
    return here.gettext("required") if text == "required" else text


def _install_completion(context: Any, _parameter: Any, value: Any) -> Any:
    """As the library's own, which says in English alone what it did."""
    if not value or context.resilient_parsing:
        return value
    shell, path = install()
    typer.secho(told().say(said("completion for {shell} is in {path}", shell=shell, path=path)), fg=typer.colors.GREEN)
    typer.echo(told().gettext("It takes effect when the terminal is opened anew."))
    sys.exit(Exit.OK)
