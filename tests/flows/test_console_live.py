"""The console as it happens: what is sent is seen by whoever watches, and by nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.flows.console_visit import signed_in, with_user
from tests.flows.support import GOOD, NOTE, FakeSystem, RunningBus, fine, start_bus, status


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[RunningBus]:
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path / "workspace", systems, change=with_user)
    try:
        yield running
    finally:
        await running.stack.aclose()


async def test_now_is_the_first_page_after_the_sign_in(bus: RunningBus) -> None:
    async with signed_in(bus.bus.port) as browser:
        home = await browser.get("/console")
        assert home.headers["location"] == "/console/now"
        page = await browser.get("/console/now")
        assert page.status_code == 200
        assert "Exchanges a second" in page.text
        assert len(page.content) < 150_000


async def test_an_exchange_is_seen_by_whoever_watches(bus: RunningBus) -> None:
    async with signed_in(bus.bus.port) as browser, browser.stream("GET", "/console/now/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = stream.aiter_lines()
        await _until(events, "Nothing was sent in the last five minutes")
        answer = await bus.send(NOTE, GOOD, to="memo")
        assert answer.status_code == 202
        await _until(events, "1 in the last minute")


async def test_a_receiver_that_does_not_answer_is_seen_on_both_pages(bus: RunningBus) -> None:
    bus.systems["memo"].behave = status(503)
    for _ in range(6):
        await bus.send(NOTE, GOOD, to="memo")
    async with signed_in(bus.bus.port) as browser:
        async with browser.stream("GET", "/console/now/events") as stream:
            await _until(stream.aiter_lines(), "messages wait for it; nothing is lost")
        async with browser.stream("GET", "/console/map/events") as stream:
            await _until(stream.aiter_lines(), "‖ does not answer")


async def test_the_map_shows_who_may_and_who_did(bus: RunningBus) -> None:
    await bus.send(NOTE, GOOD, to="memo")
    async with signed_in(bus.bus.port) as browser, browser.stream("GET", "/console/map/events") as stream:
        await _until(stream.aiter_lines(), "Note → Idempotent receiver: 1 · flows")


async def test_without_a_session_nothing_is_told(bus: RunningBus) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bus.bus.port}", trust_env=False) as stranger:
        for place in ("now", "map"):
            assert (await stranger.get(f"/console/{place}/events")).status_code == 401
            page = await stranger.get(f"/console/{place}")
            assert page.headers["location"].startswith("/console/sign-in")


async def test_who_signs_out_is_told_nothing_more(bus: RunningBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.console.live.stream._LOOK_S", 0.2)
    async with signed_in(bus.bus.port) as browser, browser.stream("GET", "/console/map/events") as stream:
        events = stream.aiter_lines()
        await _until(events, "event: part")
        page = await browser.get("/console/exchanges")
        token = page.text.partition('name="form_token" value="')[2].partition('"')[0]
        await browser.post("/console/sign-out", data={"form_token": token})
        await _until(events, "event: over")
        async for line in events:
            assert not line.removeprefix("data:").strip()


async def test_a_bus_that_stops_keeps_nobody_waiting(bus: RunningBus) -> None:
    async with signed_in(bus.bus.port) as browser, browser.stream("GET", "/console/map/events") as stream:
        events = stream.aiter_lines()
        await _until(events, "event: part")
        async with asyncio.timeout(8):
            await bus.stack.aclose()


async def _until(events: AsyncIterator[str], text: str) -> None:
    """Read the stream until a line of it has `text`."""
    async with asyncio.timeout(20):
        async for line in events:
            if text in line:
                return
    pytest.fail(f"the stream ended before it said {text!r}")
