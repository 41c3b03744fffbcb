"""`GET /inbox/{contract}`: events for those who pull them, at their own pace."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Iterator
from datetime import datetime
from typing import Any, Final, TypeVar

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from contracts.errors import LogError
from contracts.said import said
from gateway.context import gateway_of
from gateway.headers import wait_parameter
from gateway.inbox import Inbox, Page, Pull
from gateway.problems import Problem

Result = TypeVar("Result")

_MAX_EVENTS: Final = 1000
_PIECE_BYTES: Final = 65_536
_PARAMETERS: Final = frozenset({"cursor", "from", "limit", "wait"})
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


async def get_inbox(request: Request) -> Response:
    """The events after a cursor. With `wait` the answer comes as soon as there is one."""
    gateway = gateway_of(request)
    principal = gateway.intake.authenticate(request.headers.get("authorization", ""))
    asked = _asked(request, gateway.directory().limits.max_wait_s)
    pulling = gateway.inbox.pull(principal, asked)
    try:
        page = await (_unless_gone(request, pulling) if asked.wait_s else pulling)
    except LogError as error:
        raise Problem("log-unreadable", headers={"retry-after": "1"}) from error
    gateway.metrics.pulled(asked.contract.partition("@")[0], len(page.events))
    response = _PageResponse(gateway.inbox, page)
    response.headers.update(gateway.inbox.life_headers(principal, asked.contract))
    return response


def _asked(request: Request, max_wait_s: float) -> Pull:
    """The path and the query parameters. Problem `bad-request` names what is wrong."""
    given = request.query_params
    strange = sorted({name[:40] for name in given} - _PARAMETERS)
    if strange or len(given.multi_items()) != len(given):
        known = ", ".join(sorted(_PARAMETERS))
        what = ", ".join(strange[:5]) or "…"
        why = said("{what}: there are {known}, each at most once", what=what, known=known)
        raise Problem("bad-request", why=why)
    since = given.get("from", "earliest")
    if "from" in given and given.get("cursor"):
        why = said("from: not together with cursor")
        raise Problem("bad-request", why=why)
    return Pull(
        contract=request.path_params["contract"],
        cursor=given.get("cursor", ""),
        since_ms=None if since in {"earliest", "latest"} else _time_ms(since),
        latest=since == "latest",
        limit=_limit(given.get("limit", "100")),
        wait_s=wait_parameter(request, max_wait_s),
    )


def _time_ms(text: str) -> int:
    # An unescaped "+" of a URL comes as a space.
    stated = text.upper().replace(" ", "+")
    wrong = said("from: earliest, latest, or a time of RFC 3339, such as 2026-01-31T08:00:00+07:00")
    if not _RFC_3339.fullmatch(stated):
        raise Problem("bad-request", why=wrong)
    try:
        return int(datetime.fromisoformat(stated).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Problem("bad-request", why=wrong) from None


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 0 < int(text) <= _MAX_EVENTS:
        raise Problem("bad-request", why=said("limit: 1–{most}", most=_MAX_EVENTS))
    return int(text)


async def _unless_gone(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """What `work` gives; ended where the client goes away before, so that nothing is left of it. ClientDisconnect."""
    working = asyncio.create_task(work)
    watching = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, watching):
            task.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class _PageResponse(Response):
    """A page in pieces: the texts of events are shared by all who are sent them, and are never copied together."""

    media_type = "application/json"

    def __init__(self, inbox: Inbox, page: Page) -> None:
        self._inbox = inbox
        self._page = page
        self._pieces = list(_pieces(page))
        length = str(sum(map(len, self._pieces)))
        super().__init__(headers={"cache-control": "no-store", "content-length": length})

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it, as fast as the client takes it."""
        with self._inbox.sending(self._page):
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            for piece in self._pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _pieces(page: Page) -> Iterator[bytes]:
    """The JSON of the page: small texts together, large ones as they are."""
    waiting, size = [b'{"events":['], 0
    for number, text in enumerate(page.events):
        waiting.append(b"," if number else b"")
        if size + len(text) > _PIECE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
        if len(text) > _PIECE_BYTES:
            yield text
        else:
            waiting.append(text)
            size += len(text)
    rest = orjson.dumps({"cursor": page.cursor, "more": page.more})
    yield b"".join((*waiting, b"],", rest[1:]))
