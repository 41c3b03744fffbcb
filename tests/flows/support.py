"""A whole bus for a test: a workspace on disk, a provider that does as it is told, and clients."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from aiohttp import web
from argon2 import PasswordHasher

from gateway.auth.keys import write_token_key
from gateway.wiring.embedded import Bus
from gateway.wiring.issue import issue_token
from gateway.wiring.run import Address

NOTE: Final = "test.note"
LOOKUP: Final = "test.lookup"
READING: Final = "test.reading"
GOOD: Final = {"text": "xin chào", "number": 7}
MEASURED: Final[dict[str, Any]] = {"station": "A1", "pm25": 31.5, "operator": "canbo.07"}

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class FakeSystem:
    """A partner's system on loopback. `behave` answers; `calls` are the exchange ids that came, in order."""

    behave: Behaviour
    calls: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    traceparents: list[str] = field(default_factory=list)
    tracestates: list[str | None] = field(default_factory=list)
    port: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen; on the same port as before where it was stopped."""
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        if not self.port:
            self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Be away."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.headers.get("Idempotency-Key", ""))
        self.traceparents.append(request.headers.get("traceparent", ""))
        self.tracestates.append(request.headers.get("tracestate"))
        text = await request.text()
        self.bodies.append(json.loads(text) if text else None)
        return await self.behave(request)


async def fine(_request: web.Request) -> web.StreamResponse:
    """The system takes everything."""
    return web.json_response({"status": 1, "found": {"name": "NGUYỄN VĂN A", "born": "05/2014"}})


def status(code: int, **options: Any) -> Behaviour:
    """The system answers with that status."""

    async def behave(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": 0}, status=code, **options)

    return behave


async def hang(_request: web.Request) -> web.StreamResponse:
    """The system takes the request and never answers."""
    await asyncio.sleep(60)
    return web.Response()


def write_workspace(root: Path, ports: dict[str, int], *, transport: str = "memory:", port: int = 0) -> None:
    """A small workspace: `asker` may use `test.note` at `memo` and `twice`, and `test.lookup` at `memo`; it publishes
    `test.reading`, which `memo` is pushed in part and `twice` whole."""
    (root / "secrets").mkdir(parents=True, exist_ok=True)
    if not (root / "secrets/token.pem").exists():
        write_token_key(root / "secrets/token.pem")
        (root / "secrets/asker.hash").write_text(PasswordHasher(time_cost=1, memory_cost=1024).hash("s3cret"))
    for name, text in _files(ports, transport, port, f"t-{zlib.crc32(str(root).encode()):08x}").items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@dataclass(slots=True)
class RunningBus:
    """A bus, its systems, and a client that speaks as `asker`."""

    root: Path
    bus: Bus
    systems: dict[str, FakeSystem]
    client: httpx.AsyncClient
    stack: AsyncExitStack

    def token(self, system: str | None) -> str:
        """A bearer token for a system; an operator's where it is None."""
        return issue_token(self.root, system, 600)

    async def send(self, contract: str, body: object, **headers: str) -> httpx.Response:
        """POST a record; keyword arguments are headers with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(f"/exchange/{contract}", json=body, headers=named)

    async def settled(self, exchange: str, within_s: float = 20) -> dict[str, Any]:
        """The exchange once it is settled."""
        async with asyncio.timeout(within_s):
            while True:
                answer = await self.client.get(f"/exchanges/{exchange}", params={"wait": "5"})
                if answer.status_code == httpx.codes.OK and answer.json()["state"] == "settled":
                    found: dict[str, Any] = answer.json()
                    return found
                await asyncio.sleep(0.05)

    async def operate(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call as an operator."""
        headers = {"authorization": f"Bearer {self.token(None)}"}
        return await self.client.request(method, f"/operate/{path}", headers=headers, **options)


def as_it_is(_root: Path) -> None:
    """The workspace is left as it was written."""


async def start_bus(
    root: Path,
    systems: dict[str, FakeSystem],
    *,
    transport: str = "memory:",
    memo: str = "",
    settings: str = "",
    files: Mapping[str, str] | None = None,
    change: Callable[[Path], None] = as_it_is,
) -> RunningBus:
    """Start the systems and a bus over them. `memo` is added to that system's YAML, `settings` to `bus.yaml`; `files`
    take the place of others in the workspace, or are added to them; `change` may change any file."""
    stack = AsyncExitStack()
    for system in systems.values():
        await system.start()
        stack.push_async_callback(system.stop)
    write_workspace(root, {name: system.port for name, system in systems.items()}, transport=transport)
    with (root / "systems/memo.yaml").open("a", encoding="utf-8") as file:
        file.write(memo)
    with (root / "bus.yaml").open("a", encoding="utf-8") as file:
        file.write(settings)
    for name, text in (files or {}).items():
        (root / name).write_text(text, encoding="utf-8")
    change(root)
    running = await Bus.start(root, stack, Address("127.0.0.1", 0))
    headers = {"authorization": f"Bearer {issue_token(root, 'asker', 3600)}", "accept-language": "en"}
    client = httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{running.port}", headers=headers, timeout=60, trust_env=False
    )
    await stack.enter_async_context(client)
    return RunningBus(root, running, systems, client, stack)


def _files(ports: dict[str, int], transport: str, port: int, prefix: str) -> dict[str, str]:
    return {
        "bus.yaml": (
            f'name: test-bus\nprefix: {prefix}\ntransport: "{transport}"\nledger: "sqlite:ledger.db"\nlanguages: [vi, en]\n'
            f'token_key: "file:secrets/token.pem"\nhttp: {{host: 127.0.0.1, port: {port or 8080}}}\n'
        ),
        "agencies/a.yaml": _AGENCIES,
        f"contracts/{NOTE}/contract.yaml": "title: Note\npattern: submission\nmax_bytes: 2000\n",
        f"contracts/{NOTE}/v1/request.avsc": json.dumps(_NOTE),
        f"contracts/{NOTE}/examples/request.json": json.dumps(GOOD),
        f"contracts/{LOOKUP}/contract.yaml": (
            "title: Lookup\npattern: query\ndeadline_s: 3\nrequires: [end_user, case_ref]\n"
        ),
        f"contracts/{LOOKUP}/v1/request.avsc": json.dumps(_LOOKUP_REQUEST),
        f"contracts/{LOOKUP}/v1/reply.avsc": json.dumps(_LOOKUP_REPLY),
        f"contracts/{LOOKUP}/examples/request.json": json.dumps({"person_id": "999314000017"}),
        f"contracts/{LOOKUP}/examples/reply.json": json.dumps({"name": "A", "born": "2014-05", "secret": "x"}),
        f"contracts/{READING}/contract.yaml": "title: Reading\npattern: event\n",
        f"contracts/{READING}/v1/event.avsc": json.dumps(_READING),
        f"contracts/{READING}/examples/request.json": json.dumps(MEASURED),
        "systems/asker.yaml": f"publishes: [{READING}]\n",
        "systems/memo.yaml": _MEMO.replace("PORT", str(ports["memo"])),
        "systems/twice.yaml": _TWICE.replace("PORT", str(ports["twice"])),
        "grants/g.yaml": _GRANTS,
    }


_AGENCIES = """agencies:
  - code: H17
    name: Một cơ quan
    kind: state
    systems:
      - {id: asker, name: Asker, credentials: [{client_id: asker, secret: "file:secrets/asker.hash"}]}
      - {id: stranger, name: Stranger}
      - {id: memo, name: Idempotent receiver}
      - {id: twice, name: Receiver that remembers nothing}
"""
_NOTE = {
    "type": "record",
    "name": "Note",
    "namespace": "test",
    "fields": [
        {"name": "text", "type": "string"},
        {"name": "number", "type": "int"},
        {"name": "amount", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}], "default": None},
        {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": None},
        {"name": "items", "type": {"type": "array", "items": {"type": "record", "name": "Item", "fields": [
            {"name": "code", "type": "string"}, {"name": "size", "type": "double"}]}}, "default": []},
        {"name": "labels", "type": {"type": "map", "values": "string"}, "default": {}},
    ],
}  # fmt: skip
_READING = {
    "type": "record",
    "name": "Reading",
    "namespace": "test",
    "fields": [
        {"name": "station", "type": "string"},
        {"name": "pm25", "type": "double"},
        {"name": "operator", "type": ["null", "string"], "default": None},
    ],
}
_LOOKUP_REQUEST = {
    "type": "record",
    "name": "Lookup",
    "namespace": "test",
    "fields": [{"name": "person_id", "type": "string"}],
}
_LOOKUP_REPLY = {
    "type": "record",
    "name": "Found",
    "namespace": "test",
    "fields": [
        {"name": "name", "type": "string"},
        {"name": "born", "type": {"type": "string", "logicalType": "partial-date"}},
        {"name": "secret", "type": ["null", "string"], "default": None},
    ],
}
_MEMO = """kind: rest
connection: {url: "http://127.0.0.1:PORT", allow_private: true, timeout_s: 1}
breaker: {failures: 3, pause_s: 1}
retry: [1s, 2s]
services:
  - contract: test.note
    idempotent: true
    operation: {method: POST, path: /notes}
  - contract: test.reading
    idempotent: true
    operation: {method: POST, path: /readings}
  - contract: test.lookup
    idempotent: true
    operation:
      method: POST
      path: /people
      answers:
        - {when: {path: /body/status, equals: "2"}, is: no_data}
        - {when: {path: /body/status, equals: "3"}, is: withheld, reason: /body/why, ground: /body/law}
        - {when: {path: /body/status, equals: "4"}, is: rejected, detail: /body/why}
      record: /body/found
    request:
      map: {id: /person_id, officer: $end_user, dossier: $case_ref}
    reply:
      map:
        name: /name
        born: {from: /born, through: [{read_partial_date: ["dd/MM/yyyy", "MM/yyyy", "yyyy"]}]}
"""
_TWICE = """kind: rest
connection: {url: "http://127.0.0.1:PORT", allow_private: true, timeout_s: 1}
breaker: {failures: 3, pause_s: 1}
retry: [1s, 2s]
services:
  - contract: test.note
    idempotent: false
    operation: {method: POST, path: /notes}
  - contract: test.reading
    idempotent: false
    operation: {method: POST, path: /readings}
    request: {map: {tram: /station, bui: /pm25}}
"""
_GRANTS = """grants:
  - {id: g-note, system: asker, contract: test.note, providers: [memo, twice], purpose: Thử nghiệm, legal_basis: không, from: 2025-01-01, view: all}
  - {id: g-lookup, system: asker, contract: test.lookup, providers: [memo], purpose: Thử nghiệm, legal_basis: không, from: 2025-01-01, view: [/name, /born]}
  - {id: g-reading-memo, system: memo, contract: test.reading, providers: [asker], purpose: Thử nghiệm, legal_basis: không, from: 2025-01-01, view: [/station, /pm25]}
  - {id: g-reading-twice, system: twice, contract: test.reading, providers: [asker], purpose: Thử nghiệm, legal_basis: không, from: 2025-01-01, view: all}
"""
