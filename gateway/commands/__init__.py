"""The command line: `lienthong …`. Sub-commands of other packages register by the entry point `lienthong.commands`."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

import typer

from gateway.commands import (
    agency,
    check,
    codelist,
    configure,
    contract,
    inbox,
    law,
    new,
    operate,
    password,
    roles,
    send,
    standard,
    token,
    top,
    trace,
)
from gateway.commands.frame import frame, run
from gateway.commands.speaking import Lang, begin, of_arguments, told, translate_help


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="lienthong",
        help="Liên thông: a data-interoperability bus.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    for module in (
        new,
        standard,
        check,
        roles,
        send,
        inbox,
        trace,
        top,
        operate,
        configure,
        contract,
        agency,
        law,
        codelist,
        token,
        password,
    ):
        module.register(app)
    for entry in entry_points(group="lienthong.commands"):
        entry.load()(app)
    return app


def main() -> None:
    """The `lienthong` command."""
    arguments = sys.argv[1:]
    command = typer.main.get_command(build())
    language = of_arguments(arguments)
    begin(language)
    translate_help(command, told())
    frame(command)
    raise SystemExit(run(command, arguments, language))


def _root(context: typer.Context, lang: Lang = None) -> None:
    # `obj` is what was asked for anywhere in the command line.
    begin(lang or context.obj)
