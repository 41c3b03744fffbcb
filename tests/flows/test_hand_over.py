"""An agency goes on with another's work: on a running bus, and nobody is sent anything twice, or nothing at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.flows.support import (
    GOOD,
    LOOKUP,
    MEASURED,
    NOTE,
    READING,
    FakeSystem,
    RunningBus,
    fine,
    start_bus,
    status,
)
from tests.flows.test_commands import lienthong
from tests.flows.test_subscriptions import RULES

NAMED = {"end_user": "canbo.01", "case_ref": "H17-1"}
ASKED = {"person_id": "999314000017"}
UNTIL = "2190-01-01"
HAND_OVER = (
    "agency",
    "hand-over",
    "000.00.08.H17",
    "H17.09",
    "--system",
    "memo=heir",
    "--until",
    UNTIL,
    "--lang",
    "en",
)
FEW, PATIENT = "retry: [1s, 2s]", "retry: [1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s]"
"""A system that is away for long gives up nothing before it is handed over."""

AGENCIES = """agencies:
  # The asker's own.
  - code: H17
    name: Một cơ quan
    kind: state
    systems:
      - {id: asker, name: Asker, credentials: [{client_id: asker, secret: "file:secrets/asker.hash"}]}
      - {id: stranger, name: Stranger}
  - code: H17.08
    name: Sở Cũ
    kind: state
    parent: H17
    systems:
      - {id: memo, name: Idempotent receiver}
      # It moves as it is.
      - id: twice
        name: Receiver that remembers nothing
  - {code: H17.09, name: Sở Mới, kind: state, parent: H17, systems: [{id: heir, name: Heir}]}
"""


class Handed:
    """A bus on which memo, of one agency, has an heir at another."""

    def __init__(self, bus: RunningBus) -> None:
        self.bus = bus
        self.memo, self.heir = bus.systems["memo"], bus.systems["heir"]

    async def hand_over(self, *more: str) -> Any:
        """What the command says, in JSON where it tells only."""
        return await lienthong(self.bus, *HAND_OVER, *more)

    def as_memo(self) -> dict[str, str]:
        """The headers of the system that is handed over."""
        return {"authorization": f"Bearer {self.bus.token('memo')}"}

    def as_heir(self) -> dict[str, str]:
        """The headers of who goes on."""
        return {"authorization": f"Bearer {self.bus.token('heir')}"}

    async def end(self, until: str) -> None:
        """Have old names end on another day, and apply that."""
        path = self.bus.root / "agencies/a.yaml"
        path.write_text(path.read_text("utf-8").replace(UNTIL, until), "utf-8")
        assert (await lienthong(self.bus, "apply", "-m", "sooner", "--lang", "en")).exit_code == 0


def with_heir(root: Path, systems: Mapping[str, FakeSystem]) -> None:
    """Have memo and twice be of one agency, and heir, which does what memo does, of another."""
    (root / "agencies/a.yaml").write_text(AGENCIES, encoding="utf-8")
    memo = (root / "systems/memo.yaml").read_text(encoding="utf-8").replace(FEW, PATIENT)
    (root / "systems/memo.yaml").write_text(memo, encoding="utf-8")
    heir = memo.replace(str(systems["memo"].port), str(systems["heir"].port))
    (root / "systems/heir.yaml").write_text(heir, encoding="utf-8")
    with (root / "grants/g.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "  - {id: g-reading-heir, system: heir, contract: test.reading, providers: [asker], "
            "purpose: Thử nghiệm, legal_basis: không, from: 2025-01-01, view: all}\n"
        )


@pytest.fixture
async def handed(tmp_path: Path) -> AsyncIterator[Handed]:
    """It runs, and nothing is handed over yet."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine), "heir": FakeSystem(fine)}

    bus = await start_bus(tmp_path, systems, settings=RULES, change=lambda root: with_heir(root, systems))
    async with bus.stack:
        yield Handed(bus)


async def test_a_dry_run_tells_what_moves_and_changes_nothing(handed: Handed) -> None:
    handed.memo.behave = status(503)
    waits = (await handed.bus.send(NOTE, GOOD, to="memo")).json()["id"]
    async with asyncio.timeout(20):
        while waits not in handed.memo.calls:
            await asyncio.sleep(0.02)
    before = {path: path.read_bytes() for path in handed.bus.root.rglob("*.yaml")}
    told = json.loads((await handed.hand_over("--json")).stdout)
    async with asyncio.timeout(20):
        # What waits is counted by the ledger, which is a moment behind.
        while told["waiting"]["memo"] != 1:
            told = json.loads((await handed.hand_over("--json")).stdout)
    assert {path: path.read_bytes() for path in handed.bus.root.rglob("*.yaml")} == before
    assert (told["from"], told["to"], told["until"], told["heirs"]) == ("H17.08", "H17.09", UNTIL, {"memo": "heir"})
    assert told["systems"] == ["memo", "twice"]
    assert "memo test.note@1" in told["services"]
    assert (told["grants_held"], told["grants_given"]) == (
        ["g-reading-memo", "g-reading-twice"],
        ["g-lookup", "g-note"],
    )
    assert "heir goes on with memo, and with 1 messages that wait" in (await handed.hand_over()).stdout


async def test_what_waits_is_delivered_by_the_heir_and_nothing_is_called_twice(handed: Handed) -> None:
    """Under load: half of it was delivered before, the rest waits for another attempt, or in the inbox."""
    done = [(await handed.bus.send(NOTE, GOOD, to="memo")).json()["id"] for _ in range(10)]
    for exchange in done:
        assert (await handed.bus.settled(exchange))["outcome"] == "delivered"
    handed.memo.behave = status(503)
    waiting = [(await handed.bus.send(NOTE, GOOD, to="memo")).json()["id"] for _ in range(20)]
    during: list[str] = []
    enough = asyncio.Event()

    async def load() -> None:
        while not enough.is_set():
            answer = await handed.bus.send(NOTE, GOOD, to="memo")
            assert answer.status_code == 202, answer.text
            during.append(answer.json()["id"])
            await asyncio.sleep(0.02)

    loading = asyncio.create_task(load())
    made = await handed.hand_over("--do", "-m", "merged")
    assert made.exit_code == 0, made.stdout + made.stderr
    await asyncio.sleep(0.2)
    enough.set()
    await loading
    assert len(during) > 3
    for exchange in (*waiting, *during):
        assert (await handed.bus.settled(exchange, 40))["outcome"] == "delivered"
    assert sorted(handed.heir.calls) == sorted({*waiting, *during})
    assert not set(done) & set(handed.heir.calls)


async def test_the_files_say_it_and_keep_what_somebody_wrote(handed: Handed) -> None:
    assert (await handed.hand_over("--do")).exit_code == 0
    text = (handed.bus.root / "agencies/a.yaml").read_text("utf-8")
    assert "# The asker's own." in text
    assert "handed_over: {to: heir, on: " in text
    assert "successors: [H17.09]" in text
    assert text.index("id: twice") > text.index("H17.09, name: Sở Mới")
    assert not (handed.bus.root / "systems/memo.yaml").exists()
    assert "providers: [heir, twice]" in (handed.bus.root / "grants/g.yaml").read_text("utf-8")
    assert (await lienthong(handed.bus, "check", str(handed.bus.root), "--lang", "en")).exit_code == 0
    again = await handed.hand_over("--do")
    assert (again.exit_code, "memo is no system of H17.08" in again.stderr) == (2, True)


async def test_old_names_answer_on_and_say_so_until_the_day_and_then_say_which_to_use(handed: Handed) -> None:
    sent = (await handed.bus.send(NOTE, GOOD, to="memo")).json()["id"]
    await handed.bus.settled(sent)
    assert (await handed.hand_over("--do")).exit_code == 0
    client = handed.bus.client
    by_system = await handed.bus.send(LOOKUP, ASKED, to="memo", **NAMED)
    by_code = await handed.bus.send(NOTE, GOOD, to="H17.08")
    receipt = await client.get(f"/exchanges/{sent}", headers=handed.as_memo())
    inbox = await client.get(f"/inbox/{READING}", headers=handed.as_memo())
    mine = await client.get(f"/exchanges/{sent}", headers=handed.as_heir())
    new = await handed.bus.send(LOOKUP, ASKED, to="heir", **NAMED)
    assert by_system.json()["outcome"] == "data"
    assert [each.status_code for each in (receipt, inbox, mine, new)] == [200] * 4
    for answer in (by_system, by_code, receipt, inbox):
        assert answer.headers["deprecation"].startswith("@")
        assert answer.headers["sunset"] == "Thu, 31 Dec 2189 17:00:00 GMT"
        assert answer.headers["link"] == '</agencies/H17.09>; rel="successor-version"'
    assert "deprecation" not in mine.headers
    assert "deprecation" not in new.headers
    await handed.end("2025-02-01")
    gone = [
        await handed.bus.send(LOOKUP, ASKED, to="memo", **NAMED),
        await handed.bus.send(NOTE, GOOD, to="000.00.08.H17"),
        await client.get(f"/exchanges/{sent}", headers=handed.as_memo()),
        await client.get(f"/inbox/{READING}", headers=handed.as_memo()),
    ]
    assert [each.status_code for each in gone] == [410] * 4
    assert "heir (H17.09) goes on with its work" in gone[0].json()["detail"]
    assert gone[0].headers["link"] == '</agencies/H17.09>; rel="successor-version"'
    assert (await client.get(f"/exchanges/{sent}", headers=handed.as_heir())).status_code == 200


async def test_subscriptions_and_the_right_to_events_are_the_heirs_and_old_cursors_go_on(handed: Handed) -> None:
    client = handed.bus.client
    first = await handed.bus.send(READING, MEASURED)
    assert first.status_code == 202
    page = (await client.get(f"/inbox/{READING}", headers=handed.as_memo())).json()
    assert len(page["events"]) == 1
    assert (await handed.hand_over("--do")).exit_code == 0
    second = (await handed.bus.send(READING, MEASURED)).json()["id"]
    asked = {"cursor": page["cursor"]}
    for headers in (handed.as_memo(), handed.as_heir()):
        after = (await client.get(f"/inbox/{READING}", params=asked, headers=headers)).json()
        assert [each["id"] for each in after["events"]] == [second]


async def test_what_would_be_lost_is_refused_with_the_remedy(handed: Handed) -> None:
    wrong = await lienthong(
        handed.bus, *HAND_OVER[:4], "--system", "twice=heir", "--until", "2020-01-01", "--lang", "en"
    )
    assert (wrong.exit_code, "give a day after" in wrong.stderr) == (2, True)
    path = handed.bus.root / "systems/heir.yaml"
    path.write_text(path.read_text("utf-8").partition("  - contract: test.lookup")[0], "utf-8")
    other = await handed.hand_over("--do")
    assert (other.exit_code, "not what the bus runs" in other.stderr) == (2, True)
    assert (await lienthong(handed.bus, "apply", "-m", "less", "--lang", "en")).exit_code == 0
    lacks = await handed.hand_over("--do")
    assert (lacks.exit_code, "heir does not provide test.lookup@1" in lacks.stderr) == (2, True)


async def test_where_no_answer_comes_the_files_say_what_was_meant_and_apply_finds_nothing_left(handed: Handed) -> None:
    """Were they taken back, the next `apply` would undo a hand-over that the bus goes by."""
    before = (await handed.bus.operate("GET", "config")).json()

    async def relay(request: web.Request) -> web.StreamResponse:
        content = await request.read()
        headers = {"authorization": request.headers["authorization"]} if "authorization" in request.headers else {}
        answer = await handed.bus.client.request(
            request.method, request.path_qs, content=content, headers=headers, timeout=60
        )
        if request.method == "POST" and json.loads(content)["parent"] is not None:
            assert request.transport is not None
            request.transport.close()
        return web.Response(body=answer.content, status=answer.status_code, content_type="application/json")

    app = web.Application(client_max_size=2**20)
    app.router.add_route("*", "/{path:.*}", relay)
    async with TestServer(app) as server:
        made = await lienthong(handed.bus, *HAND_OVER, "--do", url=str(server.make_url("/")))
    assert (made.exit_code, "`lienthong apply` finishes the hand-over" in made.stderr) == (5, True), made.output
    assert not (handed.bus.root / "systems/memo.yaml").exists()
    after = (await handed.bus.operate("GET", "config")).json()
    assert before["current"] is None
    assert [each["message"] for each in after["history"]] == [
        "hand-over H17.08 → H17.09",
        "what ran before: hand-over H17.08 → H17.09",
    ]
    assert "nothing to apply" in (await lienthong(handed.bus, "apply", "-m", "finished", "--lang", "en")).stdout
