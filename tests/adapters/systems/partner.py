"""A partner's system on loopback, as its own developers would write it: with a web framework, by path."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from contracts.json_types import JsonValue
from contracts.ports import Answer, Provider
from tests.adapters.systems.support import call, connection, operation, provider

Page = Callable[["Visit"], Awaitable[web.StreamResponse] | web.StreamResponse]


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, read to its end."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    text: str
    form: Mapping[str, str]
    hang_up: Callable[[], None]

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)


@dataclass(slots=True)
class Partner:
    """`pages` answer, by path; `visits` are the requests that came, in order."""

    pages: dict[str, Page] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    port: int = 0

    def to(self, path: str) -> list[Visit]:
        """The requests to one path."""
        return [visit for visit in self.visits if visit.path == path]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What the page at the path answers."""
        text, transport = await request.text(), request.transport
        assert transport is not None
        is_form = request.content_type == "application/x-www-form-urlencoded"
        form = {name: str(value) for name, value in (await request.post()).items()} if is_form else {}
        visit = Visit(request.path, request.query, request.headers, request.cookies, text, form, transport.close)
        self.visits.append(visit)
        answered = self.pages[request.path](visit)
        return answered if isinstance(answered, web.StreamResponse) else await answered


@asynccontextmanager
async def running(partner: Partner) -> AsyncIterator[Partner]:
    """The partner, listening."""
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{path:.*}", partner.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", partner.port)
    await site.start()
    partner.port = runner.addresses[0][1]
    try:
        yield partner
    finally:
        await runner.cleanup()


@asynccontextmanager
async def calling(
    partner: Partner, to: dict[str, Any], does: dict[str, Any] | None = None, **secrets: str
) -> AsyncIterator[Callable[..., Awaitable[Answer]]]:
    """Calls to the partner: a function that takes a body. `secrets` are by the name of their variable."""
    known = {f"env:{name}": value for name, value in secrets.items()}
    calls: Provider = provider(connection(partner.port, **to), operation(**(does or {})), known)

    async def make(body: JsonValue = None, *, deadline_s: float = 5.0) -> Answer:
        return await calls.call(call(body, deadline_s=deadline_s))

    await calls.start()
    try:
        yield make
    finally:
        await calls.close()


async def at_once(*several: Awaitable[Answer]) -> list[Answer]:
    """All of them at the same time."""
    return list(await asyncio.gather(*several))
