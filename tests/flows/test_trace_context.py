"""The W3C trace context through the bus: what a client sends is what the receiving system gets, or a trace of its own.

The cases are those that the working group's own tests put to a service.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from tests.collector import Collector
from tests.flows.support import GOOD, NOTE, FakeSystem, RunningBus, fine, start_bus

TRACE: Final = "12345678901234567890123456789012"
SPAN: Final = "1234567890123456"
PARENT: Final = f"00-{TRACE}-{SPAN}-01"

Sent = list[tuple[str, str]]


@pytest.fixture(params=["quiet", "with telemetry"])
async def bus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningBus]:
    """A bus with one receiving system; with telemetry the door makes a span of its own."""
    collector = Collector()
    await collector.start()
    settings = "" if request.param == "quiet" else f'telemetry: {{otlp: "{collector.url}"}}\n'
    running = await start_bus(tmp_path / "ws", {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, settings=settings)
    yield running
    await running.stack.aclose()
    await collector.stop()


async def received(bus: RunningBus, sent: Sent) -> tuple[str, str | None]:
    """The `traceparent` and `tracestate` that the system got of a submission with the headers `sent`."""
    headers = [("to", "memo"), ("prefer", "wait=10"), *sent]
    answer = await bus.client.post(f"/exchange/{NOTE}", json=GOOD, headers=headers)
    assert answer.status_code == 200, answer.text
    system = bus.systems["memo"]
    traceparent, tracestate = system.traceparents[-1], system.tracestates[-1]
    version, trace, span, flags = traceparent.split("-")
    assert (version, len(trace), len(span), len(flags)) == ("00", 32, 16, 2)
    assert int(trace, 16) != 0
    assert int(span, 16) not in {0, int(SPAN, 16)}
    return trace, tracestate


GOOD_PARENTS: Final[list[Sent]] = [
    [("traceparent", PARENT)],
    [("TraceParent", PARENT)],
    [("traceparent", f"00-{TRACE}-{SPAN}-00")],
    [("traceparent", f"cc-{TRACE}-{SPAN}-01")],
    [("traceparent", f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like")],
]

NO_PARENTS: Final[list[Sent]] = [
    [],
    [("traceparent", "")],
    [("traceparent", PARENT), ("traceparent", PARENT)],
    [("traceparent", f"00-{TRACE}-{SPAN}-01"), ("traceparent", f"00-{TRACE}-{SPAN}-02")],
    [("trace-parent", PARENT)],
    [("trace.parent", PARENT)],
    *[
        [("traceparent", text)]
        for text in (
            f"{PARENT}.",
            f"{PARENT}-what-the-future-will-be-like",
            f"cc-{TRACE}-{SPAN}-01.what-the-future-will-be-like",
            f"ff-{TRACE}-{SPAN}-01",
            f".0-{TRACE}-{SPAN}-01",
            f"0.-{TRACE}-{SPAN}-01",
            f"000-{TRACE}-{SPAN}-01",
            f"0-{TRACE}-{SPAN}-01",
            f"00-{'0' * 32}-{SPAN}-01",
            f"00-.{TRACE[1:]}-{SPAN}-01",
            f"00-{TRACE}3-{SPAN}-01",
            f"00-{TRACE[1:]}-{SPAN}-01",
            f"00-ABCDEF{TRACE[6:]}-{SPAN}-01",
            f"00-{TRACE}-{'0' * 16}-01",
            f"00-{TRACE}-.{SPAN[1:]}-01",
            f"00-{TRACE}-{SPAN}7-01",
            f"00-{TRACE}-{SPAN[1:]}-01",
            f"00-{TRACE}-{SPAN}-.0",
            f"00-{TRACE}-{SPAN}-0.",
            f"00-{TRACE}-{SPAN}-001",
            f"00-{TRACE}-{SPAN}-1",
        )
    ],
]

_LONG_KEY: Final = "z" * 256 + "=1"
_LONG_TENANT: Final = "t" * 241 + "@" + "v" * 14 + "=1"
_ALL_CHARACTERS: Final = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in ",=")


GOOD_STATES: Final[list[tuple[list[str], str]]] = [
    (["foo=1"], "foo=1"),
    (["foo=1", ""], "foo=1"),
    (["", "foo=1"], "foo=1"),
    (["foo=1,bar=2"], "foo=1,bar=2"),
    (["foo=1,bar=2", "rojo=1,congo=2", "baz=3"], "foo=1,bar=2,rojo=1,congo=2,baz=3"),
    (["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"),
    (["foo=1\t \t,\t \tbar=2,\t \tbaz=3"], "foo=1,bar=2,baz=3"),
    (["foo=1,,bar=2"], "foo=1,bar=2"),
    ([f"foo={_ALL_CHARACTERS}"], f"foo={_ALL_CHARACTERS}"),
    (["abcdefghijklmnopqrstuvwxyz0123456789_-*/= a b"], "abcdefghijklmnopqrstuvwxyz0123456789_-*/= a b"),
    (["0tenant@system=1"], "0tenant@system=1"),
    (["foo=1", _LONG_KEY], f"foo=1,{_LONG_KEY}"),
    (["foo=1", _LONG_TENANT], f"foo=1,{_LONG_TENANT}"),
    ([",".join(f"bar{n:02}={n:02}" for n in range(32))], ",".join(f"bar{n:02}={n:02}" for n in range(32))),
    # Over 512 characters: the long members go first, then the last.
    ([f"a=1,{_LONG_KEY},b={'x' * 255},c=3"], "a=1,c=3"),
    ([",".join(f"k{n}={'x' * 120}" for n in range(5))], ",".join(f"k{n}={'x' * 120}" for n in range(4))),
]

NO_STATES: Final = [
    "foo =1",
    "FOO=1",
    "foo.bar=1",
    "foo@=1,bar=2",
    "@foo=1,bar=2",
    "foo@@bar=1,bar=2",
    "foo@bar@baz=1,bar=2",
    "z" * 257 + "=1",
    "t" * 242 + "@v=1",
    "t@" + "v" * 15 + "=1",
    "foo=bar=baz",
    "foo=,bar=3",
    "foo",
    "foo=" + "x" * 257,
    ",".join(f"bar{n:02}={n:02}" for n in range(33)),
]


async def test_the_trace_of_a_good_parent_goes_on(bus: RunningBus) -> None:
    for sent in GOOD_PARENTS:
        trace, _ = await received(bus, sent)
        assert trace == TRACE, sent


async def test_what_is_no_parent_begins_a_trace_and_its_state_is_left_behind(bus: RunningBus) -> None:
    for sent in NO_PARENTS:
        trace, state = await received(bus, [*sent, ("tracestate", "foo=1")])
        assert trace != TRACE, sent
        assert state is None, sent


async def test_a_good_state_goes_on_in_its_order(bus: RunningBus) -> None:
    for states, expected in GOOD_STATES:
        sent = [("traceparent", PARENT), *(("tracestate", each) for each in states)]
        assert await received(bus, sent) == (TRACE, expected), states


async def test_a_state_that_breaks_a_rule_is_left_behind_and_the_trace_goes_on(bus: RunningBus) -> None:
    for state in NO_STATES:
        assert await received(bus, [("traceparent", PARENT), ("tracestate", state)]) == (TRACE, None), state
