"""A running bus is given another configuration: all of it at once, or nothing, and everybody is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.transport.memory import MemoryTransport
from adapters.workspace.reading import load
from contracts.configuration import file_of, parts_of
from tests.flows.support import GOOD, LOOKUP, MEASURED, NOTE, READING, FakeSystem, RunningBus, fine, start_bus

GRANTS = "grants/g.yaml"
ASKED = {"person_id": "999314000017"}
OFFICER = {"End_User": "canbo.07", "Case_Ref": "H17-2025-000001"}


class Applying:
    """A bus, and an operator at it who sends what lies in its folder."""

    def __init__(self, bus: RunningBus) -> None:
        self.bus = bus
        self._headers = {"authorization": f"Bearer {bus.token(None)}", "accept-language": "en"}

    async def call(self, method: str, path: str = "", **options: Any) -> Any:
        """What an operator is answered."""
        answer = await self.bus.client.request(method, f"/operate/config{path}", headers=self._headers, **options)
        return answer.json() if answer.content else answer.status_code

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file on disk."""
        path = self.bus.root / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    async def send_parts(self) -> list[dict[str, Any]]:
        """Send every part of what is on disk; the files as a manifest names them."""
        files = load(self.bus.root).files
        for content in files.values():
            for name, part in parts_of(content).items():
                assert await self.call("PUT", f"/parts/{name}", content=part) == 204
        named = [file_of(name, content) for name, content in sorted(files.items())]
        return [{"name": file.name, "parts": list(file.parts)} for file in named]

    async def current(self) -> str | None:
        """The configuration that is current."""
        found: str | None = (await self.call("GET"))["current"]
        return found

    async def apply(self, message: str = "because", parent: str | None = "") -> Any:
        """Apply what is on disk, over the current one or over `parent`."""
        files = await self.send_parts()
        over = await self.current() if parent == "" else parent
        return await self.call("POST", json={"parent": over, "message": message, "files": files})

    async def applied(self, message: str = "because") -> str:
        """Apply it, and wait until every process says how it stands: its id."""
        made = await self.apply(message)
        assert "id" in made, made
        shown = await self.call("GET", f"/{made['id']}", params={"wait": "20"})
        assert [each["stand"] for each in shown["processes"]] == ["confirmed"], shown
        identity: str = made["id"]
        return identity

    async def lookup(self) -> Any:
        """What `asker` is answered to a query."""
        return await self.bus.send(LOOKUP, ASKED, **OFFICER)


@pytest.fixture
async def applying(tmp_path: Path) -> AsyncIterator[Applying]:
    """A bus on the memory log."""
    running = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)})
    async with running.stack:
        yield Applying(running)


async def test_what_is_applied_holds_at_once_and_says_who_did_it_when_and_why(applying: Applying) -> None:
    """A grant's view is narrowed: the next answer is cut to it, and messages carry the manifest's id."""
    before = (await applying.lookup()).json()
    assert before["record"] == {"name": "NGUYỄN VĂN A", "born": "2014-05"}
    applying.edit(GRANTS, "view: [/name, /born]", "view: [/name]")
    made = await applying.applied("the birth date is not needed")
    after = (await applying.lookup()).json()
    assert after["record"] == {"name": "NGUYỄN VĂN A"}
    assert "/born" in [each["path"] for each in after["withheld"]]
    (told,) = (await applying.call("GET"))["history"]
    assert (told["id"], told["parent"], told["message"]) == (made, None, "the birth date is not needed")
    assert told["author"].startswith("operator:")
    stored = applying.bus.bus.core.workspace
    assert stored.hash == made


async def test_a_new_contract_with_a_new_receiver_works_without_a_restart(applying: Applying) -> None:
    """`stranger` gets a service, and with it an inbox that nobody served before."""
    root = applying.bus.root
    memo = (root / "systems/memo.yaml").read_text("utf-8")
    service = memo[: memo.index("services:")] + (
        "services:\n  - contract: test.extra\n    idempotent: true\n    operation: {method: POST, path: /extra}\n"
    )
    (root / "systems/stranger.yaml").write_text(service, "utf-8")
    folder = root / "contracts/test.extra"
    (folder / "v1").mkdir(parents=True)
    (folder / "examples").mkdir()
    for name in ("v1/request.avsc", "examples/request.json"):
        (folder / name).write_text((root / f"contracts/{NOTE}" / name).read_text("utf-8"), "utf-8")
    (folder / "contract.yaml").write_text("title: Extra\npattern: submission\n", "utf-8")
    with (root / GRANTS).open("a", encoding="utf-8") as file:
        file.write(
            "  - {id: g-extra, system: asker, contract: test.extra, providers: [stranger], purpose: Thử nghiệm, "
            "legal_basis: không, from: 2025-01-01, view: all}\n"
        )
    assert (await applying.bus.send("test.extra", GOOD)).status_code == 404
    await applying.applied()
    receipt = await applying.bus.send("test.extra", GOOD)
    assert receipt.status_code == 202, receipt.text
    settled = await applying.bus.settled(receipt.json()["id"])
    assert settled["outcome"] == "delivered"
    assert settled["receiver"] == "stranger"


async def test_systems_that_come_one_after_the_other_are_all_served_by_a_few_consumers(applying: Applying) -> None:
    """Each on Kafka has a thread and connections: they must not become more with every configuration."""
    root = applying.bus.root
    memo = (root / "systems/memo.yaml").read_text("utf-8")
    for number in range(6):
        with (root / "agencies/a.yaml").open("a", encoding="utf-8") as file:
            file.write(f"      - {{id: more{number}, name: More}}\n")
        name = root / f"systems/more{number}.yaml"
        name.write_text(memo[: memo.index("  - contract: test.reading")], "utf-8")
        applying.edit(GRANTS, "providers: [memo, twice", f"providers: [memo, twice, more{number}")
        await applying.applied()
    for system in ("memo", *(f"more{number}" for number in range(6))):
        sent = await applying.bus.send(NOTE, GOOD, to=system, prefer="wait=20")
        assert sent.json()["outcome"] == "delivered", system
    transport = applying.bus.bus.core.transport
    assert isinstance(transport, MemoryTransport)
    assert len(transport._groups["worker"].members) <= 4


async def test_a_new_event_is_published_pulled_and_pushed_without_a_restart(applying: Applying) -> None:
    """Its channel, the fan-out to it and the tail of it come with the configuration."""
    root = applying.bus.root
    folder = root / "contracts/test.alarm"
    (folder / "v1").mkdir(parents=True)
    (folder / "examples").mkdir()
    for name in ("v1/event.avsc", "examples/request.json"):
        (folder / name).write_text((root / f"contracts/{READING}" / name).read_text("utf-8"), "utf-8")
    (folder / "contract.yaml").write_text("title: Alarm\npattern: event\n", "utf-8")
    applying.edit("systems/asker.yaml", READING, f"{READING}, test.alarm")
    applying.edit(
        "systems/memo.yaml",
        "services:\n",
        "services:\n  - contract: test.alarm\n    idempotent: true\n    operation: {method: POST, path: /alarms}\n",
    )
    with (root / GRANTS).open("a", encoding="utf-8") as file:
        file.write(
            "  - {id: g-alarm, system: memo, contract: test.alarm, providers: [asker], purpose: Thử nghiệm, "
            "legal_basis: không, from: 2025-01-01, view: all}\n"
        )
    await applying.applied()
    assert (await applying.bus.send("test.alarm", MEASURED)).status_code == 202
    memo = applying.bus.systems["memo"]
    async with asyncio.timeout(20):
        while not any(body == MEASURED for body in memo.bodies):
            await asyncio.sleep(0.02)
    headers = {"authorization": f"Bearer {applying.bus.token('memo')}"}
    page = await applying.bus.client.get("/inbox/test.alarm", headers=headers)
    assert [each["data"] for each in page.json()["events"]] == [MEASURED]


async def test_of_two_who_apply_at_the_same_time_one_wins_and_the_other_is_told_by_whom(applying: Applying) -> None:
    """Both saw the same configuration when they began."""
    files = await applying.send_parts()
    answers = await asyncio.gather(
        *(
            applying.call("POST", json={"parent": None, "message": message, "files": files})
            for message in ("first", "second")
        )
    )
    (won,) = [each for each in answers if "id" in each]
    (lost,) = [each for each in answers if "id" not in each]
    assert lost["type"].endswith("config-overtaken")
    assert won["message"] in lost["detail"]
    assert lost["current"] == won["id"]
    assert len((await applying.call("GET"))["history"]) == 1


BROKEN: Sequence[tuple[str, Callable[[Applying], None], str]] = [
    (
        "an error that `check` finds",
        lambda at: at.edit(GRANTS, "view: [/name, /born]", "view: [/nam]"),
        "the reply has no field /nam",
    ),
    (
        "a secret that is missing",
        lambda at: at.edit("systems/memo.yaml", "timeout_s: 1}", 'timeout_s: 1, auth: {bearer: "env:NOT_THERE"}}'),
        "NOT_THERE",
    ),
    (
        "another number of partitions",
        lambda at: at.edit("bus.yaml", "name: test-bus\n", "name: test-bus\nchannels: {inbox: 9}\n"),
        "channels",
    ),
    ("another name", lambda at: at.edit("bus.yaml", "name: test-bus", "name: other-bus"), "name"),
]


@pytest.mark.parametrize(("what", "spoil", "why"), BROKEN, ids=[name for name, _, _ in BROKEN])
async def test_what_cannot_be_used_changes_nothing_and_says_why(
    applying: Applying, what: str, spoil: Callable[[Applying], None], why: str
) -> None:
    """The bus answers as before, and nothing was applied."""
    spoil(applying)
    answer = await applying.apply(what)
    assert answer["type"].endswith("config-refused"), answer
    assert why in answer["detail"]
    assert await applying.current() is None
    assert (await applying.lookup()).status_code == 200


async def test_a_rollback_is_a_new_configuration_with_the_old_files(applying: Applying) -> None:
    """What was withheld is shown again, and the log says both."""
    first = await applying.applied("as it was")
    old = (await applying.call("GET", f"/{first}"))["files"]
    applying.edit(GRANTS, "view: [/name, /born]", "view: [/name]")
    second = await applying.applied("narrower")
    back = await applying.call("POST", json={"parent": second, "message": "back", "files": old})
    shown = await applying.call("GET", f"/{back['id']}", params={"wait": "20"})
    assert [each["stand"] for each in shown["processes"]] == ["confirmed"]
    assert (await applying.lookup()).json()["record"] == {"name": "NGUYỄN VĂN A", "born": "2014-05"}
    assert [each["message"] for each in (await applying.call("GET"))["history"]] == ["back", "narrower", "as it was"]


async def test_reloading_under_load_fails_no_request(applying: Applying) -> None:
    """Five configurations while hundreds of records and queries come in: every answer is a 2xx, and all is delivered."""
    done = asyncio.Event()
    bad: list[str] = []
    receipts: list[str] = []

    async def load() -> None:
        while not done.is_set():
            sent, asked = await asyncio.gather(applying.bus.send(NOTE, GOOD, To="memo"), applying.lookup())
            bad.extend(each.text for each in (sent, asked) if not each.is_success)
            if sent.is_success:
                receipts.append(sent.json()["id"])

    senders = [asyncio.create_task(load()) for _ in range(8)]
    configurations = set()
    for number in range(5):
        wanted = (number + 1) * 50
        async with asyncio.timeout(60):
            while len(receipts) < wanted:
                await asyncio.sleep(0.01)
        applying.edit(
            "systems/memo.yaml", "kind: rest\n", f"kind: rest\nconcurrency: {number + 10}\n"
        ) if not number else (
            applying.edit("systems/memo.yaml", f"concurrency: {number + 9}", f"concurrency: {number + 10}")
        )
        configurations.add(await applying.applied(f"reload {number}"))
    done.set()
    await asyncio.gather(*senders)
    assert bad == []
    assert len(configurations) == 5
    outcomes = {(await applying.bus.settled(each, within_s=60))["outcome"] for each in receipts}
    assert outcomes == {"delivered"}


async def test_what_waits_for_a_system_that_was_taken_away_is_seen_by_a_person(applying: Applying) -> None:
    """A receipt never dies: what lay in an inbox that nobody has any more becomes a dead letter."""
    twice = applying.bus.systems["twice"]
    await twice.stop()
    receipt = (await applying.bus.send(NOTE, GOOD, To="twice")).json()["id"]
    (applying.bus.root / "systems/twice.yaml").unlink()
    applying.edit(GRANTS, "providers: [memo, twice]", "providers: [memo]")
    text = (applying.bus.root / GRANTS).read_text("utf-8")
    kept = [line for line in text.splitlines() if "g-reading-twice" not in line]
    (applying.bus.root / GRANTS).write_text("\n".join(kept) + "\n", "utf-8")
    await applying.applied()
    async with asyncio.timeout(30):
        while True:
            dead = (await applying.bus.operate("GET", "dead")).json()["dead"]
            if dead:
                break
            await asyncio.sleep(0.1)
    assert [each["id"] for each in dead] == [receipt]
    assert "does not provide" in dead[0]["reason"]


async def test_a_restart_goes_by_what_was_applied_and_says_that_the_disk_differs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The files on disk were edited further, and not applied."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path, systems, transport="sqlite:bus.db")
    async with running.stack:
        applying = Applying(running)
        applying.edit(GRANTS, "view: [/name, /born]", "view: [/name]")
        made = await applying.applied()

    def edited_further(root: Path) -> None:
        text = (root / GRANTS).read_text("utf-8")
        (root / GRANTS).write_text(text.replace("purpose: Thử nghiệm", "purpose: Khác"), "utf-8")

    caplog.set_level(logging.WARNING)
    again = await start_bus(tmp_path, systems, transport="sqlite:bus.db", change=edited_further)
    async with again.stack:
        assert again.bus.core.workspace.hash == made
        assert (await Applying(again).lookup()).json()["record"] == {"name": "NGUYỄN VĂN A"}
    assert any("lienthong diff" in each.getMessage() and made[:12] in each.getMessage() for each in caplog.records)


async def test_what_one_process_cannot_use_it_refuses_by_itself_also_when_it_starts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It was written by a program that found nothing wrong with it: here it changes nothing, and the reason is told."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path, systems, transport="sqlite:bus.db")
    async with running.stack:
        applying = Applying(running)
        applying.edit(GRANTS, "view: [/name, /born]", "view: [/name]")
        good = await applying.applied()
        fold = running.bus.core.configurations
        applied = fold.get(good)
        assert applied is not None
        spoilt = (tmp_path / GRANTS).read_bytes().replace(b"view: [/name]", b"view: [/nam]")
        await fold.put_part(spoilt)
        files = tuple(file_of(GRANTS, spoilt) if file.name == GRANTS else file for file in applied.manifest.files)
        bad = await fold.put(replace(applied.manifest, parent=good, message="spoilt", files=files))
        shown = await applying.call("GET", f"/{bad.id}", params={"wait": "20"})
        (process,) = shown["processes"]
        assert (process["stand"], process["running"]) == ("refused", good)
        assert "the reply has no field /nam" in process["reason"]
        assert (await applying.lookup()).json()["record"] == {"name": "NGUYỄN VĂN A"}
    caplog.set_level(logging.WARNING)
    again = await start_bus(tmp_path, systems, transport="sqlite:bus.db")
    async with again.stack:
        assert again.bus.core.workspace.hash == good
        assert any(bad.id[:12] in each.getMessage() for each in caplog.records)
        applying = Applying(again)
        applying.edit(GRANTS, "view: [/name, /born]", "view: [/born]")
        mended = await applying.applied("mended")
        assert again.bus.core.workspace.hash == mended
        assert (await applying.lookup()).json()["record"] == {"born": "2014-05"}


async def test_a_call_in_flight_is_not_disturbed_by_what_is_applied(tmp_path: Path) -> None:
    """`twice` remembers nothing, and takes longer than any drain: its call is neither repeated nor in doubt, though its
    own file and the inbox of another system come in between."""
    began, may_end = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        began.set()
        await may_end.wait()
        return await fine(request)

    def patient(root: Path) -> None:
        file = root / "systems/twice.yaml"
        file.write_text(file.read_text("utf-8").replace("timeout_s: 1", "timeout_s: 60"), "utf-8")

    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(slow)}
    running = await start_bus(tmp_path, systems, change=patient)
    async with running.stack:
        applying = Applying(running)
        receipt = (await running.send(NOTE, GOOD, to="twice")).json()["id"]
        await asyncio.wait_for(began.wait(), 20)
        text = (tmp_path / "systems/memo.yaml").read_text("utf-8")
        (tmp_path / "systems/stranger.yaml").write_text(text[: text.index("  - contract: test.reading")], "utf-8")
        applying.edit(GRANTS, "providers: [memo, twice]", "providers: [memo, twice, stranger]")
        applying.edit("systems/twice.yaml", "timeout_s: 60", "timeout_s: 50")
        await applying.applied()
        to_stranger = (await running.send(NOTE, GOOD, to="stranger")).json()["id"]
        assert (await running.settled(to_stranger))["outcome"] == "delivered"
        await asyncio.sleep(4)
        may_end.set()
        assert (await running.settled(receipt))["outcome"] == "delivered"
        assert systems["twice"].calls == [receipt]
