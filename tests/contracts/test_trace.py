"""One trace an exchange, whoever began it; what is no trace is no reason to refuse anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.trace import TraceContext

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADER = f"00-{TRACE}-{SPAN}-01"


def counting() -> Callable[[int], bytes]:
    """Bytes that are different at each call."""
    calls = iter(range(1, 100))
    return lambda size: bytes([next(calls)] * size)


def test_a_header_is_read_and_written_again() -> None:
    """As W3C has it."""
    found = TraceContext.parse(f" {HEADER}\t", "\tcongo=t61rcWkgMzE ")
    assert found == TraceContext(TRACE, SPAN, "01", "congo=t61rcWkgMzE")
    assert found is not None
    assert found.traceparent == HEADER


def test_a_hop_is_a_new_span_of_the_same_trace() -> None:
    """With the sender's own state and flags."""
    first = TraceContext.start(counting())
    assert first.traceparent == f"00-{'01' * 16}-{'02' * 8}-01"
    came = TraceContext(TRACE, SPAN, "00", "a=b")
    hop = came.child(counting())
    assert (hop.trace_id, hop.span_id, hop.flags, hop.state) == (TRACE, "01" * 8, "00", "a=b")


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    """And goes on as version 00."""
    found = TraceContext.parse(f"cc-{TRACE}-{SPAN}-01-what-the-future-holds")
    assert found is not None
    assert found.traceparent == HEADER


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        HEADER.upper(),
        HEADER + "-more",
        HEADER + "0",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}-{SPAN}-01",
        f"00_{TRACE}_{SPAN}_01",
        f"00-{TRACE}-{SPAN}-0g",
        f"00-{'٣' * 32}-{SPAN}-01",
        f"{HEADER}\n{HEADER}",
    ],
)
def test_what_is_no_trace_is_none(header: str) -> None:
    """The exchange then begins one of its own."""
    assert TraceContext.parse(header) is None


@pytest.mark.parametrize("state", ["x" * 513, "tên=giá trị", "a=b\x00", "a=b\r\nevil: 1"])
def test_a_state_that_is_none_is_left_behind(state: str) -> None:
    """The trace goes on without it; nothing of it gets into headers of ours."""
    found = TraceContext.parse(HEADER, state)
    assert found is not None
    assert found.state == ""


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.text() | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"), st.text())
def test_whatever_a_stranger_sends_is_a_trace_or_none(header: str, state: str) -> None:
    """And what was read is read again from what is written."""
    found = TraceContext.parse(header, state)
    if found is not None:
        assert TraceContext.parse(found.traceparent, found.state) == found
