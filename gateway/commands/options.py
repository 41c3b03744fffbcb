"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.speaking import at_hand

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
WorkspaceDir = Annotated[
    Path, typer.Argument(metavar="DIR", help="The workspace.", exists=True, file_okay=False, callback=at_hand)
]
InDir = Annotated[
    Path,
    typer.Option(
        "--dir",
        "-C",
        envvar="LIENTHONG_DIR",
        help="The workspace.",
        exists=True,
        file_okay=False,
        show_default=True,
        callback=at_hand,
    ),
]


def _at_hand_or_here(root: Path | None) -> Path | None:
    at_hand(root or Path())
    return root


GivenDir = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        "-C",
        envvar="LIENTHONG_DIR",
        help="The workspace.",
        exists=True,
        file_okay=False,
        callback=_at_hand_or_here,
    ),
]
"""As `InDir`, for who has to know whether it was given."""
Reason = Annotated[str, typer.Option("--reason", help="Why; it is written to the journal.", prompt="Reason")]
