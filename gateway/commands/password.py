"""`lienthong password`: the hash of a console user's password, in a file that the workspace refers to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from argon2 import PasswordHasher

from contracts.said import N_, said
from gateway.commands.options import Json
from gateway.commands.output import Exit, fail, print_json, say
from gateway.commands.speaking import told

SHORTEST = 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("password", help="Make the hash of a password for the console; users/*.yaml refers to its file.")(
        password
    )


def password(
    path: Annotated[Path, typer.Argument(help="Where the hash is written, as in secrets/vanhanh.hash.")],
    replace: Annotated[bool, typer.Option("--replace", help="The file is there: end the old password.")] = False,
    json: Json = False,
) -> None:
    """Asks twice, without showing it. Exit 0; 2: too short, not the same, or in the way."""
    if path.exists() and not replace:
        fail(
            said("{path} exists; --replace ends the old password and everybody's sessions under it", path=path),
            Exit.USAGE,
        )
    typed, again = (_typed(told().gettext(question)) for question in (N_("Password"), N_("once more")))
    if typed != again:
        fail(said("the two are not the same"), Exit.USAGE)
    if len(typed) < SHORTEST:
        fail(said("a password has at least {shortest} characters", shortest=SHORTEST), Exit.USAGE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(PasswordHasher().hash(typed) + "\n")
    except OSError as error:
        fail(said("{path} cannot be written: {strerror}", path=path, strerror=error.strerror), Exit.FAILED)
    if json:
        print_json({"hash": str(path)})
    else:
        say(said("hash written to {path}; in users/*.yaml write  password: file:{path}", path=path), err=True)


def _typed(question: str) -> str:
    typed: str = typer.prompt(question, hide_input=True)
    return typed
