"""What the command line tells those who run a bus."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.commands import build
from tests.flows.support import GOOD, LOOKUP, NOTE, RunningBus, status


async def lienthong(bus: RunningBus, *arguments: str, given: str = "") -> Result:
    """Run a command in the workspace of a bus, on a terminal of 100 columns."""
    env = {
        "COLUMNS": "100",
        "LIENTHONG_DIR": str(bus.root),
        "LIENTHONG_URL": str(bus.client.base_url),
        "LIENTHONG_CLIENT_ID": "asker",
        "LIENTHONG_CLIENT_SECRET": "s3cret",
    }
    return await asyncio.to_thread(CliRunner().invoke, build(), list(arguments), input=given, env=env)


async def dead_letter(bus: RunningBus) -> str:
    """An exchange that gave up."""
    bus.systems["memo"].behave = status(401)
    exchange: str = (await bus.send(NOTE, GOOD, to="memo")).json()["id"]
    async with asyncio.timeout(20):
        while not (await bus.client.get(f"/exchanges/{exchange}")).json().get("waits_for_person"):
            await asyncio.sleep(0.05)
    return exchange


async def test_a_dead_letters_id_stands_in_one_piece_to_be_copied(bus: RunningBus) -> None:
    exchange = await dead_letter(bus)
    listed = await lienthong(bus, "dead", "list")
    assert exchange in listed.stdout
    assert max(map(len, listed.stdout.splitlines())) <= 100


async def test_a_dead_letter_is_shown_and_given_up_with_a_reason(bus: RunningBus) -> None:
    exchange = await dead_letter(bus)
    assert "401" in (await lienthong(bus, "dead", "show", exchange)).stdout
    assert (await lienthong(bus, "dead", "drop", exchange, "--reason", "gửi nhầm")).exit_code == 0
    assert (await bus.settled(exchange))["reason"] == "gửi nhầm"
    assert (await lienthong(bus, "dead", "drop", exchange, "--reason", "gửi nhầm")).exit_code == 4
    assert "no dead letters" in (await lienthong(bus, "dead", "list")).stdout


async def test_a_trace_names_its_exchange_on_its_first_line(bus: RunningBus) -> None:
    sent = await bus.send(NOTE, GOOD, to="memo", prefer="wait=10")
    await bus.settled(sent.json()["id"])
    traced = await lienthong(bus, "trace", sent.json()["id"])
    assert traced.stdout.splitlines()[0].startswith(sent.json()["id"])
    assert "settled.memo" in traced.stdout


@pytest.mark.parametrize(
    ("contract", "body", "options", "code"),
    [
        (NOTE, json.dumps(GOOD), ("--to", "memo"), 0),
        (NOTE, json.dumps(GOOD), ("--to", "memo", "--wait", "0"), 0),
        (NOTE, "{", ("--to", "memo"), 6),
        (NOTE, "{}", ("--to", "memo"), 6),
        (LOOKUP, '{"person_id": "1"}', (), 6),
        ("test.nothing", "{}", (), 4),
        (NOTE, json.dumps(GOOD), ("--to", "memo", "--url", "http://127.0.0.1:1"), 5),
        (NOTE, json.dumps(GOOD), ("--as", "asker"), 2),
    ],
)
async def test_send_ends_with_what_became_of_it(
    bus: RunningBus, contract: str, body: str, options: tuple[str, ...], code: int
) -> None:
    sent = await lienthong(bus, "send", contract, "-", *options, given=body)
    assert sent.exit_code == code, sent.output


async def test_a_workspace_is_looked_for_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LIENTHONG_DIR", raising=False)
    told = await asyncio.to_thread(CliRunner().invoke, build(), ["dead", "list"])
    assert "give the folder that holds bus.yaml" in told.output
