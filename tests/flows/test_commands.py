"""What the command line tells those who run a bus."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.commands import build
from tests.flows.support import GOOD, LOOKUP, NOTE, READING, RunningBus, status


async def lienthong(bus: RunningBus, *arguments: str, given: str = "", url: str = "") -> Result:
    """Run a command in the workspace of a bus, on a terminal of 100 columns; the bus is reached at `url`, if given."""
    env = {
        "COLUMNS": "100",
        "LIENTHONG_DIR": str(bus.root),
        "LIENTHONG_URL": url or str(bus.client.base_url),
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


async def test_send_and_inbox_go_where_the_workspace_says_that_its_bus_listens(bus: RunningBus, tmp_path: Path) -> None:
    """Also where the file with the credentials says otherwise; an address that is given counts more than both."""
    settings = (bus.root / "bus.yaml").read_text("utf-8")
    (bus.root / "bus.yaml").write_text(settings.replace("port: 8080", f"port: {bus.bus.port}"), "utf-8")
    credentials = tmp_path / "clients.env"
    credentials.write_text(
        "LIENTHONG_URL=http://127.0.0.1:1\nASKER_CLIENT_ID=asker\nASKER_CLIENT_SECRET=s3cret\n", "utf-8"
    )
    account = ("--as", "asker", "--env-file", str(credentials), "--lang", "en")
    there = ("-C", str(bus.root))

    def run(*arguments: str, **variables: str) -> Result:
        return CliRunner().invoke(build(), [*arguments, *account], input=json.dumps(GOOD), env=variables)

    sent = await asyncio.to_thread(run, "send", NOTE, "-", "--to", "memo", *there)
    assert sent.exit_code == 0, sent.output
    pulled = await asyncio.to_thread(run, "inbox", READING, *there)
    assert (pulled.exit_code, "No grant" in pulled.output) == (6, True), pulled.output
    elsewhere = await asyncio.to_thread(run, "send", NOTE, "-", *there, LIENTHONG_URL="http://127.0.0.1:2")
    assert (elsewhere.exit_code, "127.0.0.1:2 cannot be reached" in elsewhere.output) == (5, True)
    by_file = await asyncio.to_thread(run, "send", NOTE, "-")
    assert (by_file.exit_code, "127.0.0.1:1 cannot be reached" in by_file.output) == (5, True)


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


async def test_a_workspace_is_compared_applied_and_rolled_back_in_words(bus: RunningBus) -> None:
    """The first apply has nothing to go back to; the second one has."""
    assert (await lienthong(bus, "diff", "--lang", "en")).exit_code == 0
    systems = bus.root / "systems/memo.yaml"
    as_started = systems.read_text("utf-8")
    systems.write_text(as_started.replace("retry: [1s, 2s]", "retry: [1s]"), "utf-8")
    differs = await lienthong(bus, "diff", "--lang", "en")
    assert differs.exit_code == 1
    assert differs.stdout.splitlines()[1:] == ["adapter memo: retries: 1 s, 2 s → 1 s"]
    systems.write_text(as_started, "utf-8")
    applied = await lienthong(bus, "apply", "-m", "as it is", "--lang", "en")
    assert applied.exit_code == 0, applied.output
    assert "confirmed" in applied.stdout
    first = (await bus.operate("GET", "config")).json()["current"]
    async with asyncio.timeout(20):
        while "as it is" not in (await lienthong(bus, "trace", first)).output:
            await asyncio.sleep(0.1)
    assert (await lienthong(bus, "rollback", "--lang", "en")).exit_code == 4
    grants = bus.root / "grants/g.yaml"
    grants.write_text(grants.read_text("utf-8").replace("view: [/name, /born]", "view: [/name]"), "utf-8")
    differs = await lienthong(bus, "diff", "--lang", "en")
    assert (differs.exit_code, differs.stdout.strip()) == (1, "grant g-lookup: view: /born removed")
    assert "bỏ /born" in (await lienthong(bus, "diff", "--lang", "vi")).stdout
    narrower = json.loads((await lienthong(bus, "apply", "-m", "narrower", "--json")).stdout)
    assert [each["stand"] for each in narrower["processes"]] == ["confirmed"]
    assert (await lienthong(bus, "diff")).exit_code == 0
    assert "nothing to apply" in (await lienthong(bus, "apply", "-m", "again", "--lang", "en")).stdout
    back = await lienthong(bus, "rollback", "--json")
    assert back.exit_code == 0, back.output
    told = json.loads((await lienthong(bus, "config", "log", "--json")).stdout)
    assert [each["message"] for each in told["history"]][1:] == ["narrower", "as it is"]
    assert told["history"][0]["message"].endswith("as it is")
    listed = (await lienthong(bus, "config", "log", "--lang", "en")).stdout
    assert narrower["id"][:12] in listed
    shown = await lienthong(bus, "config", "show", narrower["id"][:8])
    assert "grants/g.yaml" in shown.stdout
    assert (await lienthong(bus, "diff", "--from", narrower["id"], "--lang", "en")).exit_code == 0


async def test_a_rollback_needs_nothing_of_what_lies_on_disk(bus: RunningBus) -> None:
    """When something was applied that should not have been, the files may be in any state."""
    grants = bus.root / "grants/g.yaml"
    wider = grants.read_text("utf-8")
    assert (await lienthong(bus, "apply", "-m", "as it is")).exit_code == 0
    grants.write_text(wider.replace("view: [/name, /born]", "view: [/name]"), "utf-8")
    assert (await lienthong(bus, "apply", "-m", "narrower")).exit_code == 0
    grants.write_text("grants: half a sen", "utf-8")
    (bus.root / "systems/memo.yaml").unlink()
    assert (await lienthong(bus, "apply", "-m", "broken")).exit_code == 3
    back = await lienthong(bus, "rollback", "--json")
    assert [each["stand"] for each in json.loads(back.stdout)["processes"]] == ["confirmed"], back.output
    assert (await lienthong(bus, "config", "show", json.loads(back.stdout)["id"][:12])).exit_code == 0
    assert bus.bus.core.workspace.grants[1].view == ("/name", "/born")


async def test_what_has_errors_is_not_applied_and_each_is_told(bus: RunningBus) -> None:
    grants = bus.root / "grants/g.yaml"
    good = grants.read_text("utf-8")
    grants.write_text(good.replace("view: [/name, /born]", "view: [/nam]"), "utf-8")
    refused = await lienthong(bus, "apply", "-m", "spoilt")
    assert refused.exit_code == 3
    assert "grants/g.yaml:3:" in refused.output
    assert (await lienthong(bus, "diff")).exit_code == 3
    grants.write_text(good, "utf-8")
    file = bus.root / "bus.yaml"
    file.write_text(file.read_text("utf-8") + "retention_days: 3\n", "utf-8")
    refused = await lienthong(bus, "apply", "-m", "shorter", "--lang", "en")
    assert refused.exit_code == 3
    assert "retention_days" in refused.output
    assert "nothing was ever applied" in (await lienthong(bus, "config", "log", "--lang", "en")).stdout
