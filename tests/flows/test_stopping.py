"""A bus that is told to stop: what was begun ends, what waits is left to the next start, and nobody is kept."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from deploy.ports import free_port
from gateway.wiring.issue import issue_token
from tests.flows.support import GOOD, LOOKUP, NOTE, READING, FakeSystem, RunningBus, fine, start_bus, write_workspace

_ONE_AT_A_TIME = "concurrency: 1\n"


@dataclass(slots=True)
class Gate:
    """A system that answers only once the gate is open."""

    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    called: asyncio.Event = field(default_factory=asyncio.Event)

    async def behave(self, request: web.Request) -> web.StreamResponse:
        """Take the request, and wait."""
        self.called.set()
        await self.is_open.wait()
        return await fine(request)


def patient(root: Path) -> None:
    """Both systems are called one at a time, and may take long."""
    for name in ("memo", "twice"):
        path = root / f"systems/{name}.yaml"
        path.write_text(path.read_text("utf-8").replace("timeout_s: 1", "timeout_s: 60") + _ONE_AT_A_TIME, "utf-8")


async def slow_bus(root: Path, gate: Gate) -> RunningBus:
    """A bus that keeps its log, over systems behind `gate`."""
    systems = {"memo": FakeSystem(gate.behave), "twice": FakeSystem(gate.behave)}
    return await start_bus(root, systems, transport="sqlite:log.db", change=patient)


@pytest.mark.parametrize("system", ["memo", "twice"])
async def test_the_call_under_way_ends_and_what_waits_behind_it_is_made_once_after_the_next_start(
    tmp_path: Path, system: str
) -> None:
    """Whether or not the system would notice a second call: nothing is lost, nothing in doubt, nothing called twice."""
    gate = Gate()
    bus = await slow_bus(tmp_path, gate)
    sent = [(await bus.send(NOTE, GOOD, to=system)).json()["id"] for _ in range(5)]
    await gate.called.wait()
    stopping = asyncio.create_task(bus.stack.aclose())
    await asyncio.sleep(0.3)
    gate.is_open.set()
    # The systems stop with the bus; by then it has ended its call.
    await stopping
    assert len(bus.systems[system].calls) == 1
    again = await start_bus(tmp_path, bus.systems, transport="sqlite:log.db", change=patient)
    async with again.stack:
        assert {(await again.settled(each))["outcome"] for each in sent} == {"delivered"}
    assert sorted(bus.systems[system].calls) == sorted(sent)


async def test_who_waits_for_an_answer_or_for_news_is_not_kept(tmp_path: Path) -> None:
    """A query is answered with its receipt, a look at an exchange and a pull with what there is."""
    gate = Gate()
    bus = await slow_bus(tmp_path, gate)
    sent = (await bus.send(NOTE, GOOD, to="twice")).json()["id"]
    puller = {"authorization": f"Bearer {issue_token(tmp_path, 'memo', 600)}"}
    async with httpx.AsyncClient(base_url=bus.client.base_url, timeout=60, trust_env=False) as client:
        client.headers = bus.client.headers
        asked = [
            asyncio.create_task(each)
            for each in (
                client.get(f"/exchanges/{sent}", params={"wait": "60"}),
                client.get(f"/inbox/{READING}", params={"wait": "60"}, headers=puller),
                client.post(
                    f"/exchange/{LOOKUP}",
                    json={"person_id": "1"},
                    headers={"prefer": "wait=60", "end-user": "canbo", "case-ref": "1"},
                ),
            )
        ]
        await gate.called.wait()
        await asyncio.sleep(0.3)
        async with asyncio.timeout(20):
            await bus.stack.aclose()
            seen, pulled, query = await asyncio.gather(*asked)
    assert (seen.status_code, seen.json()["outcome"]) == (200, None)
    assert (pulled.status_code, pulled.json()["events"]) == (200, [])
    assert query.status_code == 202
    assert query.headers["location"].startswith("/exchanges/")


@pytest.fixture
async def stuck(tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A bus in a process of its own that makes a call without end."""
    gate, port = Gate(), free_port()
    async with AsyncExitStack() as stack:
        system = FakeSystem(gate.behave)
        await system.start()
        stack.push_async_callback(system.stop)
        stack.callback(gate.is_open.set)
        write_workspace(tmp_path, {"memo": system.port, "twice": system.port}, transport="sqlite:log.db", port=port)
        patient(tmp_path)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "gateway", "serve", str(tmp_path), stderr=asyncio.subprocess.PIPE
        )
        headers = {"authorization": f"Bearer {issue_token(tmp_path, 'asker', 600)}", "to": "twice"}
        async with httpx.AsyncClient(trust_env=False, timeout=30, headers=headers) as client, asyncio.timeout(40):
            while not gate.called.is_set():
                try:
                    await client.post(f"http://127.0.0.1:{port}/exchange/{NOTE}", json=GOOD)
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(0.05)
        yield process
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.timeout(90)
async def test_a_second_ctrl_c_ends_it_at_once(stuck: asyncio.subprocess.Process) -> None:
    """The first one waits for the call, and says that a second one does not."""
    stuck.send_signal(signal.SIGINT)
    assert stuck.stderr is not None
    async with asyncio.timeout(30):
        while b"told once more" not in await stuck.stderr.readline():
            pass
        stuck.send_signal(signal.SIGINT)
        assert await stuck.wait() == 128 + signal.SIGINT
