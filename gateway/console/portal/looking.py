"""Who looks at the portal: somebody who is signed in or, where the workspace says so, anybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from contracts.languages import Language
from gateway.console.context import Console, Visit, console_of
from gateway.console.requests import language_of_visit
from gateway.console.visits import around_of, draw, page, visit_of
from gateway.directory import Directory
from gateway.routing import today


@dataclass(frozen=True, slots=True)
class Look:
    """A request for a page of the portal. Without a `visit` it is by somebody whom nobody knows: contracts are shown
    to him, and who uses them is not."""

    console: Console
    request: Request
    language: Language
    visit: Visit | None

    @property
    def directory(self) -> Directory:
        """The workspace that is current now."""
        return self.console.gateway.directory()

    @property
    def today(self) -> date:
        """The day it is in the bus's zone."""
        return today(self.directory, self.console.gateway.now_ms())

    @property
    def is_part(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"


def portal_page(handler: Callable[[Look], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """A page for whoever may read the portal; others are led to the sign-in, and back."""

    async def of_visit(visit: Visit) -> Response:
        return await handler(Look(visit.console, visit.request, visit.language, visit))

    for_users = page(of_visit)

    async def serve(request: Request) -> Response:
        console, visit = console_of(request), visit_of(request)
        if visit is None and console.gateway.directory().publishing.is_portal_public:
            return await handler(Look(console, request, language_of_visit(request), None))
        return await for_users(request)

    return serve


def show(
    look: Look,
    template: str,
    *,
    headers: dict[str, str] | None = None,
    **context: Any,  # noqa: ANN401 - whatever a template shows
) -> Response:
    """A page of the portal."""
    if look.visit is not None:
        return draw(look.visit, template, headers=headers, **context)
    known = {**around_of(look.console, look.request), **context}
    return look.console.drawing.page(look.language, template, known, 200, **(headers or {}))
