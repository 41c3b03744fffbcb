"""`lienthong inbox CONTRACT`: pull events as a system would, and keep the place in a file."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import httpx
import orjson
import typer

from contracts.said import said
from gateway.commands.client import Account, account_of, explain, open_client, request, token_for
from gateway.commands.completion import client_names, contract_names
from gateway.commands.options import GivenDir, Json
from gateway.commands.output import Exit, fail
from gateway.commands.speaking import Answered, speak, told

_AGAIN_S: Final = 5.0
_WAIT_S: Final = 30


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("inbox", help="Pull events and print them, one a line.")(inbox)


def inbox(
    contract: Annotated[
        str, typer.Argument(help="For example environment.air-observation, or with @2.", autocompletion=contract_names)
    ],
    url: Annotated[
        str | None, typer.Option(envvar="LIENTHONG_URL", help="The gateway, where it is not the workspace's own.")
    ] = None,
    system: Annotated[
        str | None, typer.Option("--as", help="The system that pulls; needs --env-file.", autocompletion=client_names)
    ] = None,
    env_file: Annotated[Path | None, typer.Option(help="Where credentials are, as DIR/demo.env.")] = None,
    client_id: Annotated[str, typer.Option(envvar="LIENTHONG_CLIENT_ID")] = "",
    client_secret: Annotated[str, typer.Option(envvar="LIENTHONG_CLIENT_SECRET", hidden=True)] = "",
    cursor_file: Annotated[Path | None, typer.Option(help="Keep the place here; go on from it next time.")] = None,
    since: Annotated[str, typer.Option("--from", help="Without a place: earliest, latest, or a time.")] = "earliest",
    limit: Annotated[int, typer.Option(help="Events a request.", min=1, max=1000)] = 500,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more, until Ctrl-C.")] = False,
    skip_missed: Annotated[bool, typer.Option(help="Go on where events are not kept any more.")] = False,
    directory: GivenDir = None,
    language: Answered = None,
    json: Json = False,
) -> None:
    """Exit 0: all there is was printed; 6: refused, or events were missed; 4: no such contract; 1: not now; 5: the
    gateway cannot be reached."""
    speak(language)
    account = account_of(url, system, env_file, client_id, client_secret, workspace=directory)
    place = _Place(cursor_file, since)
    with open_client(account.url) as client:
        puller = _Puller(client, account, contract, told().language, patient=follow)
        while True:
            parameters = {**place.parameters(), "limit": str(limit), "wait": str(_WAIT_S if follow else 0)}
            page = puller.pull(parameters, skip_missed=skip_missed)
            for event in page["events"]:
                typer.echo(orjson.dumps(event).decode() if json else _line(event))
            # The place is kept once what comes before it is out: who stops in between sees some again, and misses none.
            sys.stdout.flush()
            place.keep(page["cursor"])
            if not page["more"] and not follow:
                return


class _Place:
    """How far the events were printed: a cursor, in a file where there is one."""

    def __init__(self, file: Path | None, since: str) -> None:
        self._file = file
        self._since = since
        self._cursor = ""
        try:
            if file is not None and file.exists():
                self._cursor = file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeError) as error:
            fail(said("{file} cannot be read: {error}", file=file, error=error), Exit.USAGE)

    def parameters(self) -> dict[str, str]:
        """What a request says of it."""
        return {"cursor": self._cursor} if self._cursor else {"from": self._since}

    def keep(self, cursor: str) -> None:
        """Go on from here, also after a crash at any moment."""
        if self._file is not None and cursor != self._cursor:
            beside = self._file.with_name(f".{self._file.name}.new")
            try:
                with beside.open("w", encoding="ascii") as file:
                    file.write(cursor + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(self._file)
            except OSError as error:
                fail(
                    said("{file} cannot be written: {strerror}", file=self._file, strerror=error.strerror), Exit.FAILED
                )
        self._cursor = cursor


class _Puller:
    """Asks for pages. A patient one waits where the gateway is away or busy."""

    def __init__(self, client: httpx.Client, account: Account, contract: str, language: str, *, patient: bool) -> None:
        self._client = client
        self._account = account
        self._path = f"/inbox/{quote(contract, safe='@.-')}"
        self._language = language
        self._patient = patient
        self._token = ""

    def pull(self, parameters: dict[str, str], *, skip_missed: bool) -> dict[str, Any]:
        """One page; ends the command where there is none to be had."""
        while True:
            response = self._ask(parameters)
            if response is not None and response.is_success:
                page: dict[str, Any] = orjson.loads(response.content)
                return page
            if response is not None and response.status_code == httpx.codes.GONE and skip_missed:
                typer.secho(explain(response), fg=typer.colors.YELLOW, err=True)
                parameters = {**parameters, "cursor": response.json()["earliest"]}
            elif response is None or response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                self._rest(response)
            else:
                hint = said("\n--skip-missed goes on without them") if response.status_code == httpx.codes.GONE else ""
                missing = response.status_code == httpx.codes.NOT_FOUND
                fail(explain(response) + hint, Exit.NOT_FOUND if missing else Exit.REFUSED)

    def _ask(self, parameters: dict[str, str]) -> httpx.Response | None:
        """The answer, with a new token where the old one is over; None where a patient one got none."""
        try:
            if self._token:
                response = self._get(parameters)
                if response.status_code != httpx.codes.UNAUTHORIZED:
                    return response
            self._token = token_for(self._client, self._account, self._send)
            return self._get(parameters)
        except httpx.TransportError:
            return None

    def _get(self, parameters: dict[str, str]) -> httpx.Response:
        headers = {"authorization": f"Bearer {self._token}", "accept-language": self._language}
        return self._send(self._client, "GET", self._path, params=parameters, headers=headers)

    def _send(self, client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; where the gateway is away, only a patient one comes back from it. httpx.TransportError."""
        if self._patient:
            return client.request(method, path, **options)
        return request(client, method, path, **options)

    def _rest(self, response: httpx.Response | None) -> None:
        """Wait a while; what is not patient ends."""
        what = said("{url} cannot be reached", url=self._account.url) if response is None else explain(response)
        if not self._patient:
            fail(what, Exit.FAILED)
        typer.secho(what, fg=typer.colors.YELLOW, err=True)
        asked = "" if response is None else response.headers.get("retry-after", "")
        time.sleep(float(asked) if asked.isascii() and asked.isdigit() else _AGAIN_S)


def _line(event: dict[str, Any]) -> str:
    source = str(event["source"]).removeprefix("/systems/")
    return f"{event['time']}  {event['id']}  {source}  {orjson.dumps(event['data']).decode()}"
