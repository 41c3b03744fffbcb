"""Signing in and out, and what a visitor chooses for himself: the language and the look."""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.errors import LogError
from contracts.speech import N_, speech
from contracts.wording import Language
from gateway.console.context import Console, Visit, console_of
from gateway.console.drawing import HEADERS
from gateway.console.requests import (
    LANGUAGE_COOKIE,
    THEME_COOKIE,
    THEMES,
    form_of,
    is_from_here,
    is_loopback,
    language_of_visit,
    one,
    safe_next,
)
from gateway.console.visits import around_of, checked_form, let_in, let_out, visit_of
from gateway.problems import Problem

log = logging.getLogger(__name__)

_YEAR_S: Final = 31_536_000
_MAX_NAME: Final = 100
_MAX_PASSWORD: Final = 1000

WRONG: Final = N_("The user name or the password is not right.")
TOO_MANY: Final = N_("Too many sign-ins failed. Try again in %(seconds)s seconds.")
NO_COOKIE: Final = N_(
    "You were signed in, but your browser did not keep the cookie. Outside this machine the console is reached over"
    " HTTPS only."
)


async def show_sign_in(request: Request) -> Response:
    """`GET /console/sign-in?next=`"""
    following = safe_next(request.query_params.get("next", ""))
    if visit_of(request) is not None:
        return RedirectResponse(following, 303, HEADERS)
    return _form(request, following)


async def sign_in(request: Request) -> Response:
    """`POST /console/sign-in`: the name, the password; then on to where the visitor was going."""
    if not is_from_here(request):
        raise Problem("foreign-form")
    console = console_of(request)
    form = await form_of(request)
    name, password = one(form, "user").strip()[:_MAX_NAME], one(form, "password")[:_MAX_PASSWORD]
    following = safe_next(one(form, "next"))
    address = "unknown" if request.client is None else request.client.host
    wait_s = console.attempts.wait_s(name, address)
    if wait_s:
        console.audit.turned_away(_known(console, name), address, "too many failed")
        said = speech(language_of_visit(request)).gettext(TOO_MANY) % {"seconds": wait_s}
        return _form(request, following, said, 429, {"retry_after": str(wait_s)})
    if not await console.hashes.verify(console.hash_of(name), password):
        console.attempts.failed(name, address)
        console.audit.turned_away(_known(console, name), address, "wrong name or password")
        return _form(request, following, speech(language_of_visit(request)).gettext(WRONG), 401)
    console.attempts.succeeded(name)
    await console.audit.signed_in(name, address)
    response = RedirectResponse(f"/console/entered?next={quote(following, safe='')}", 303, HEADERS)
    let_in(response, request, console, console.sessions.begin(name))
    return response


async def entered(request: Request) -> Response:
    """`GET /console/entered?next=`: on to the page, or why the browser did not keep who it is."""
    following = safe_next(request.query_params.get("next", ""))
    if visit_of(request) is None:
        return _form(request, following, speech(language_of_visit(request)).gettext(NO_COOKIE), 401)
    return RedirectResponse(following, 303, HEADERS)


async def sign_out(request: Request) -> Response:
    """`POST /console/sign-out`; with `everywhere`, on every device. Problem `foreign-form`; LogError where the latter
    could not be made known to all."""
    visit = visit_of(request)
    response = RedirectResponse("/console/sign-in", 303, HEADERS)
    if visit is not None:
        if one(await checked_form(visit), "everywhere"):
            await _end_all(visit)
        else:
            await _end_this(visit)
    let_out(response, request)
    return response


async def _end_all(visit: Visit) -> None:
    await visit.console.sessions.end_all_of(visit.user.id)
    await visit.console.audit.signed_out_everywhere(visit.user.id)


async def _end_this(visit: Visit) -> None:
    try:
        await visit.console.sessions.end(visit.session)
    except LogError as error:
        # It has ended at this gateway, and the cookie is taken away: nobody is kept from leaving.
        log.warning("other gateways do not know that %s signed out: %s", visit.user.id, error)
    visit.console.audit.signed_out(visit.user.id)


async def set_preferences(request: Request) -> Response:
    """`POST /console/preferences`: `language`, `theme`, and where to go on. Kept in cookies that name nobody."""
    if not is_from_here(request):
        raise Problem("foreign-form")
    form = await form_of(request)
    response = RedirectResponse(safe_next(one(form, "next")), 303, HEADERS)
    chosen = {LANGUAGE_COOKIE: one(form, "language"), THEME_COOKIE: one(form, "theme")}
    for cookie, allowed in ((LANGUAGE_COOKIE, set(Language)), (THEME_COOKIE, set(THEMES))):
        if chosen[cookie] in allowed:
            response.set_cookie(
                cookie,
                chosen[cookie],
                max_age=_YEAR_S,
                path="/console",
                secure=not is_loopback(request),
                httponly=True,
                samesite="lax",
            )
    return response


def _known(console: Console, name: str) -> str:
    return "" if console.user(name) is None else name


def _form(
    request: Request, following: str, error: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    console = console_of(request)
    context: dict[str, Any] = {
        **around_of(console, request),
        "following": following,
        "error": error,
        "here": f"/console/sign-in?next={quote(following, safe='')}",
    }
    return console.drawing.page(language_of_visit(request), "sign_in.html", context, status, **(headers or {}))
