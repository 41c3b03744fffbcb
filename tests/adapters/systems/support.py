"""Systems on loopback, to the byte: what they send is what the test wrote."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.systems.kinds import open_provider
from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.operation import RestOperation
from contracts.json_types import JsonValue
from contracts.ports import Call, Provider

SERVICE = "test.lookup@1"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came over the wire. The names of headers are in small letters."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


Answering = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class RawSystem:
    """A server that reads HTTP requests and lets `answer` write whatever it likes. An answer that ends keeps the
    connection, unless it closed it."""

    answer: Answering
    asked: list[Asked] = field(default_factory=list)
    under_way: int = 0
    connections: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, **options: Any) -> None:
        """Listen, on the same port as before."""
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, **options)
            self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Be away: no listener, no connections."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while not writer.is_closing():
                await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _request(reader)
        self.asked.append(request)
        self.under_way += 1
        gone = asyncio.create_task(_end_of(reader))
        answering = asyncio.create_task(_awaited(self.answer(request, writer)))
        try:
            await asyncio.wait({gone, answering}, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
                await writer.drain()
            else:
                writer.close()
        finally:
            self.under_way -= 1
            gone.cancel()
            answering.cancel()
            await asyncio.gather(gone, answering, return_exceptions=True)


async def _awaited(answer: Awaitable[None]) -> None:
    await answer


async def _end_of(reader: asyncio.StreamReader) -> None:
    """Return once the caller hung up."""
    while not reader.at_eof():
        await asyncio.sleep(0.01)


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, target, headers, body)


def http(
    body: bytes | str | JsonValue = None, status: int = 200, *, length: int | None = None, **headers: str
) -> bytes:
    """A whole answer. What is neither bytes nor text is sent as JSON; keyword arguments are headers, `_` for `-`."""
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes):
        body = b"" if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("Content-Length", str(len(body) if length is None else length))
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


def says(answer: bytes, *, close: bool = False) -> Answering:
    """The system answers so."""

    async def behave(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        if close:
            await writer.drain()
            writer.close()

    return behave


def connection(port: int, **more: Any) -> RestConnection:
    """A connection to a system on loopback. As in the YAML, plain values are text."""
    return RestConnection.model_validate({"url": f"http://127.0.0.1:{port}", "allow_private": "true", **more})


def operation(**more: Any) -> RestOperation:
    """POST /people, unless told otherwise."""
    return RestOperation.model_validate({"path": "/people", **more})


def provider(
    to: RestConnection, does: RestOperation, secrets: dict[str, str] | None = None, base: Path | None = None
) -> Provider:
    """A provider with one operation."""
    return open_provider("rest", to, {SERVICE: does}, base=base or Path(), secrets=(secrets or {}).__getitem__)


def call(body: JsonValue = None, *, deadline_s: float = 5.0, exchange: str = "exchange-1", **parts: JsonValue) -> Call:
    """A call; keyword arguments are its parts."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    return Call(exchange, "test.lookup", SERVICE, body, parts, trace, 1, deadline_s)
