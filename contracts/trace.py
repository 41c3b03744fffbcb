"""W3C trace context: one trace an exchange, one span a hop."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_MAX_TRACESTATE = 512
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
        match = _TRACEPARENT.fullmatch(traceparent.strip())
        if match is None or match[1] == _NO_TRACE or match[2] == _NO_SPAN:
            return None
        if match[4] is not None and match[0].startswith("00"):
            return None  # version 00 has four parts; later ones may have more, and are read as far as they are known
        state = tracestate.strip()
        if len(state) > _MAX_TRACESTATE or not state.isascii() or not state.isprintable():
            state = ""
        return cls(match[1], match[2], match[3], state)

    def child(self, random_bytes: RandomBytes) -> TraceContext:
        """The context of a new span below this one."""
        return TraceContext(self.trace_id, random_bytes(8).hex(), self.flags, self.state)

    @property
    def traceparent(self) -> str:
        """The `traceparent` header value."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"
