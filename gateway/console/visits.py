"""The door of every page: who is signed in, whether a form is theirs, and what they may do."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.context import Console, Visit, console_of
from gateway.console.drawing import HEADERS
from gateway.console.navigation import PAGES
from gateway.console.requests import Form, form_of, is_from_here, is_loopback, language_of_visit, one, theme_of_visit
from gateway.console.sessions import ABSOLUTE_S, Session
from gateway.problems import Problem

_COOKIE: Final = "lienthong_console"
_HOST_COOKIE: Final = "__Host-lienthong_console"
"""With TLS: a browser takes this name only from this very host, and sends it nowhere else."""

_SENT_TO: Final = ("/act", "/confirm", "/records", "/try")

Page = Callable[[Visit], Awaitable[Response]]
Act = Callable[[Visit, Form], Awaitable[Response]]


def page(handler: Page) -> Callable[[Request], Awaitable[Response]]:
    """A page for whoever is signed in; others are led to the sign-in, and back."""

    async def serve(request: Request) -> Response:
        visit = visit_of(request)
        if visit is None:
            return _to_sign_in(request)
        return _renewed(visit, await handler(visit))

    return serve


def visitor_act(handler: Act) -> Callable[[Request], Awaitable[Response]]:
    """A form that does what whoever is signed in may do, with a right of his own. Problem `foreign-form`."""

    async def serve(request: Request) -> Response:
        visit = visit_of(request)
        if visit is None:
            return _to_sign_in(request)
        form = await checked_form(visit)
        return _renewed(visit, await handler(visit, form))

    return serve


def act(handler: Act) -> Callable[[Request], Awaitable[Response]]:
    """A form that changes or shows something only operators may. Problem `viewer`, `foreign-form`."""

    async def of_operator(visit: Visit, form: Form) -> Response:
        if not visit.is_operator:
            raise Problem("viewer")
        return await handler(visit, form)

    return visitor_act(of_operator)


def visit_of(request: Request) -> Visit | None:
    """The visit that the request's cookie opens; None where it opens none."""
    console = console_of(request)
    cookie = request.cookies.get(_name(request))
    session = None if cookie is None else console.sessions.read(cookie, console.hash_of)
    user = None if session is None else console.user(session.user)
    if session is None or user is None:
        return None
    return Visit(console, request, user, session, language_of_visit(request))


async def checked_form(visit: Visit) -> Form:
    """The form of a visit, which came from a page of this session. Problem `foreign-form`."""
    form = await form_of(visit.request)
    wanted = visit.console.sessions.form_token(visit.session)
    if not is_from_here(visit.request) or not hmac.compare_digest(one(form, "form_token").encode(), wanted.encode()):
        raise Problem("foreign-form")
    return form


def draw(
    visit: Visit,
    template: str,
    status: int = 200,
    /,
    *,
    headers: dict[str, str] | None = None,
    **context: Any,  # noqa: ANN401 - whatever a template shows
) -> Response:
    """A page of a visit, with what every page knows of it."""
    around = around_of(visit.console, visit.request)
    token = visit.console.sessions.form_token(visit.session)
    known = {**around, "visitor": visit.user, "is_operator": visit.is_operator, "form_token": token, **context}
    return visit.console.drawing.page(visit.language, template, known, status, **(headers or {}))


def around_of(console: Console, request: Request) -> dict[str, Any]:
    """What is around every page, also before anybody is signed in."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return {
        "visitor": None,
        "is_operator": False,
        "form_token": "",
        "bus": console.gateway.directory().bus,
        "theme": theme_of_visit(request),
        "here": here if request.method == "GET" else _page_of(request.url.path),
        "pages": PAGES,
        "section": request.url.path.removeprefix("/console/").partition("/")[0],
    }


def _page_of(path: str) -> str:
    """The page that a form stands on, by where the form is sent."""
    for act_on_it in _SENT_TO:
        path = path.removesuffix(act_on_it)
    return path


def let_in(response: Response, request: Request, console: Console, session: Session) -> None:
    """Put the session's cookie on an answer."""
    value = console.sessions.seal(session, console.hash_of(session.user) or "")
    secure = not is_loopback(request)
    response.set_cookie(
        _name(request), value, max_age=ABSOLUTE_S, path="/", secure=secure, httponly=True, samesite="strict"
    )


def let_out(response: Response, request: Request) -> None:
    """Take the session's cookie away."""
    secure = not is_loopback(request)
    response.delete_cookie(_name(request), path="/", secure=secure, httponly=True, samesite="strict")


def _name(request: Request) -> str:
    return _COOKIE if is_loopback(request) else _HOST_COOKIE


def _renewed(visit: Visit, response: Response) -> Response:
    session = visit.console.sessions.renewed(visit.session)
    # A page that asks by itself keeps nobody signed in: only what a person does counts.
    if (
        session is not None
        and visit.request.headers.get("x-by-itself") is None
        and "set-cookie" not in response.headers
    ):
        let_in(response, visit.request, visit.console, session)
    return response


def _to_sign_in(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = "/console/sign-in?next=" + quote(here if request.method == "GET" else "/console/", safe="")
    if request.headers.get("hx-request") == "true":
        # A part of a page cannot be swapped for a sign-in: the whole page goes there.
        return Response(status_code=401, headers={**HEADERS, "hx-redirect": "/console/sign-in"})
    return RedirectResponse(target, 303, HEADERS)
