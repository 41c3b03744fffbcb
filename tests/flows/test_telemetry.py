"""A tracing system sees each hop of an exchange, under the ids that the bus's own messages carry."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import pytest

from gateway.wiring.tracing import trace_exchange
from tests.collector import Collector, Seen
from tests.flows.support import GOOD, LOOKUP, MEASURED, NOTE, READING, FakeSystem, RunningBus, fine, start_bus, status

TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
CLIENT: Final = "00f067aa0ba902b7"
TRACEPARENT: Final = f"00-{TRACE}-{CLIENT}-01"


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    collector = Collector()
    await collector.start()
    yield collector
    await collector.stop()


@pytest.fixture
async def bus(tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningBus]:
    """A bus that tells `collector`, on a log that can be looked at afterwards."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    telemetry = f'telemetry: {{otlp: "{collector.url}"}}\n'
    running = await start_bus(tmp_path / "ws", systems, transport="sqlite:log.db", settings=telemetry)
    yield running
    await running.stack.aclose()


def _is(name: str) -> Callable[[Seen], bool]:
    return lambda seen: seen.name == name


async def _one(collector: Collector, name: str) -> Seen:
    (found,) = await collector.has(_is(name))
    return found


async def test_a_submission_is_one_trace_from_the_client_to_the_system(bus: RunningBus, collector: Collector) -> None:
    sent = await bus.send(NOTE, GOOD, to="memo", traceparent=TRACEPARENT, idempotency_key="one")
    exchange = sent.json()["id"]
    await bus.settled(exchange)
    server = await _one(collector, "POST /exchange/{contract}")
    send, process = await _one(collector, "send in.memo"), await _one(collector, "process in.memo")
    call, settled = await _one(collector, "call memo"), await _one(collector, "send settled.memo")

    assert {seen.trace_id for seen in collector.spans} == {TRACE}
    assert (server.kind, server.parent) == ("SERVER", CLIENT)
    assert (send.kind, send.parent) == ("PRODUCER", server.span_id)
    assert (process.kind, process.parent) == ("CONSUMER", send.span_id)
    assert (call.kind, call.parent) == ("CLIENT", process.span_id)
    assert (settled.kind, settled.parent) == ("PRODUCER", process.span_id)
    assert sent.headers["traceparent"] == f"00-{TRACE}-{send.span_id}-01"
    assert bus.systems["memo"].traceparents == [f"00-{TRACE}-{call.span_id}-01"]

    assert server.attributes["http.response.status_code"] == 202
    assert server.attributes["http.route"] == "/exchange/{contract}"
    assert (
        process.attributes.items()
        >= {
            "messaging.system": "sqlite",
            "messaging.destination.name": "in.memo",
            "messaging.operation.type": "process",
            "messaging.message.id": exchange,
            "messaging.destination.partition.id": send.attributes["messaging.destination.partition.id"],
            "messaging.consumer.group.name": "worker",
            "lienthong.exchange": exchange,
            "lienthong.contract": "test.note@1",
            "lienthong.end": "delivered",
        }.items()
    )
    assert (
        call.attributes.items()
        >= {
            "server.address": "127.0.0.1",
            "server.port": bus.systems["memo"].port,
            "http.response.status_code": 200,
        }.items()
    )
    assert not any(seen.failed for seen in collector.spans)
    assert {seen.service for seen in collector.spans} == {"lienthong"}


async def test_a_trace_agrees_with_what_lienthong_trace_shows(bus: RunningBus, collector: Collector) -> None:
    sent = await bus.send(NOTE, GOOD, to="twice", traceparent=TRACEPARENT)
    exchange = sent.json()["id"]
    await bus.settled(exchange)
    await collector.has(_is("send settled.twice"), 2)
    await bus.stack.aclose()
    traced = await asyncio.to_thread(trace_exchange, bus.root, exchange, from_log=True)
    assert [hop.kind for hop in traced.hops] == ["accepted", "started", "settled"]
    assert {hop.span_id for hop in traced.hops} <= {seen.span_id for seen in collector.spans}
    assert {hop.trace_id for hop in traced.hops} == {TRACE}


async def test_a_query_is_one_trace_and_tells_no_body_nor_who_asked(bus: RunningBus, collector: Collector) -> None:
    body = {"person_id": "999314000017"}
    asked = await bus.send(LOOKUP, body, traceparent=TRACEPARENT, end_user="canbo.07", case_ref="HS-0042")
    assert asked.status_code == 200, asked.text
    server, reply = await _one(collector, "POST /exchange/{contract}"), await _one(collector, "send reply")
    process = await _one(collector, "process in.memo")
    assert server.attributes["http.response.status_code"] == 200
    assert process.attributes["lienthong.end"] == "data"
    assert (reply.parent, server.parent) == (process.span_id, CLIENT)
    assert (await _one(collector, "call memo")).parent == process.span_id
    for secret in (b"999314000017", "NGUYỄN".encode(), b"canbo.07", b"HS-0042"):
        assert secret not in collector.raw


async def test_each_copy_of_an_event_is_linked_to_it(bus: RunningBus, collector: Collector) -> None:
    sent = await bus.send(READING, MEASURED)
    assert sent.status_code == 202, sent.text
    event = await _one(collector, f"send event.{READING}")
    fan_out = await _one(collector, f"process event.{READING}")
    copies = await collector.has(lambda seen: seen.name in {"send in.memo", "send in.twice"}, 2)
    assert fan_out.parent == event.span_id
    assert {copy.parent for copy in copies} == {fan_out.span_id}
    assert {copy.links for copy in copies} == {(event.span_id,)}
    assert {copy.attributes["lienthong.event"] for copy in copies} == {sent.json()["id"]}
    taken = await collector.has(lambda seen: seen.name in {"process in.memo", "process in.twice"}, 2)
    assert {each.parent for each in taken} == {copy.span_id for copy in copies}


async def test_a_subscriptions_copies_are_linked_to_their_event_those_of_a_replay_too(
    bus: RunningBus, collector: Collector
) -> None:
    headers = {"authorization": f"Bearer {bus.token('memo')}"}
    wanted = {"contract": READING, "url": "https://receiver.invalid/hook"}
    made = (await bus.client.post("/subscriptions", json=wanted, headers=headers)).json()["id"]
    assert (await bus.send(READING, MEASURED)).status_code == 202
    event = await _one(collector, f"send event.{READING}")
    first = await _one(collector, "send in.memo_subscriptions")
    assert first.attributes["lienthong.receiver"] == made
    assert first.attributes["messaging.destination.name"] == f"in.{made}"
    assert first.attributes["messaging.destination.template"] == "in.memo_subscriptions"
    again = {"since": "2025-01-01T00:00:00Z"}
    asked = await bus.client.post(f"/subscriptions/{made}/replay", json=again, headers=headers)
    assert asked.status_code == 202, asked.text
    copies = await collector.has(_is("send in.memo_subscriptions"), 2)
    by = await collector.has(_is(f"process event.{READING}"), 2)
    assert {copy.links for copy in copies} == {(event.span_id,)}
    assert {copy.parent for copy in copies} == {each.span_id for each in by}
    assert {each.parent for each in by} == {event.span_id}
    await collector.has(_is("call memo_subscriptions"))
    assert not any(made in seen.name for seen in collector.spans)


async def test_a_call_that_fails_shows_why_and_the_next_attempt_hangs_under_it(
    bus: RunningBus, collector: Collector
) -> None:
    bus.systems["memo"].behave = status(503)
    sent = await bus.send(NOTE, GOOD, to="memo")
    (call, *_), (first, *_) = await collector.has(_is("call memo")), await collector.has(_is("process in.memo"))
    assert call.failed
    assert call.attributes["http.response.status_code"] == 503
    assert (first.failed, first.attributes["lienthong.end"]) == (True, "retrying")
    bus.systems["memo"].behave = fine
    await bus.settled(sent.json()["id"])
    later = await _one(collector, "send retry.1s")
    assert later.parent == first.span_id
    assert later.attributes["lienthong.attempt"] == 2


async def test_a_client_that_is_not_sampled_leaves_no_span(bus: RunningBus, collector: Collector) -> None:
    quiet = await bus.send(NOTE, GOOD, to="memo", traceparent=TRACEPARENT[:-1] + "0")
    await bus.settled(quiet.json()["id"])
    told = await bus.send(NOTE, {**GOOD, "number": 8}, to="memo")
    await bus.settled(told.json()["id"])
    await _one(collector, "process in.memo")
    assert TRACE not in {seen.trace_id for seen in collector.spans}


async def test_a_collector_that_is_away_delays_and_fails_nothing(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    await collector.stop()
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    bus = await start_bus(tmp_path / "ws", systems, settings=f'telemetry: {{otlp: "{collector.url}"}}\n')
    for number in range(50):
        sent = await bus.send(NOTE, {**GOOD, "number": number}, to="memo", prefer="wait=5")
        assert (sent.status_code, sent.json()["outcome"]) == (200, "delivered")
    await bus.stack.aclose()
    assert not any("Span" in thread.name for thread in threading.enumerate())


async def test_where_nobody_asks_for_traces_no_sdk_is_loaded(tmp_path: Path) -> None:
    # In a process of its own: another test may have loaded it here.
    bus = await start_bus(tmp_path / "ws", {"memo": FakeSystem(fine), "twice": FakeSystem(fine)})
    await bus.stack.aclose()
    program = (
        "import asyncio, sys\n"
        "from contextlib import AsyncExitStack\n"
        "from pathlib import Path\n"
        "from gateway.wiring.embedded import Bus\n"
        "from gateway.wiring.run import Address\n"
        "async def run():\n"
        "    async with AsyncExitStack() as stack:\n"
        f"        await Bus.start(Path({str(bus.root)!r}), stack, Address('127.0.0.1', 0))\n"
        "asyncio.run(run())\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )
    command = [sys.executable, "-c", program]
    told = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert (told.stdout.strip(), told.returncode) == ("[]", 0), told.stderr
