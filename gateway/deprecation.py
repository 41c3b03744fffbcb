"""Says in an answer that what was asked for is about to go, and what takes its place.

`Deprecation` (RFC 9745) is since when, `Sunset` (RFC 8594) until when it is answered, `Link` (RFC 8288) where to go on.
Whoever finds out notes it; the application puts it on the answer, whatever that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_noted: ContextVar[list[Deprecated] | None] = ContextVar("noted", default=None)


@dataclass(frozen=True, slots=True)
class Deprecated:
    """What is about to go: since when, until when (None: nobody said), and the address of its successor, with what that
    is to it (a relation of RFC 8288)."""

    since: datetime
    until: datetime | None = None
    successor: str = ""
    relation: str = "successor-version"

    def headers(self) -> Mapping[str, str]:
        """As headers."""
        told = {"deprecation": f"@{int(self.since.timestamp())}"}
        if self.until is not None:
            told["sunset"] = format_datetime(self.until.astimezone(UTC), usegmt=True)
        if self.successor:
            told["link"] = f'<{self.successor}>; rel="{self.relation}"'
        return told


def note(deprecated: Deprecated) -> None:
    """Have the answer to the request under way say so; outside of a request nobody is told."""
    noted = _noted.get()
    if noted is not None and deprecated not in noted:
        noted.append(deprecated)


def telling(app: ASGIApp) -> ASGIApp:
    """`app`, whose answers say what was noted while they were made."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        noted: list[Deprecated] = []
        token = _noted.set(noted)

        async def tell(message: Message) -> None:
            if noted and message["type"] == "http.response.start":
                more = [(name.encode(), value.encode()) for each in noted for name, value in each.headers().items()]
                message = {**message, "headers": [*message["headers"], *_once(more)]}
            await send(message)

        try:
            await app(scope, receive, tell)
        finally:
            _noted.reset(token)

    return serve


def _once(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Of several dates the first of each, for those headers have one value; every link."""
    found: dict[tuple[bytes, bytes], tuple[bytes, bytes]] = {}
    for name, value in headers:
        found.setdefault((name, value if name == b"link" else b""), (name, value))
    return list(found.values())
