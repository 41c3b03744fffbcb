"""`lienthong top` shows the running bus."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
import time

import pytest

from tests.flows.support import GOOD, LOOKUP, NOTE, RunningBus, status
from tests.flows.test_commands import lienthong


async def test_one_picture_tells_rates_backlogs_and_what_waits_for_a_person(bus: RunningBus) -> None:
    bus.systems["memo"].behave = status(401)
    sent = (await bus.send(NOTE, GOOD, to="memo")).json()["id"]
    async with asyncio.timeout(20):
        while not (await bus.client.get(f"/exchanges/{sent}")).json().get("waits_for_person"):
            await asyncio.sleep(0.05)
    asking = asyncio.create_task(ask(bus))
    try:
        result = await lienthong(bus, "top", "--json", "--every", "1.5")
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    found = json.loads(result.stdout)
    assert (found["bus"], found["ready"]) == ("test-bus", True)
    (lookup,) = [each for each in found["contracts"] if each["contract"] == LOOKUP]
    assert lookup["refused_per_s"] == lookup["per_s"] > 0
    (memo,) = [each for each in found["systems"] if each["system"] == "memo"]
    assert (memo["dead"], memo["in_doubt"]) == (1, 0)


async def ask(bus: RunningBus) -> None:
    """A sender that forgets the officer, again and again."""
    while True:
        await bus.send(LOOKUP, {"person_id": "1"})
        await asyncio.sleep(0.05)


async def test_status_is_for_operators_alone_and_counts_what_is_open(bus: RunningBus) -> None:
    assert (await bus.client.get("/operate/status")).status_code == 403
    bus.systems["twice"].behave = status(503)
    await bus.send(NOTE, GOOD, to="twice", prefer="respond-async")
    async with asyncio.timeout(20):
        while True:
            told = (await bus.operate("GET", "status")).json()
            (twice,) = [each for each in told["systems"] if each["system"] == "twice"]
            if twice["retrying"] == 1:
                break
            await asyncio.sleep(0.05)
    assert told["ledger"]["lag"] >= 0
    assert {each["system"] for each in told["systems"]} == {"memo", "twice"}


async def test_where_no_bus_runs_it_says_so_and_where(bus: RunningBus) -> None:
    result = await lienthong(bus, "top", "--once", "--url", "http://127.0.0.1:1")
    assert result.exit_code == 5
    assert "http://127.0.0.1:1" in result.output


async def test_with_a_token_no_workspace_is_needed_and_a_systems_token_is_refused(bus: RunningBus) -> None:
    ours = await lienthong(bus, "top", "--json", "--every", "0.2", "--token", bus.token(None))
    assert json.loads(ours.stdout)["bus"] == "test-bus"
    assert (await lienthong(bus, "top", "--json", "--token", bus.token("asker"))).exit_code == 6


@pytest.mark.parametrize("key", [b"q", b"\x03"], ids=["q", "Ctrl-C"])
async def test_on_a_terminal_it_lives_until_a_key_ends_it(bus: RunningBus, key: bytes) -> None:
    screen, code = await asyncio.to_thread(on_a_terminal, bus, key)
    assert b"test-bus" in screen
    assert b"memo" in screen
    # The screen is given back as it was.
    assert screen.rstrip().endswith(b"\x1b[?25h\x1b[?1049l")
    assert code == 0


def on_a_terminal(bus: RunningBus, key: bytes) -> tuple[bytes, int]:
    """What `top` writes on 80 × 24, until it is told to end once it has shown something."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-P", "-m", "gateway", "top", "-C", str(bus.root), "--url", str(bus.client.base_url)]
    env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}

    def take_the_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=env,
        preexec_fn=take_the_terminal,  # noqa: PLW1509
    )
    os.close(theirs)
    screen, until, pressed = b"", time.monotonic() + 60, False
    with contextlib.suppress(OSError):
        while time.monotonic() < until and (more := os.read(ours, 65_536)):
            screen += more
            if not pressed and b"memo" in screen:
                time.sleep(0.3)
                os.write(ours, key)
                pressed = True
    os.close(ours)
    return screen, process.wait(timeout=20)
