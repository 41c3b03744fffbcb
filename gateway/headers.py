"""Reading HTTP headers that carry text of people."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from starlette.requests import Request

from gateway.problems import Problem, Words

_MAX_TEXT: Final = 256


def text_header(request: Request, name: str, *, limit: int = _MAX_TEXT) -> str:
    """A header's text, "" where absent. UTF-8, raw or percent-encoded. Problem `header-invalid`."""
    raw = request.headers.get(name)
    if raw is None:
        return ""
    if len(request.headers.getlist(name)) > 1:
        raise Problem("header-invalid", name=name, why=Words("gửi nhiều hơn một lần", "sent more than once"))
    try:
        text = raw.encode("latin-1").decode("utf-8")
        if "%" in text:
            text = unquote(text, errors="strict")
    except UnicodeError:
        raise Problem("header-invalid", name=name, why=Words("không phải UTF-8", "not UTF-8")) from None
    text = text.strip()
    if not text:
        raise Problem("header-invalid", name=name, why=Words("để trống", "empty"))
    if len(text) > limit:
        raise Problem(
            "header-invalid", name=name, why=Words(f"dài hơn {limit} ký tự", f"longer than {limit} characters")
        )
    if not text.isprintable():
        raise Problem("header-invalid", name=name, why=Words("có ký tự điều khiển", "control characters"))
    return text


def wait_of(request: Request, default_s: float, longest_s: float) -> float:
    """How long the client will wait, by `Prefer` (RFC 7240); `default_s` where it does not say."""
    for part in ",".join(request.headers.getlist("prefer")).split(","):
        name, _, value = part.partition(";")[0].strip().partition("=")
        if name.strip().lower() == "respond-async":
            return 0.0
        if name.strip().lower() == "wait":
            return _seconds("Prefer", value, longest_s)
    return min(default_s, longest_s)


def wait_parameter(request: Request, longest_s: float) -> float:
    """The query parameter `wait` in seconds, 0 where absent. Problem `bad-request`."""
    value = request.query_params.get("wait")
    return 0.0 if value is None else _seconds("wait", value, longest_s)


def _seconds(name: str, value: str, longest_s: float) -> float:
    text = value.strip().strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        why = Words(f"{name}: số giây chờ là số nguyên không âm", f"{name}: the seconds to wait are a whole number")
        raise Problem("bad-request", why=why)
    return min(float(text), longest_s)
