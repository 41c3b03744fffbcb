"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from contracts.said import said
from contracts.wording import Language
from gateway.commands.output import Exit, fail

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
WorkspaceDir = Annotated[Path, typer.Argument(metavar="DIR", help="The workspace.", exists=True, file_okay=False)]
InDir = Annotated[
    Path,
    typer.Option(
        "--dir", "-C", envvar="LIENTHONG_DIR", help="The workspace.", exists=True, file_okay=False, show_default=True
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is written to the journal.", prompt="Reason")]
Lang = Annotated[str | None, typer.Option("--lang", envvar="LIENTHONG_LANG", help="vi or en.")]
Url = Annotated[str, typer.Option("--url", envvar="LIENTHONG_URL", help="The gateway.")]


def language_of(given: str | None) -> Language:
    """The one asked for; else that of the terminal; else Vietnamese."""
    if given is not None and given not in set(Language):
        fail(said("--lang is vi or en"), Exit.USAGE)
    spoken = given or (os.environ.get("LC_ALL") or os.environ.get("LANG") or "vi")[:2]
    return Language.EN if spoken == "en" else Language.VI
