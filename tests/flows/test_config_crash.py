"""kill -9 while a configuration is written: either all of it is there, or nothing is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import httpx
import pytest

from adapters.workspace.reading import load
from contracts.configuration import file_of, parts_of
from deploy.ports import free_port
from gateway.wiring.issue import issue_token
from tests.flows.crashing import CrashingBus
from tests.flows.support import FakeSystem, fine, write_workspace

_CONFIG: Final = "/operate/config"


@pytest.fixture
async def killable(tmp_path: Path) -> AsyncIterator[tuple[CrashingBus, httpx.AsyncClient]]:
    """A bus in a process of its own, on the embedded log, and an operator at it."""
    memo, port = FakeSystem(fine), free_port()
    async with AsyncExitStack() as stack:
        await memo.start()
        stack.push_async_callback(memo.stop)
        write_workspace(tmp_path, {"memo": memo.port, "twice": memo.port}, transport="sqlite:log.db", port=port)
        bus = CrashingBus(tmp_path, port, ("serve",))
        stack.push_async_callback(bus.stop)
        await bus.start()
        await bus.ready()
        headers = {"authorization": f"Bearer {issue_token(tmp_path, None, 3600)}"}
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60, trust_env=False)
        yield bus, await stack.enter_async_context(client)


@pytest.mark.timeout(170)
async def test_a_bus_that_is_killed_between_parts_and_manifest_goes_by_what_it_had(
    killable: tuple[CrashingBus, httpx.AsyncClient], tmp_path: Path
) -> None:
    """The parts need not be sent again; what was applied survives the next kill."""
    bus, operator = killable
    running = (await operator.get(_CONFIG)).json()["running"]
    grants = tmp_path / "grants/g.yaml"
    as_it_was = grants.read_text("utf-8")
    grants.write_text(as_it_was.replace("view: [/name, /born]", "view: [/name]"), "utf-8")
    files = load(tmp_path).files
    for content in files.values():
        for name, part in parts_of(content).items():
            assert (await operator.put(f"{_CONFIG}/parts/{name}", content=part)).status_code == 204
    # Its disk is as it was: what it finds there does not hide what the log says.
    grants.write_text(as_it_was, "utf-8")
    await bus.kill("serve")
    await bus.start()
    await bus.ready()
    after = (await operator.get(_CONFIG)).json()
    assert (after["current"], after["running"]) == (None, running)
    named = [file_of(name, content) for name, content in sorted(files.items())]
    body = {
        "parent": None,
        "message": "narrower",
        "files": [{"name": file.name, "parts": list(file.parts)} for file in named],
    }
    made = await operator.post(_CONFIG, json=body)
    assert made.status_code == 201, made.text
    await bus.kill("serve")
    await bus.start()
    await bus.ready()
    assert (await operator.get(_CONFIG)).json()["running"] == made.json()["id"]
