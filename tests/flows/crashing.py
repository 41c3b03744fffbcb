"""Killing a bus while records pour in, and counting afterwards. `python -m tests.flows.crashing --count 10000` by hand."""

from __future__ import annotations

import argparse
import asyncio
import collections
import json
import os
import random
import secrets
import signal
import sys
import tempfile
from asyncio.subprocess import Process
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from deploy.ports import free_port
from gateway.wiring.issue import issue_token
from tests.flows.support import GOOD, MEASURED, NOTE, READING, Behaviour, FakeSystem, fine, write_workspace

_UP_S = 40.0
ENTRY = "test.entry"
_BOOKS = {"memo": ("m1", "m2", "m3"), "twice": ("t1", "t2", "t3")}
_STATIONS = ("A1", "A2", "A3")
_STUMBLES_EVERY = 13


@dataclass(frozen=True, slots=True)
class Count:
    """What came of it, by receiving system. `backwards` are calls with one book's entries, or one station's
    readings, after calls with later ones; `lost` are readings that never came."""

    receipts: int
    effects: int
    repeated: int
    in_doubt: int
    unsettled: int
    backwards: int
    lost: int
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

    async def ready(self, within_s: float = _UP_S) -> None:
        """Return once requests may be sent. TimeoutError."""
        async with asyncio.timeout(within_s), httpx.AsyncClient(trust_env=False) as client:
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
    """Send `count` submissions to both systems while `roles` are killed at random; count what came of them.

    Beside them, `count` entries in all are sent to books, and half as many readings are published: there each has its
    place, for their contracts are ordered.
    """
    rng = random.Random(seed)
    systems = {"memo": FakeSystem(stumbling()), "twice": FakeSystem(fine)}
    for system in systems.values():
        await system.start()
    port = free_port()
    write_workspace(root, {name: system.port for name, system in systems.items()}, transport=transport, port=port)
    add_order(root)
    bus = CrashingBus(root, port, roles)
    receipts: dict[str, str] = {}
    events: dict[str, str] = {}
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
            writers = [
                _writer(client, receiver, book, count // 6, receipts)
                for receiver, books in _BOOKS.items()
                for book in books
            ]
            stations = [_station(client, station, count // 6, events) for station in _STATIONS]
            await asyncio.gather(*(_sender(client, numbers, receipts) for _ in range(16)), *writers, *stations)
            while killed < kills and not kill_task.done():
                await asyncio.sleep(0.1)
            done.set()
            await kill_task
            outcomes = await _outcomes(client, receipts)
            await _outcomes(client, events)
    finally:
        await bus.stop()
        for system in systems.values():
            await system.stop()
    return {name: _count(name, systems[name], receipts, outcomes, len(events), killed) for name in systems}


def _count(
    name: str,
    system: FakeSystem,
    receipts: dict[str, str],
    outcomes: dict[str, str | None],
    events: int,
    kills: int,
) -> Count:
    mine = {exchange for exchange, receiver in receipts.items() if receiver == name}
    calls = collections.Counter(system.calls)
    return Count(
        receipts=len(mine),
        effects=len(calls.keys() & mine),
        repeated=sum(calls[exchange] - 1 for exchange in calls),
        in_doubt=sum(outcomes[exchange] == "in_doubt" for exchange in mine),
        unsettled=sum(outcomes[exchange] is None for exchange in mine),
        backwards=_backwards(system.bodies),
        lost=events - len({place for body in system.bodies if (place := _place(body))[0] in _STATIONS}),
        kills=kills,
    )


def _place(body: dict[str, Any]) -> tuple[str, float]:
    """The book or station of what came, and its number there; "" for a note, which has no place."""
    key = body.get("book") or body.get("station") or body.get("tram") or ""
    number = body["pm25"] if "pm25" in body else body.get("bui", body.get("number", 0))
    return key, float(number)


def _backwards(bodies: list[Any]) -> int:
    latest: dict[str, float] = {}
    found = 0
    for key, number in (_place(body) for body in bodies):
        if key:
            found += number < latest.get(key, 0)
            latest[key] = max(latest.get(key, 0), number)
    return found


async def _sender(client: httpx.AsyncClient, numbers: Any, receipts: dict[str, str]) -> None:
    """Send notes one after the other."""
    for number in numbers:
        receiver = ("memo", "twice")[number % 2]
        await _send(client, NOTE, {**GOOD, "number": number}, receiver, receipts)


async def _writer(client: httpx.AsyncClient, receiver: str, book: str, count: int, receipts: dict[str, str]) -> None:
    """Send the entries of one book in their order."""
    for number in range(count):
        await _send(client, ENTRY, {"book": book, "number": number}, receiver, receipts)


async def _station(client: httpx.AsyncClient, station: str, count: int, events: dict[str, str]) -> None:
    """Publish the readings of one station in their order."""
    for number in range(count):
        await _send(client, READING, {**MEASURED, "station": station, "pm25": float(number)}, "", events)


async def _send(
    client: httpx.AsyncClient, contract: str, body: dict[str, Any], receiver: str, receipts: dict[str, str]
) -> None:
    """Send until there is a receipt, always under the same key."""
    headers = {"idempotency-key": secrets.token_hex(8), **({"to": receiver} if receiver else {})}
    while True:
        try:
            answer = await client.post(f"/exchange/{contract}", json=body, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(0.1)
            continue
        if answer.status_code in {200, 202}:
            receipts[answer.json()["id"]] = receiver
            return
        if answer.status_code not in {429, 500, 502, 503}:
            raise AssertionError(answer.text)
        await asyncio.sleep(0.1)


def stumbling() -> Behaviour:
    """A system that is busy when some entries come for the first time."""
    seen: set[tuple[str, float]] = set()

    async def behave(request: web.Request) -> web.StreamResponse:
        entry = _place(await request.json())
        if entry[0] and entry[1] % _STUMBLES_EVERY == 0 and entry not in seen:
            seen.add(entry)
            return web.json_response({}, status=503)
        return await fine(request)

    return behave


def add_order(root: Path) -> None:
    """Both systems take the entries of books, and the readings of stations, in their order."""
    with (root / f"contracts/{READING}/contract.yaml").open("a", encoding="utf-8") as file:
        file.write("ordered: {key: /station}\n")
    folder = root / "contracts" / ENTRY
    fields = [{"name": "book", "type": "string"}, {"name": "number", "type": "int"}]
    schema = {"type": "record", "name": "Entry", "namespace": "test", "fields": fields}
    files = {
        "contract.yaml": "title: Entry\npattern: submission\nordered: {key: /book}\n",
        "v1/request.avsc": json.dumps(schema),
        "examples/request.json": json.dumps({"book": "m1", "number": 1}),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for system, is_idempotent in (("memo", "true"), ("twice", "false")):
        with (root / f"systems/{system}.yaml").open("a", encoding="utf-8") as file:
            file.write(
                f"  - contract: {ENTRY}\n    idempotent: {is_idempotent}\n"
                "    operation: {method: POST, path: /entries}\n"
            )
    with (root / "grants/g.yaml").open("a", encoding="utf-8") as file:
        file.write(
            f"  - {{id: g-entry, system: asker, contract: {ENTRY}, providers: [memo, twice], purpose: Thử nghiệm, "
            "legal_basis: không, from: 2025-01-01, view: all}\n"
        )


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
