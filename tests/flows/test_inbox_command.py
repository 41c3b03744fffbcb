"""Pulling from the command line: what is printed, and from where it goes on."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.flows.support import READING, RunningBus
from tests.flows.test_inbox import opened, publish


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[RunningBus]:
    running = await opened(tmp_path, "memory:")
    async with running.stack:
        yield running


async def start(bus: RunningBus, *options: str, contract: str = READING) -> Process:
    environment = {
        **os.environ,
        "LIENTHONG_URL": f"http://127.0.0.1:{bus.bus.port}",
        "LIENTHONG_CLIENT_ID": "asker",
        "LIENTHONG_CLIENT_SECRET": "s3cret",
    }
    arguments = ("-P", "-m", "gateway", "inbox", contract, "--language", "en", *options)
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, env=environment, stdout=PIPE, stderr=PIPE)


async def run(bus: RunningBus, *options: str, contract: str = READING) -> tuple[int | None, list[dict[str, Any]], str]:
    """Exit code, events, what was said on standard error."""
    process = await start(bus, "--json", *options, contract=contract)
    out, said = await process.communicate()
    return process.returncode, [orjson.loads(line) for line in out.splitlines()], said.decode()


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [event["id"] for event in events]


async def test_it_prints_what_there_is_and_next_time_what_came_since(bus: RunningBus, tmp_path: Path) -> None:
    place = str(tmp_path / "place")
    first = await publish(bus, 5)
    code, events, _ = await run(bus, "--cursor-file", place, "--limit", "2")
    assert (code, ids(events)) == (0, first)
    second = await publish(bus, 2, first=5)
    code, events, _ = await run(bus, "--cursor-file", place)
    assert (code, ids(events)) == (0, second)
    assert events[0]["data"]["station"] == "A5"


async def test_a_puller_that_is_killed_in_the_middle_goes_on_and_misses_nothing(
    bus: RunningBus, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    published = await publish(bus, 20)
    process = await start(bus, "--json", "--follow", "--limit", "1", "--cursor-file", str(place))
    assert process.stdout is not None
    before = [orjson.loads(await process.stdout.readline()) for _ in range(5)]
    process.kill()
    rest = (await process.communicate())[0]
    before += [orjson.loads(line) for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    _, after, _ = await run(bus, "--cursor-file", str(place))
    assert ids(before) == published[: len(before)]
    assert ids(after) == published[20 - len(after) :]
    assert len(before) + len(after) in {20, 21}


async def test_it_follows_what_comes_and_shows_it_to_people(bus: RunningBus) -> None:
    process = await start(bus, "--follow", "--from", "latest")
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while "\nlienthong_inbox_polls 1.0\n" not in (await bus.client.get("/metrics")).text:
            await asyncio.sleep(0.05)
    (exchange,) = await publish(bus, 1)
    line = (await process.stdout.readline()).decode()
    process.kill()
    await process.wait()
    assert f"  {exchange}  asker  " in line
    assert '"station":"A0"' in line


async def test_a_refusal_is_said_with_its_exit_code(bus: RunningBus, tmp_path: Path) -> None:
    code, _, said = await run(bus, contract="test.note")
    assert code == 6
    assert "Not an event" in said
    code, _, said = await run(bus, contract="test.nothing")
    assert code == 4
    place = tmp_path / "place"
    place.write_text("tampered\n")
    code, _, said = await run(bus, "--cursor-file", str(place))
    assert code == 6
    assert "cursor" in said
    assert place.read_text() == "tampered\n"
