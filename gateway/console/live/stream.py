"""Server-sent events: each new drawing of a page's part, for as long as its session lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.console.context import Console, console_of
from gateway.console.drawing import HEADERS
from gateway.console.live.feed import Full
from gateway.console.live.screen import Screen
from gateway.console.visits import visit_of

_LOOK_S: Final = 10.0
"""How often a session is looked at again, and a browser told that the line still stands."""
_RETRY: Final = b"retry: 3000\n\n"
_STILL_HERE: Final = b": still here\n\n"
_HEADERS: Final = {**HEADERS, "x-accel-buffering": "no"}


def events(screen: Callable[[Console], Screen[Any]]) -> Callable[[Request], Awaitable[Response]]:
    """The stream of one of the console's screens: 401 without a session, 503 where as many watch as may.

    It is no page: watching keeps nobody signed in.
    """

    async def serve(request: Request) -> Response:
        if visit_of(request) is None:
            return Response(status_code=401, headers=HEADERS)
        return _Stream(request, screen(console_of(request)))

    return serve


class _Stream(Response):
    def __init__(self, request: Request, screen: Screen[Any]) -> None:
        super().__init__(headers=_HEADERS, media_type="text/event-stream")
        # There is no telling how long it gets.
        self.raw_headers = [each for each in self.raw_headers if each[0] != b"content-length"]
        self._request = request
        self._screen = screen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self._screen.feed.watch():
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await _until_gone(receive, self._tell(send))
        except Full:
            await Response(status_code=503, headers={**HEADERS, "retry-after": "30"})(scope, receive, send)

    async def _tell(self, send: Send) -> None:
        async def say(text: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": text, "more_body": more})

        await say(_RETRY)
        version, feed = 0, self._screen.feed
        while not feed.is_over:
            visit = visit_of(self._request)
            if visit is None:
                await say(_event("over", ""), more=False)
                return
            seen = await feed.newer(version, _LOOK_S)
            if seen is None:
                await say(_STILL_HERE)
            else:
                version = seen.version
                await say(_event("part", await self._screen.part(seen, visit.language)))
        await say(b"", more=False)


async def _until_gone(receive: Receive, telling: Awaitable[None]) -> None:
    """Tell until all is told or nobody listens any more."""
    tasks = {asyncio.ensure_future(telling), asyncio.ensure_future(_gone(receive))}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _event(name: str, text: str) -> bytes:
    """One event; an empty line would end it, and none is in ours that matters."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""] if line.strip() or not text)
    return f"event: {name}\n{lines}\n".encode()
