"""How a command acts as an operator: through the running bus or, where none runs, on the log itself."""

from __future__ import annotations

import asyncio
import getpass
import os
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

from adapters.workspace.reading import load_bus
from adapters.workspace.snapshot import Workspace
from contracts.errors import BusError
from contracts.reasons import words_of
from contracts.said import in_lines, said
from contracts.wording import Language
from gateway.auth.keys import TokenKeyError
from gateway.auth.tokens import Tokens
from gateway.wiring.core import open_core
from gateway.wiring.offline import InvalidWorkspace, load_workspace
from gateway.wiring.run import Starter
from gateway.wiring.secrets import token_key_in, token_key_of

_MINUTE_S: Final = 60
_EXITS: Final = {404: 4, 403: 6, 409: 6, 422: 3, 400: 2, 503: 5}


class NotDone(Exception):
    """The act was not done; the message says why, `exit_code` how a command ends."""

    def __init__(self, message: str, exit_code: int = 5) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class OperatorDesk:
    """Calls `/operate/…`, wherever it is. A context manager."""

    def __init__(
        self,
        workspace: Workspace,
        client: httpx.AsyncClient,
        runner: asyncio.Runner,
        stack: AsyncExitStack,
        language: Language = Language.EN,
    ) -> None:
        self._client = client
        self._runner = runner
        self._stack = stack
        self._language = language
        self._token = operator_token(workspace)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def call(self, method: str, path: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        """The JSON answer. NotDone with the problem's own words."""
        response = self._asked(method, path, **options)
        body = response.json() if response.content else {}
        if response.is_success and isinstance(body, dict):
            return body
        raise _not_done(response)

    def read(self, path: str) -> bytes:
        """What lies at `path`, as it is. NotDone with the problem's own words."""
        response = self._asked("GET", path)
        if response.is_success:
            return response.content
        raise _not_done(response)

    def _asked(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        headers = {"authorization": f"Bearer {self._token}", "accept-language": self._language}
        try:
            return self._runner.run(self._client.request(method, path, headers=headers, **options))
        except httpx.TransportError as error:
            raise NotDone(said("the bus cannot be reached: {error}", error=error)) from error


def _not_done(response: httpx.Response) -> NotDone:
    body = response.json()
    return NotDone(f"{body.get('title')}: {body.get('detail')}", _EXITS.get(response.status_code, 1))


def open_desk(root: Path, language: Language = Language.EN) -> OperatorDesk:
    """A desk at the bus of the workspace in `root`, which speaks `language`. NotDone."""
    runner = asyncio.Runner()
    try:
        workspace = load_workspace(root)
        client, stack = runner.run(_client(workspace))
        return OperatorDesk(workspace, client, runner, stack, language)
    except (InvalidWorkspace, TokenKeyError, BusError, OSError) as error:
        runner.close()
        raise NotDone(words_of(error)) from error


def operator_token(workspace: Workspace) -> str:
    """A token good for a minute, in the name of whoever runs the command. TokenKeyError."""
    tokens = Tokens(token_key_of(workspace), workspace.bus.name, time.time)
    return tokens.issue(f"operator:{getpass.getuser()}", operator=True, lifetime_s=_MINUTE_S)


@dataclass(frozen=True, slots=True)
class Watched:
    """A running bus: where it is, and what gives a token that is good now."""

    url: str
    token: Callable[[], str | None]


def watched_bus(root: Path, url: str | None = None) -> Watched:
    """The running bus of the workspace in `root`; at `url`, where it listens elsewhere than bus.yaml says. NotDone."""
    bus, findings = load_bus(root)
    if bus is None:
        raise NotDone(in_lines(each.words() for each in findings), 3)
    try:
        tokens = Tokens(token_key_in(root, bus), bus.name, time.time)
    except TokenKeyError as error:
        raise NotDone(words_of(error)) from error
    http = bus.http
    subject = f"operator:{getpass.getuser()}"
    return Watched(
        url or f"http://{http.host}:{http.port}",
        lambda: tokens.issue(subject, operator=True, lifetime_s=_MINUTE_S),
    )


async def _client(workspace: Workspace) -> tuple[httpx.AsyncClient, AsyncExitStack]:
    stack = AsyncExitStack()
    http = workspace.bus.http
    url = os.environ.get("LIENTHONG_URL") or f"http://{http.host}:{http.port}"
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30, trust_env=False))
    try:
        await client.get("/healthz")
    except httpx.TransportError:
        await stack.aclose()
        return await _own_client(workspace)
    return client, stack


async def _own_client(workspace: Workspace) -> tuple[httpx.AsyncClient, AsyncExitStack]:
    """No bus runs: open the log here, let the ledger catch up, and serve the same routes to ourselves."""
    stack = AsyncExitStack()
    try:
        core = await open_core(workspace)
        stack.push_async_callback(core.close)
        start = Starter(core, "command", stack)
        await start.ledger()
        gateway = await start.gateway()
        await gateway.ledger_caught_up()
        transport = httpx.ASGITransport(app=gateway.app)
        client = httpx.AsyncClient(transport=transport, base_url="http://bus", timeout=30)
        await stack.enter_async_context(client)
    except BaseException:
        await stack.aclose()
        raise
    return client, stack
