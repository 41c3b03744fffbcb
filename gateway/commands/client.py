"""The commands' way to a running bus: HTTP, with a token of the system or operator that is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from contracts.said import said
from gateway.commands.output import Exit, fail
from gateway.wiring.operator import NotDone, address_of

_TIMEOUT_S = 90.0

Ask = Callable[..., httpx.Response]
"""Sends a request with a client: method, path, options of httpx."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks, and where."""

    url: str
    client_id: str
    client_secret: str


def account_of(
    url: str | None, system: str | None, env_file: Path | None, client_id: str, secret: str, *, workspace: Path | None
) -> Account:
    """The account that the options name; its bus is the one at `url`, else that of `workspace`, else that of `env_file`
    or of a workspace right here.

    With `env_file` (as the demo writes it) `system` picks `<SYSTEM>_CLIENT_ID` and `<SYSTEM>_CLIENT_SECRET` from it.
    """
    found = _read_env(env_file) if env_file is not None else {}
    if system and env_file is None:
        fail(said("--as picks a system from a file: give --env-file too"), Exit.USAGE)
    if system:
        prefix = system.upper().replace("-", "_")
        client_id = found.get(f"{prefix}_CLIENT_ID", client_id)
        secret = found.get(f"{prefix}_CLIENT_SECRET", secret)
        if not client_id:
            fail(said("{env_file} names no {prefix}_CLIENT_ID", env_file=env_file, prefix=prefix), Exit.USAGE)
    if not url and workspace is not None:
        url = _address(workspace)
    url = url or found.get("LIENTHONG_URL") or _address(Path())
    if not client_id or not secret:
        fail(
            said("no credentials: give --as with --env-file, or LIENTHONG_CLIENT_ID and LIENTHONG_CLIENT_SECRET"),
            Exit.USAGE,
        )
    return Account(url, client_id, secret)


def _address(workspace: Path) -> str:
    """Where the bus of the workspace listens; ends the command where there is none."""
    if not (workspace / "bus.yaml").exists():
        fail(said("no gateway: give -C with a workspace, --env-file, --url or LIENTHONG_URL"), Exit.USAGE)
    try:
        return address_of(workspace)
    except NotDone as error:
        fail(error, Exit(error.exit_code))


def token_for(client: httpx.Client, account: Account, ask: Ask | None = None) -> str:
    """A bearer token for the account; ends the command where it is refused. `ask` sends the request, else `request`."""
    response = (ask or request)(
        client,
        "POST",
        "/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(account.client_id, account.client_secret),
    )
    if response.status_code != 200:
        fail(
            said("{client_id} was not given a token: {why}", client_id=account.client_id, why=_why(response)),
            Exit.REFUSED,
        )
    return str(response.json()["access_token"])


def open_client(url: str) -> httpx.Client:
    """A client for one gateway."""
    return httpx.Client(base_url=url, timeout=_TIMEOUT_S, trust_env=False)


def request(client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
    """One request; ends the command where the gateway cannot be reached."""
    try:
        return client.request(method, path, **options)
    except httpx.TransportError as error:
        fail(
            said(
                "{base_url} cannot be reached: {error}", base_url=client.base_url, error=error or type(error).__name__
            ),
            Exit.UNREACHABLE,
        )


def explain(response: httpx.Response) -> str:
    """A problem as lines for people."""
    problem = _json(response)
    lines = [f"{response.status_code} {problem.get('title', '')}: {problem.get('detail', '')}".strip()]
    for error in problem.get("errors", []):
        lines.append(f"  {error.get('pointer') or '(record)'}: {error.get('detail', '')}")
        if error.get("remedy"):
            lines.append(f"      → {error['remedy']}")
    return "\n".join(lines)


def _why(response: httpx.Response) -> str:
    body = _json(response)
    return str(body.get("error_description") or body.get("detail") or response.status_code)


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {"detail": response.text[:200]}
    return body if isinstance(body, dict) else {}


def _read_env(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        fail(said("{path} cannot be read: {strerror}", path=path, strerror=error.strerror), Exit.USAGE)
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}
