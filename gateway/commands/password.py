"""`lienthong password`: the hash of a console user's password, in a file that the workspace refers to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from argon2 import PasswordHasher

from gateway.commands.options import Json
from gateway.commands.output import Exit, fail, print_json

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
        fail(f"{path} exists; --replace ends the old password and everybody's sessions under it", Exit.USAGE)
    typed: str = typer.prompt("Mật khẩu · password", hide_input=True, confirmation_prompt="Lần nữa · once more")
    if len(typed) < SHORTEST:
        fail(f"a password has at least {SHORTEST} characters", Exit.USAGE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(PasswordHasher().hash(typed) + "\n")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", Exit.FAILED)
    if json:
        print_json({"hash": str(path)})
    else:
        typer.echo(f"hash written to {path}; in users/*.yaml write  password: file:{path}", err=True)
