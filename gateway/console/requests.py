"""What the console reads of a request: forms, where it comes from, the language and look that were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from contracts.wording import Language
from gateway.context import gateway_of
from gateway.problems import Problem

HOME: Final = "/console/now"
LANGUAGE_COOKIE: Final = "lienthong_language"
THEME_COOKIE: Final = "lienthong_theme"
THEMES: Final = ("auto", "light", "dark")
_MAX_FORM: Final = 65_536
_MAX_FIELDS: Final = 300
_MAX_NEXT: Final = 1000

Form = Mapping[str, list[str]]


async def form_of(request: Request) -> Form:
    """The fields of a form. Problem `body-too-large`, `bad-request`."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > _MAX_FORM:
            raise Problem("body-too-large", limit=_MAX_FORM, contract="/console", headers={"connection": "close"})
        parts.append(part)
    try:
        pairs = parse_qsl(b"".join(parts).decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise Problem("bad-request", why="application/x-www-form-urlencoded") from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def one(form: Form, name: str) -> str:
    """The field's value; "" where it is absent."""
    return form.get(name, [""])[0]


def is_from_here(request: Request) -> bool:
    """Whether a form was sent from a page of this very site: browsers say so, and no script of another can."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site") == "same-origin"
    return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def is_loopback(request: Request) -> bool:
    """Whether the browser calls this machine by its own address, where there is no TLS and nobody listens."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def language_of_visit(request: Request) -> Language:
    """The language that was chosen, else the bus's own: a Vietnamese bus on an English browser speaks Vietnamese."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return Language(chosen) if chosen in set(Language) else gateway_of(request).directory().language


def theme_of_visit(request: Request) -> str:
    """light, dark, or auto: as the browser prefers."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"


def safe_next(wanted: str) -> str:
    """Where to go on: a page of the console, and nowhere else."""
    plain = wanted.isascii() and wanted.isprintable() and len(wanted) <= _MAX_NEXT
    if not plain or not wanted.startswith("/console/") or "\\" in wanted or "//" in wanted:
        return HOME
    return wanted
