"""kill -9 while an agency's work is handed over under load, and while its heir is called for what waited."""

from __future__ import annotations

import asyncio
import collections
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from aiohttp import web
from typer.testing import CliRunner, Result

from deploy.ports import free_port
from gateway.commands import build
from gateway.wiring.issue import issue_token
from tests.flows.crashing import CrashingBus
from tests.flows.support import GOOD, NOTE, FakeSystem, fine, write_workspace
from tests.flows.test_hand_over import HAND_OVER, with_heir

_EVERY: Final = 3
_ENOUGH: Final = 20


class _Town:
    """A bus in a process of its own, on the embedded log; who sends; and how often each exchange took effect."""

    def __init__(self, root: Path, bus: CrashingBus, client: httpx.AsyncClient, effects: dict[str, list[str]]) -> None:
        self.root = root
        self.bus = bus
        self.effects = effects
        self.receipts: list[str] = []
        self.enough = asyncio.Event()
        self._client = client

    async def send(self) -> None:
        """Send one note after the other, each under one key until there is a receipt for it."""
        while not self.enough.is_set():
            headers = {"to": "memo", "idempotency-key": secrets.token_hex(8)}
            while not await self._received(headers):
                await asyncio.sleep(0.05)

    async def _received(self, headers: dict[str, str]) -> bool:
        try:
            answer = await self._client.post(f"/exchange/{NOTE}", json=GOOD, headers=headers)
        except httpx.TransportError:
            return False
        if answer.status_code == httpx.codes.ACCEPTED:
            self.receipts.append(answer.json()["id"])
            return True
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
        return False

    async def command(self, *arguments: str) -> Result:
        """Run it on the workspace of this bus."""
        return await asyncio.to_thread(CliRunner().invoke, build(), [*arguments, "--dir", str(self.root)])

    async def killed(self) -> None:
        """kill -9, and up again."""
        await self.bus.kill("serve")
        await self.bus.start()
        await self.bus.ready()

    async def outcome(self, exchange: str) -> str:
        """How it ended."""
        async with asyncio.timeout(60):
            while True:
                answer = await self._client.get(f"/exchanges/{exchange}", params={"wait": "5"})
                if answer.status_code == httpx.codes.OK and answer.json()["state"] == "settled":
                    return str(answer.json()["outcome"])
                await asyncio.sleep(0.05)


@asynccontextmanager
async def _town(root: Path) -> AsyncIterator[_Town]:
    effects: dict[str, list[str]] = {"memo": [], "heir": []}

    def counting(name: str, *, busy: bool) -> Any:
        async def behave(request: web.Request) -> web.StreamResponse:
            exchange = request.headers["Idempotency-Key"]
            if busy and int(exchange[-6:], 16) % _EVERY:
                return web.json_response({}, status=503)
            effects[name].append(exchange)
            return await fine(request)

        return behave

    # The breaker stays shut: what memo takes is taken, all else waits on a retry delay.
    systems = {
        "memo": FakeSystem(counting("memo", busy=True)),
        "twice": FakeSystem(fine),
        "heir": FakeSystem(counting("heir", busy=False)),
    }
    port = free_port()
    async with AsyncExitStack() as stack:
        for system in systems.values():
            await system.start()
            stack.push_async_callback(system.stop)
        write_workspace(root, {name: each.port for name, each in systems.items()}, transport="sqlite:log.db", port=port)
        memo = root / "systems/memo.yaml"
        # A receiver that remembers nothing: whoever calls it twice is found out.
        text = memo.read_text("utf-8").replace("idempotent: true", "idempotent: false", 1)
        memo.write_text(text.replace("failures: 3", "failures: 1000"), "utf-8")
        with_heir(root, systems)
        bus = CrashingBus(root, port, ("serve",))
        stack.push_async_callback(bus.stop)
        await bus.start()
        await bus.ready()
        headers = {"authorization": f"Bearer {issue_token(root, 'asker', 3600)}"}
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20, trust_env=False)
        yield _Town(root, bus, await stack.enter_async_context(client), effects)


@pytest.mark.timeout(170)
async def test_a_kill_in_the_middle_of_a_hand_over_loses_nothing_and_has_nothing_done_twice(tmp_path: Path) -> None:
    """Neither does a kill while the heir is called for what waited. What was under way to a receiver that remembers
    nothing may be in doubt, and is not called for again."""
    async with _town(tmp_path) as town:
        sending = [asyncio.create_task(town.send()) for _ in range(4)]
        await _until(lambda: len(town.receipts) >= _ENOUGH and len(town.effects["memo"]) > 0)
        handing = asyncio.create_task(town.command(*HAND_OVER, "--do"))
        # The files are rewritten, and the manifest is on its way.
        await _until(lambda: not (tmp_path / "systems/memo.yaml").exists() or handing.done())
        await town.killed()
        handed = await handing
        # It is known not to have been applied, and the files are as they were; or they say what was meant.
        is_as_it_was = (tmp_path / "systems/memo.yaml").exists()
        again = (*HAND_OVER, "--do") if is_as_it_was else ("apply", "-m", "finished", "--lang", "en")
        finished = await town.command(*again)
        assert finished.exit_code == 0, handed.output + finished.output
        await _until(lambda: len(town.effects["heir"]) > 0)
        await town.killed()
        town.enough.set()
        await asyncio.gather(*sending)
        outcomes = collections.Counter([await town.outcome(each) for each in town.receipts])
        done = [*town.effects["memo"], *town.effects["heir"]]
    assert set(outcomes) <= {"delivered", "in_doubt"}
    assert len(done) == len(set(done))
    assert set(done) <= set(town.receipts)
    assert outcomes["delivered"] <= len(done) <= outcomes.total()
    assert outcomes["in_doubt"] < outcomes["delivered"]


async def _until(holds: Any) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.005)
