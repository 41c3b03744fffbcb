"""How commands speak: to people in tables, to programs in JSON, to shells in exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NoReturn

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from contracts.reasons import words_of
from gateway.commands.speaking import told


class Exit(IntEnum):
    """What an exit code means, for every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INVALID = 3
    NOT_FOUND = 4
    UNREACHABLE = 5
    REFUSED = 6


def print_json(value: Any) -> None:
    """One JSON document on one line."""
    sys.stdout.write(orjson.dumps(value, default=str).decode() + "\n")
    sys.stdout.flush()


def print_table(
    title: str, columns: Sequence[str], rows: list[list[str]], *, empty: str, whole: frozenset[str] = frozenset()
) -> None:
    """A table, or one line where there is nothing to show. The columns `whole` are never broken: they are copied."""
    console = Console()
    say = told().say
    if not rows:
        console.print(say(empty))
        return
    table = Table(title=say(title), title_justify="left", header_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(say(column), overflow="fold", no_wrap=column in whole)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def say(text: str, *, colour: str | None = None, err: bool = False) -> None:
    """Say something to people, in their language."""
    typer.secho(told().say(text), err=err, fg=colour)


def fail(message: str | Exception, code: Exit = Exit.FAILED) -> NoReturn:
    """Say what is wrong on standard error, and end."""
    say(words_of(message) if isinstance(message, Exception) else message, colour=typer.colors.RED, err=True)
    raise typer.Exit(code)
