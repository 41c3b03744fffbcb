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
from adapters.workspace.snapshot import BusConfig, Workspace
from contracts.errors import BusError
from contracts.reasons import words_of
from contracts.said import in_lines, said
from contracts.wording import Language
from gateway.auth.keys import TokenKeyError
from gateway.auth.tokens import Tokens
from gateway.wiring.core import open_core
from gateway.wiring.offline import InvalidWorkspace, load_workspace
from gateway.wiring.run import Starter
from gateway.wiring.secrets import token_key_in

_MINUTE_S: Final = 60
_EXITS: Final = {404: 4, 403: 6, 409: 6, 422: 3, 400: 2, 503: 5}


class NotDone(Exception):
    """The act was not done; the message says why, `exit_code` how a command ends."""

    def __init__(self, message: str, exit_code: int = 5) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Unclear(NotDone):
    """The act was asked for, and no answer says whether it was done."""


class OperatorDesk:
    """Calls `/operate/…`, wherever it is. A context manager."""

    def __init__(
        self,
        token: str,
        client: httpx.AsyncClient,
        runner: asyncio.Runner,
        stack: AsyncExitStack,
        language: Language = Language.EN,
    ) -> None:
        self._client = client
        self._runner = runner
        self._stack = stack
        self._language = language
        self._token = token

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def call(self, method: str, path: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        """The JSON answer. NotDone with the problem's own words; Unclear where it may have been done all the same."""
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
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotDone(said("the bus cannot be reached: {error}", error=error)) from error
        except httpx.TransportError as error:
            raise Unclear(said("the bus cannot be reached: {error}", error=error)) from error


def _not_done(response: httpx.Response) -> NotDone:
    body = response.json()
    kind = Unclear if response.is_server_error else NotDone
    return kind(f"{body.get('title')}: {body.get('detail')}", _EXITS.get(response.status_code, 1))


def open_desk(root: Path, language: Language = Language.EN, *, whatever_is_on_disk: bool = False) -> OperatorDesk:
    """A desk at the bus of the workspace in `root`, which speaks `language`. NotDone.

    A bus that runs is asked, whatever is wrong with the files on disk but `bus.yaml`. Where none runs, the bus is taken
    to be as they say it is; with `whatever_is_on_disk`, as it was applied last and no more.
    """
    bus = _bus_of(root)
    runner = asyncio.Runner()
    try:
        token = _operator_tokens(root, bus)()
        client, stack = runner.run(_client(root, bus, whatever_is_on_disk=whatever_is_on_disk))
        return OperatorDesk(token, client, runner, stack, language)
    except (InvalidWorkspace, TokenKeyError, BusError, OSError) as error:
        runner.close()
        raise NotDone(words_of(error)) from error


def address_of(root: Path) -> str:
    """Where the bus of the workspace in `root` is reached, as its bus.yaml says. NotDone."""
    return _address(_bus_of(root))


def _address(bus: BusConfig) -> str:
    return f"http://{bus.http.host}:{bus.http.port}"


def _bus_of(root: Path) -> BusConfig:
    bus, findings = load_bus(root)
    if bus is None:
        raise NotDone(in_lines(each.words() for each in findings), 3)
    return bus


def _operator_tokens(root: Path, bus: BusConfig) -> Callable[[], str]:
    """Gives tokens good for a minute, in the name of whoever runs the command. TokenKeyError."""
    tokens = Tokens(token_key_in(root, bus), bus.name, time.time)
    subject = f"operator:{getpass.getuser()}"
    return lambda: tokens.issue(subject, operator=True, lifetime_s=_MINUTE_S)


@dataclass(frozen=True, slots=True)
class Watched:
    """A running bus: where it is, and what gives a token that is good now."""

    url: str
    token: Callable[[], str | None]


def watched_bus(root: Path, url: str | None = None) -> Watched:
    """The running bus of the workspace in `root`; at `url`, where it listens elsewhere than bus.yaml says. NotDone."""
    bus = _bus_of(root)
    try:
        token = _operator_tokens(root, bus)
    except TokenKeyError as error:
        raise NotDone(words_of(error)) from error
    return Watched(url or _address(bus), token)


async def _client(root: Path, bus: BusConfig, *, whatever_is_on_disk: bool) -> tuple[httpx.AsyncClient, AsyncExitStack]:
    stack = AsyncExitStack()
    url = os.environ.get("LIENTHONG_URL") or _address(bus)
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30, trust_env=False))
    try:
        await client.get("/healthz")
    except httpx.TransportError:
        await stack.aclose()
        return await _own_client(_bare(root, bus) if whatever_is_on_disk else load_workspace(root))
    return client, stack


def _bare(root: Path, bus: BusConfig) -> Workspace:
    """A workspace with nothing but its `bus.yaml`: all else is as it was applied."""
    return Workspace(
        root=root,
        folder=root,
        hash="",
        bus=bus,
        agencies={},
        systems={},
        contracts={},
        adapters={},
        services=(),
        publishers=(),
        grants=(),
        codelists={},
    )


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
