"""The header `Link` of RFC 8288."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_LINK: Final = re.compile(r"""<([^<>]*)>((?:\s*;\s*[^\s=;,<>"]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)""")
_PARAMETER: Final = re.compile(r""";\s*([^\s=;,<>"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?""")
_LONGEST: Final = 16_384


def target(headers: Iterable[str], rel: str) -> str | None:
    """The address of the first link that is called `rel`, as it was written; None where there is none."""
    for header in headers:
        # Without runs of spaces, of which hostile ones would take long to search.
        for match in _LINK.finditer(" ".join(header[:_LONGEST].split())):
            parameters = _parameters(match[2])
            # A link from elsewhere (section 3.2) says nothing about this answer.
            if rel.lower() in parameters.get("rel", "").lower().split() and "anchor" not in parameters:
                return match[1].strip()
    return None


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(text):
        # Only the first of its name counts (section 3.3).
        found.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or plain)
    return found
