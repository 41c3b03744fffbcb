"""Killing a bus while records pour in, and counting afterwards. `python -m tests.flows.crashing --count 10000` by hand."""

from __future__ import annotations

import argparse
import asyncio
import collections
import os
import random
import secrets
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway.wiring.issue import issue_token
from tests.flows.support import GOOD, NOTE, FakeSystem, fine, write_workspace

_UP_S = 40.0


@dataclass(frozen=True, slots=True)
class Count:
    """What came of it, by receiving system."""

    receipts: int
    effects: int
    repeated: int
    in_doubt: int
    unsettled: int
    kills: int


class CrashingBus:
    """A bus in a process of its own (or in its roles on Kafka), which can be killed and started again."""

    def __init__(self, root: Path, port: int, roles: tuple[str, ...]) -> None:
        self._root = root
        self._port = port
        self._roles = roles
        self._processes: dict[str, Process] = {}

    async def start(self) -> None:
        """Start what does not run."""
        for role in self._roles:
            process = self._processes.get(role)
            if process is None or process.returncode is not None:
                arguments = ("-P", "-m", "gateway", role, str(self._root))
                with (self._root / f"{role}.log").open("ab") as errors:
                    self._processes[role] = await asyncio.create_subprocess_exec(
                        sys.executable, *arguments, stderr=errors
                    )

    async def ready(self) -> None:
        """Return once requests may be sent. TimeoutError."""
        async with asyncio.timeout(_UP_S), httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    if (await client.get(f"http://127.0.0.1:{self._port}/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    async def kill(self, role: str) -> None:
        """kill -9."""
        process = self._processes[role]
        process.send_signal(signal.SIGKILL)
        await process.wait()

    async def stop(self) -> None:
        """End all of it, gently."""
        for process in self._processes.values():
            if process.returncode is None:
                process.terminate()
        await asyncio.gather(*(process.wait() for process in self._processes.values()))


async def crash_test(
    root: Path, transport: str, roles: tuple[str, ...], *, count: int, kills: int, seed: int
) -> dict[str, Count]:
    """Send `count` submissions to both systems while `roles` are killed at random; count what came of them."""
    rng = random.Random(seed)
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    for system in systems.values():
        await system.start()
    port = free_port()
    write_workspace(root, {name: system.port for name, system in systems.items()}, transport=transport, port=port)
    bus = CrashingBus(root, port, roles)
    receipts: dict[str, str] = {}
    done = asyncio.Event()
    killed = 0

    async def killer() -> None:
        nonlocal killed
        while killed < kills and not done.is_set():
            await asyncio.sleep(rng.uniform(0.3, 2.0))
            if done.is_set():
                return
            await bus.kill(rng.choice(roles))
            killed += 1
            await bus.start()
            await bus.ready()

    try:
        await bus.start()
        await bus.ready()
        token = issue_token(root, "asker", 86_400)
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20, trust_env=False
        ) as client:
            kill_task = asyncio.create_task(killer())
            numbers = iter(range(count))
            await asyncio.gather(*(_sender(client, numbers, receipts) for _ in range(16)))
            while killed < kills and not kill_task.done():
                await asyncio.sleep(0.1)
            done.set()
            await kill_task
            outcomes = await _outcomes(client, receipts)
    finally:
        await bus.stop()
        for system in systems.values():
            await system.stop()
    return {name: _count(name, systems[name], receipts, outcomes, killed) for name in systems}


def _count(
    name: str, system: FakeSystem, receipts: dict[str, str], outcomes: dict[str, str | None], kills: int
) -> Count:
    mine = {exchange for exchange, receiver in receipts.items() if receiver == name}
    calls = collections.Counter(system.calls)
    return Count(
        receipts=len(mine),
        effects=len(calls.keys() & mine),
        repeated=sum(calls[exchange] - 1 for exchange in calls),
        in_doubt=sum(outcomes[exchange] == "in_doubt" for exchange in mine),
        unsettled=sum(outcomes[exchange] is None for exchange in mine),
        kills=kills,
    )


async def _sender(client: httpx.AsyncClient, numbers: Any, receipts: dict[str, str]) -> None:
    """Send one after the other, each until it has a receipt, always under the same key."""
    for number in numbers:
        key = secrets.token_hex(8)
        receiver = ("memo", "twice")[number % 2]
        headers = {"idempotency-key": key, "to": receiver}
        while True:
            try:
                answer = await client.post(f"/exchange/{NOTE}", json={**GOOD, "number": number}, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code in {200, 202}:
                receipts[answer.json()["id"]] = receiver
                break
            if answer.status_code not in {429, 500, 502, 503}:
                raise AssertionError(answer.text)
            await asyncio.sleep(0.1)


async def _outcomes(client: httpx.AsyncClient, receipts: dict[str, str]) -> dict[str, str | None]:
    slots = asyncio.Semaphore(16)

    async def one(exchange: str) -> tuple[str, str | None]:
        async with slots:
            for _ in range(60):
                answer = await client.get(f"/exchanges/{exchange}", params={"wait": "2"})
                if answer.status_code == 200 and answer.json()["state"] == "settled":
                    return exchange, str(answer.json()["outcome"])
                await asyncio.sleep(0.5)
        return exchange, None

    return dict(await asyncio.gather(*(one(exchange) for exchange in receipts)))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def main() -> None:
    """By hand, in numbers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)))
    parser.add_argument("--kafka", help="HOST:PORT; else the embedded log")
    options = parser.parse_args()
    roles = ("ledger", "worker", "gateway") if options.kafka else ("serve",)
    transport = f"kafka://{options.kafka}" if options.kafka else "sqlite:log.db"
    with tempfile.TemporaryDirectory() as folder:
        counts = asyncio.run(
            crash_test(Path(folder), transport, roles, count=options.count, kills=options.kills, seed=options.seed)
        )
    for name, count in counts.items():
        print(f"seed {options.seed} {name}: {count}")


if __name__ == "__main__":
    main()
