"""W3C trace context: one trace an exchange, one span a hop."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_MOST_STATE: Final = 512
"""Characters of `tracestate` that are handed on: as many as the standard asks for, and no more."""
_LONG_MEMBER: Final = 128
_MOST_MEMBERS: Final = 32
_STATE_MEMBER = re.compile(
    r"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)
_NO_TRACE = "0" * 32
_NO_SPAN = "0" * 16

RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The trace an exchange belongs to and the span that the next hop hangs under (hex, as in `traceparent`)."""

    trace_id: str
    span_id: str
    flags: str = "01"
    state: str = ""

    @classmethod
    def start(cls, random_bytes: RandomBytes) -> TraceContext:
        """A new trace."""
        return cls(random_bytes(16).hex(), random_bytes(8).hex())

    @classmethod
    def parse(cls, traceparent: str, tracestate: str = "") -> TraceContext | None:
        """The context that the two W3C headers carry, or None where `traceparent` is not valid."""
        match = _TRACEPARENT.fullmatch(traceparent.strip(" \t"))
        if match is None or match[1] == _NO_TRACE or match[2] == _NO_SPAN:
            return None
        if match[4] is not None and match[0].startswith("00"):
            return None  # version 00 has four parts; later ones may have more, and are read as far as they are known
        return cls(match[1], match[2], match[3], _state(tracestate) if tracestate else "")

    def child(self, random_bytes: RandomBytes) -> TraceContext:
        """The context of a new span below this one."""
        return TraceContext(self.trace_id, random_bytes(8).hex(), self.flags, self.state)

    @property
    def traceparent(self) -> str:
        """The `traceparent` header value."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def _state(tracestate: str) -> str:
    """The list members of `tracestate` that go on with the trace; none at all where one is not well formed.

    A list that is too long loses whole members, the long ones first and then the last, as the standard advises.
    """
    members = [member for each in tracestate.split(",") if (member := each.strip(" \t"))]
    if len(members) > _MOST_MEMBERS or not all(map(_STATE_MEMBER.fullmatch, members)):
        return ""
    if _length(members) > _MOST_STATE:
        members = [member for member in members if len(member) <= _LONG_MEMBER]
    while _length(members) > _MOST_STATE:
        members.pop()
    return ",".join(members)


def _length(members: list[str]) -> int:
    return sum(map(len, members)) + len(members) - 1
