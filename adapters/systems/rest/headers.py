"""Headers that the YAML adds to a call."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator

from adapters.mapping.spec import mistake
from adapters.systems.rest.templates import Fill, Parts, Template, header_filler, only_hole

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS: Final = frozenset(
    {
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "idempotency-key",
        "keep-alive",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_SECRET: Final = frozenset({"authorization", "cookie", "proxy-authorization"})


def _name(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise mistake(f"“{text}” is no name of a header", "write letters, digits and hyphens, like X-Api-Key")
    if text.lower() in _OURS:
        raise mistake(f"the header {text} is the bus's own", "leave it out")
    return text


def _unambiguous(headers: dict[str, str]) -> dict[str, str]:
    for name, count in Counter(name.lower() for name in headers).items():
        if count > 1:
            raise mistake(f"the header {name} is there {count} times", "keep one")
        if name in _SECRET:
            raise mistake(f"the header {name} carries a secret", "write it under auth, in the connection")
    return headers


HeaderName = Annotated[str, AfterValidator(_name)]
"""The name of a header that may be added."""

Headers = Annotated[dict[HeaderName, Template], AfterValidator(_unambiguous)]
"""Headers by name; their values may have `{names}` in them."""

Add = tuple[str, str | None, Fill]


def compile_headers(headers: Mapping[str, str]) -> tuple[dict[str, str], tuple[Add, ...]]:
    """Those that are always the same, and how to make the others: name, the one part it stands for if any, value."""
    fixed = {name: text for name, text in headers.items() if "{" not in text}
    filled = tuple((name, only_hole(text), header_filler(text)) for name, text in headers.items() if "{" in text)
    return fixed, filled


def add_headers(headers: dict[str, str], filled: tuple[Add, ...], parts: Parts) -> None:
    """Fill in the headers that depend on the call; one that stands for a part that is not there is left out."""
    for name, part, fill in filled:
        if part is None or parts.get(part) is not None:
            headers[name] = fill(parts)
