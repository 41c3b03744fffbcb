"""Reading HTTP headers that carry text of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from starlette.requests import Request

from gateway.problems import Problem, Words

_MAX_TEXT: Final = 256

SentHeaders = Mapping[str, Sequence[bytes]]


def sent_headers(request: Request) -> SentHeaders:
    """What a request carries, by name in small letters. Looking for each name in turn takes longer than this."""
    sent: dict[str, list[bytes]] = {}
    for name, value in request.headers.raw:
        sent.setdefault(name.decode("latin-1"), []).append(value)
    return sent


def plain_header(sent: SentHeaders, name: str, default: str = "") -> str:
    """A header's value as it came; of several the first."""
    values = sent.get(name)
    return values[0].decode("latin-1") if values else default


def text_header(sent: SentHeaders, name: str, *, limit: int = _MAX_TEXT) -> str:
    """A header's text, "" where absent. UTF-8, raw or percent-encoded. Problem `header-invalid`."""
    values = sent.get(name)
    if values is None:
        return ""
    if len(values) > 1:
        raise Problem("header-invalid", name=name, why=Words("gửi nhiều hơn một lần", "sent more than once"))
    try:
        text = values[0].decode("utf-8")
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


def trace_headers(sent: SentHeaders) -> tuple[str, str]:
    """`traceparent` and `tracestate` as W3C's trace context reads them: of two parents none, and states joined."""
    parents = sent.get("traceparent", ())
    parent = parents[0].decode("latin-1") if len(parents) == 1 else ""
    return parent, b",".join(sent.get("tracestate", ())).decode("latin-1")


def wait_of(sent: SentHeaders, default_s: float, longest_s: float) -> float:
    """How long the client will wait, by `Prefer` (RFC 7240); `default_s` where it does not say."""
    for part in b",".join(sent.get("prefer", ())).decode("latin-1").split(","):
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
