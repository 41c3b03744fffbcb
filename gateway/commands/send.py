"""`lienthong send CONTRACT FILE`: send one record as a system would."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import orjson
import typer

from contracts.said import said
from gateway.commands.client import account_of, explain, open_client, request, token_for
from gateway.commands.completion import client_names, contract_names, system_names
from gateway.commands.options import GivenDir, Json
from gateway.commands.output import Exit, fail, print_json, say
from gateway.commands.speaking import Answered, speak, told

_NOT_FOUND = 404


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("send", help="Send a record (FILE, or - for standard input) and show what becomes of it.")(send)


def send(
    contract: Annotated[
        str, typer.Argument(help="For example population.person-lookup, or with @2.", autocompletion=contract_names)
    ],
    file: Annotated[Path, typer.Argument(help="The record as JSON; - reads standard input.", allow_dash=True)],
    url: Annotated[
        str | None, typer.Option(envvar="LIENTHONG_URL", help="The gateway, where it is not the workspace's own.")
    ] = None,
    system: Annotated[
        str | None, typer.Option("--as", help="The system that sends; needs --env-file.", autocompletion=client_names)
    ] = None,
    env_file: Annotated[Path | None, typer.Option(help="Where credentials are, as DIR/demo.env.")] = None,
    client_id: Annotated[str, typer.Option(envvar="LIENTHONG_CLIENT_ID")] = "",
    client_secret: Annotated[str, typer.Option(envvar="LIENTHONG_CLIENT_SECRET", hidden=True)] = "",
    to: Annotated[
        str | None,
        typer.Option(help="The receiving system, where several provide the contract.", autocompletion=system_names),
    ] = None,
    end_user: Annotated[str | None, typer.Option(help="The officer who asks.")] = None,
    case_ref: Annotated[str | None, typer.Option(help="The dossier that needs it.")] = None,
    purpose: Annotated[str | None, typer.Option(help="One of the purposes granted.")] = None,
    key: Annotated[str | None, typer.Option(help="The idempotency key; made where it is not given.")] = None,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the outcome.", min=0, max=60)] = 35,
    directory: GivenDir = None,
    language: Answered = None,
    json: Json = False,
) -> None:
    """Exit 0: an outcome, or a receipt; 6: refused; 4: no such contract; 1: failed, expired or not taken in; 5: the
    gateway cannot be reached."""
    speak(language)
    body = _read(file)
    account = account_of(url, system, env_file, client_id, client_secret, workspace=directory)
    headers = {"content-type": "application/json", "prefer": f"wait={wait}", "accept-language": told().language}
    optional = {"to": to, "end-user": end_user, "case-ref": case_ref, "purpose": purpose, "idempotency-key": key}
    headers.update({name: quote(value, safe=" /@.:_-") for name, value in optional.items() if value})
    with open_client(account.url) as client:
        headers["authorization"] = f"Bearer {token_for(client, account)}"
        response = request(client, "POST", f"/exchange/{quote(contract, safe='@.-')}", content=body, headers=headers)
    _show(response, json)


def _show(response: httpx.Response, json: bool) -> None:
    document: Any = orjson.loads(response.content)
    if json:
        receipt = {name: response.headers[name] for name in ("idempotency-key", "location") if name in response.headers}
        print_json({"status": response.status_code, **receipt, "body": document})
    elif response.is_success:
        typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
        if response.status_code == 202:
            say(
                said("receipt: {location}", location=response.headers.get("location")),
                colour=typer.colors.YELLOW,
                err=True,
            )
    else:
        typer.secho(explain(response), fg=typer.colors.RED, err=True)
    if response.status_code == _NOT_FOUND:
        raise typer.Exit(Exit.NOT_FOUND)
    if response.is_client_error:
        raise typer.Exit(Exit.REFUSED)
    if not response.is_success:
        raise typer.Exit(Exit.FAILED)


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        fail(said("{file} cannot be read: {strerror}", file=file, strerror=error.strerror), Exit.USAGE)
