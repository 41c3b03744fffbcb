"""`lienthong token`: keys, tokens and credentials, for whoever can read the token key."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer
from argon2 import PasswordHasher

from contracts.said import said
from gateway.auth.keys import TokenKeyError, write_token_key
from gateway.commands.completion import system_names
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, say
from gateway.wiring.issue import NoSuchSystem, issue_token
from gateway.wiring.offline import InvalidWorkspace


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("token", help="Mint a token for a system or an operator; make a token key or a client secret.")(token)


def token(
    directory: InDir = Path(),
    system: Annotated[str | None, typer.Argument(help="The system to mint for.", autocompletion=system_names)] = None,
    operator: Annotated[bool, typer.Option("--operator", help="Mint an operator's token.")] = False,
    lifetime_s: Annotated[int, typer.Option(help="How long it is good.", min=1, max=86_400)] = 3600,
    new_key: Annotated[Path | None, typer.Option(help="Write a new token key here; never overwrites.")] = None,
    new_secret: Annotated[Path | None, typer.Option(help="Make a client secret; its hash is written here.")] = None,
    json: Json = False,
) -> None:
    """Exit 0; 3: the workspace or key cannot be used; 4: no such system."""
    if new_key is not None:
        _write_key(new_key)
    elif new_secret is not None:
        _write_secret(new_secret, json)
    else:
        _mint(directory, system, operator, lifetime_s, json)


def _mint(directory: Path, system: str | None, operator: bool, lifetime_s: int, json: bool) -> None:
    if (system is None) != operator:
        fail(said("give a SYSTEM, or --operator"), Exit.USAGE)
    try:
        issued = issue_token(directory, system, lifetime_s)
    except (InvalidWorkspace, TokenKeyError) as error:
        fail(error, Exit.INVALID)
    except NoSuchSystem as error:
        fail(error, Exit.NOT_FOUND)
    if json:
        print_json({"access_token": issued, "token_type": "Bearer", "expires_in": lifetime_s})
    else:
        typer.echo(issued)


def _write_key(path: Path) -> None:
    try:
        write_token_key(path)
    except FileExistsError:
        fail(said("{path} exists; a token key is never overwritten", path=path), Exit.USAGE)
    except OSError as error:
        fail(said("{path} cannot be written: {strerror}", path=path, strerror=error.strerror), Exit.FAILED)
    say(said("token key written to {path}; copy it to every gateway, and to nobody else", path=path), err=True)


def _write_secret(path: Path, json: bool) -> None:
    secret = secrets.token_urlsafe(32)
    if path.exists():
        fail(said("{path} exists; delete it first if its secret is to end", path=path), Exit.USAGE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PasswordHasher().hash(secret) + "\n", encoding="utf-8")
    if json:
        print_json({"client_secret": secret, "hash": str(path)})
    else:
        typer.echo(secret)
        say(said("shown once; its hash is in {path}", path=path), err=True)
