"""Roles in processes of their own are given a configuration: each switches by itself, and whoever does not is named."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.workspace.reading import load
from contracts.configuration import file_of, parts_of
from deploy.ports import free_port
from gateway.wiring.issue import issue_token
from tests.flows.crashing import CrashingBus
from tests.flows.support import GOOD, NOTE, FakeSystem, fine, write_workspace

_ROLES = ("ledger", "worker", "gateway")


@dataclass(slots=True)
class Roles:
    """A gateway, a worker and a ledger, with an operator and a sender at the gateway."""

    root: Path
    processes: CrashingBus
    operator: httpx.AsyncClient
    sender: httpx.AsyncClient
    memo: FakeSystem

    def signal(self, role: str, number: signal.Signals) -> None:
        """Send a signal to a role's process."""
        self.processes._processes[role].send_signal(number)

    async def apply(self, wait_s: int) -> tuple[str, dict[str, dict[str, Any]]]:
        """Apply what is on disk: its id, and how each role stands to it after at most `wait_s`."""
        files = load(self.root).files
        for content in files.values():
            for name, part in parts_of(content).items():
                (await self.operator.put(f"/operate/config/parts/{name}", content=part)).raise_for_status()
        named = [file_of(name, content) for name, content in sorted(files.items())]
        body = {
            "parent": (await self.operator.get("/operate/config")).json()["current"],
            "message": "because",
            "files": [{"name": file.name, "parts": list(file.parts)} for file in named],
        }
        made = await self.operator.post("/operate/config", json=body)
        assert made.status_code == 201, made.text
        return made.json()["id"], await self.stands(made.json()["id"], wait_s)

    async def stands(self, configuration: str, wait_s: int) -> dict[str, dict[str, Any]]:
        """How each role stands to a configuration."""
        shown = await self.operator.get(f"/operate/config/{configuration}", params={"wait": str(wait_s)})
        return {each["roles"][0]: each for each in shown.json()["processes"]}

    def write(self, memo: str) -> None:
        """The file of the system `memo`, changed."""
        (self.root / "systems/memo.yaml").write_text(memo, "utf-8")


@pytest.fixture
async def roles(tmp_path: Path, kafka_bootstrap: str) -> AsyncIterator[Roles]:
    """All roles, running."""
    memo, twice = FakeSystem(fine), FakeSystem(fine)
    async with AsyncExitStack() as stack:
        for system in (memo, twice):
            await system.start()
            stack.push_async_callback(system.stop)
        port = free_port()
        ports = {"memo": memo.port, "twice": twice.port}
        write_workspace(tmp_path, ports, transport=f"kafka://{kafka_bootstrap}", port=port)
        with (tmp_path / "bus.yaml").open("a", encoding="utf-8") as file:
            file.write("channels: {inbox: 1, reply: 1, other: 1}\n")
        processes = CrashingBus(tmp_path, port, _ROLES)
        stack.push_async_callback(processes.stop)
        await processes.start()
        await processes.ready()
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=f"http://127.0.0.1:{port}",
                    headers={"authorization": f"Bearer {issue_token(tmp_path, system, 3600)}"},
                    timeout=90,
                    trust_env=False,
                )
            )
            for system in (None, "asker")
        ]
        await _all_heard(clients[0])
        yield Roles(tmp_path, processes, clients[0], clients[1], memo)


async def _all_heard(operator: httpx.AsyncClient) -> None:
    """A process that starts says at once that it runs; the operator sees it once something was applied."""
    async with asyncio.timeout(60):
        while (await operator.get("/operate/config")).json()["heard"] < len(_ROLES):
            await asyncio.sleep(0.1)


@pytest.mark.timeout(170)
async def test_who_is_cut_off_or_refuses_is_named_and_follows_when_it_can(roles: Roles) -> None:
    """A worker is suspended while a configuration is applied, then lacks a secret of the next one, and at last is given
    an inbox that nobody had before."""
    memo = (roles.root / "systems/memo.yaml").read_text("utf-8")
    roles.signal("worker", signal.SIGSTOP)
    roles.write(memo.replace("path: /notes}", "path: /other-notes}"))
    first, stands = await roles.apply(wait_s=3)
    assert {role: each["stand"] for role, each in stands.items()} == {
        "gateway": "confirmed",
        "ledger": "confirmed",
        "worker": "pending",
    }
    receipt = (await roles.sender.post(f"/exchange/{NOTE}", json=GOOD, headers={"to": "memo"})).json()["id"]
    roles.signal("worker", signal.SIGCONT)
    stands = await roles.stands(first, wait_s=60)
    assert stands["worker"]["stand"] == "confirmed"
    assert await _outcome(roles, receipt) == "delivered"

    secret = roles.root / "secrets/memo.token"
    roles.write(memo.replace("timeout_s: 1}", 'timeout_s: 1, auth: {bearer: "file:secrets/memo.token"}}'))
    second, stands = await roles.apply(wait_s=60)
    assert stands["gateway"]["stand"] == "confirmed"
    assert stands["worker"]["stand"] == "refused"
    assert "secrets/memo.token" in stands["worker"]["reason"]
    assert stands["worker"]["running"] == first
    secret.write_text("t0ken", "utf-8")
    async with asyncio.timeout(90):
        while (await roles.stands(second, wait_s=5))["worker"]["stand"] != "confirmed":
            await asyncio.sleep(0.1)

    roles.write(memo)
    (roles.root / "systems/stranger.yaml").write_text(memo[: memo.index("  - contract: test.reading")], "utf-8")
    grants = roles.root / "grants/g.yaml"
    grants.write_text(grants.read_text("utf-8").replace("[memo, twice]", "[memo, twice, stranger]"), "utf-8")
    _, stands = await roles.apply(wait_s=60)
    assert {each["stand"] for each in stands.values()} == {"confirmed"}
    receipt = (await roles.sender.post(f"/exchange/{NOTE}", json=GOOD, headers={"to": "stranger"})).json()["id"]
    assert await _outcome(roles, receipt) == "delivered"


async def _outcome(roles: Roles, receipt: str) -> str:
    async with asyncio.timeout(60):
        while True:
            shown = await roles.sender.get(f"/exchanges/{receipt}", params={"wait": "5"})
            if shown.status_code == 200 and shown.json()["state"] == "settled":
                found: str = shown.json()["outcome"]
                return found
            await asyncio.sleep(0.1)


@pytest.mark.timeout(170)
async def test_a_gateway_shows_what_workers_elsewhere_have_done(roles: Roles) -> None:
    """In its metrics, and so in `lienthong top`; the ledger's process is there too."""
    receipt = (await roles.sender.post(f"/exchange/{NOTE}", json=GOOD, headers={"to": "memo"})).json()["id"]
    assert await _outcome(roles, receipt) == "delivered"
    async with asyncio.timeout(60):
        while True:
            lines = (await roles.sender.get("/metrics")).text.splitlines()
            done = [each for each in lines if each.startswith("lienthong_deliveries_total{")]
            if done and any('process="ledger@' in each for each in lines):
                break
            await asyncio.sleep(0.2)
    assert all('process="worker@' in each and 'system="memo"' in each for each in done)
    shown = await lienthong_top(roles)
    (memo,) = [each for each in shown["systems"] if each["system"] == "memo"]
    assert memo["per_s"] is not None


async def lienthong_top(roles: Roles) -> dict[str, Any]:
    """One picture, as an operator's program gets it."""
    arguments = ("-P", "-m", "gateway", "top", "-C", str(roles.root), "--json", "--every", "1")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    told, _ = await process.communicate()
    found: dict[str, Any] = json.loads(told)
    return found
