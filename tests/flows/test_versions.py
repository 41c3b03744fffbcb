"""Two major versions run beside each other, and the older one ends on the day that it said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.flows.support import GOOD, MEASURED, NOTE, READING, FakeSystem, RunningBus, fine, start_bus
from tests.flows.test_commands import lienthong
from tests.flows.test_inbox import ask

NEWER = {**GOOD, "title": "Phiên bản hai"}
GOES_ON = "versions: {1: {deprecated: 2025-07-01, sunset: 2099-01-01, successor: 2}}\n"
HAS_ENDED = "versions: {1: {deprecated: 2020-01-01, sunset: 2020-07-01, successor: 2}}\n"
TOLD = {
    "deprecation": "@1751302800",
    "sunset": "Wed, 31 Dec 2098 17:00:00 GMT",
    "link": f'</contracts/{NOTE}/2>; rel="successor-version"',
}


def two_versions(lives: str) -> Callable[[Path], None]:
    """Notes of version 2 have a title. `twice` takes the first version, `memo` the second; `asker` may send both."""

    def change(root: Path) -> None:
        folder = root / "contracts" / NOTE
        schema = json.loads((folder / "v1/request.avsc").read_text("utf-8"))
        schema["fields"].append({"name": "title", "type": "string"})
        (folder / "v2").mkdir()
        (folder / "v2/request.avsc").write_text(json.dumps(schema), "utf-8")
        (folder / "examples/request.json").write_text(json.dumps(NEWER), "utf-8")
        for name, old, new in (
            (f"contracts/{NOTE}/contract.yaml", "pattern", lives + "pattern"),
            (f"contracts/{READING}/contract.yaml", "pattern", lives.replace(", successor: 2", "") + "pattern"),
            ("systems/memo.yaml", f"contract: {NOTE}\n", f"contract: {NOTE}@2\n"),
            ("systems/twice.yaml", f"contract: {NOTE}\n", f"contract: {NOTE}@1\n"),
            ("grants/g.yaml", f"contract: {NOTE}, providers: [memo, twice]", f"contract: {NOTE}@1, providers: [twice]"),
        ):
            text = (root / name).read_text("utf-8")
            assert old in text
            (root / name).write_text(text.replace(old, new), "utf-8")
        grant = f"{{id: g-two, system: asker, contract: {NOTE}@2, providers: [memo], purpose: Thử nghiệm, "
        reading = f"{{id: g-asker, system: asker, contract: {READING}, providers: [asker], purpose: Thử nghiệm, "
        rest = "legal_basis: không, from: 2025-01-01, view: all}\n"
        (root / "grants/more.yaml").write_text(f"grants:\n  - {grant}{rest}  - {reading}{rest}", "utf-8")

    return change


async def started(root: Path, lives: str) -> RunningBus:
    """A bus with both versions."""
    return await start_bus(root, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, change=two_versions(lives))


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[RunningBus]:
    running = await started(tmp_path, GOES_ON)
    async with running.stack:
        yield running


def told(headers: Any) -> dict[str, str]:
    """What the answer says of the version's end."""
    return {name: headers[name] for name in ("deprecation", "sunset", "link") if name in headers}


async def used(bus: RunningBus) -> dict[str, Any]:
    """Who uses notes, once the ledger has both."""
    async with asyncio.timeout(20):
        while True:
            answer = (await bus.operate("GET", f"contracts/{NOTE}/users")).json()
            if all(user["count"] for version in answer["versions"] for user in version["users"]):
                found: dict[str, Any] = answer
                return found
            await asyncio.sleep(0.05)


async def test_both_versions_are_taken_at_the_same_time_each_by_who_provides_it(bus: RunningBus) -> None:
    """And an answer of the older one says until when, one of the newer one does not."""
    older, newer = await asyncio.gather(
        bus.send(f"{NOTE}@1", GOOD, prefer="wait=15"), bus.send(NOTE, NEWER, prefer="wait=15")
    )
    assert (older.status_code, newer.status_code) == (200, 200), older.text + newer.text
    assert [len(system.calls) for system in (bus.systems["twice"], bus.systems["memo"])] == [1, 1]
    assert told(older.headers) == TOLD
    assert told(newer.headers) == {}
    untitled = await bus.send(NOTE, GOOD)
    assert untitled.status_code == 422
    assert untitled.json()["errors"][0]["pointer"] == "/title"


async def test_a_refusal_by_an_old_version_says_too_when_it_ends(bus: RunningBus) -> None:
    """Whoever mends his record learns that he should move on."""
    refused = await bus.send(f"{NOTE}@1", {"text": 1})
    assert refused.status_code == 422
    assert told(refused.headers) == TOLD


async def test_who_pulls_events_or_reads_schemas_of_an_old_version_is_told_as_well(bus: RunningBus) -> None:
    """In the same headers."""
    page = await ask(bus, "asker")
    assert page.status_code == 200
    assert set(told(page.headers)) == {"deprecation", "sunset"}
    described = await bus.client.get(f"/contracts/{NOTE}/1")
    assert told(described.headers) == TOLD
    assert {name: described.json()[name] for name in ("deprecated", "sunset", "successor")} == {
        "deprecated": "2025-07-01",
        "sunset": "2099-01-01",
        "successor": 2,
    }
    assert told((await bus.client.get(f"/contracts/{NOTE}/1/request.avsc")).headers) == TOLD
    assert told((await bus.client.get(f"/contracts/{NOTE}/2/request.avsc")).headers) == {}


async def test_who_finds_an_old_version_in_the_registry_is_told_as_well(bus: RunningBus) -> None:
    """Of the bus's own subjects, by number, as text and by looking it up; of others nothing is said."""
    (subject,) = (each for each in (await bus.client.get("/registry/subjects")).json() if READING in each)
    versions = f"/registry/subjects/{subject}/versions"
    found = await bus.client.get(f"{versions}/1")
    assert found.status_code == 200, found.text
    ends = {name: TOLD[name] for name in ("deprecation", "sunset")}
    assert told(found.headers) == ends
    assert told((await bus.client.get(f"{versions}/latest/schema")).headers) == ends
    looked_up = await bus.client.post(versions.removesuffix("/versions"), json={"schema": found.json()["schema"]})
    assert (looked_up.status_code, told(looked_up.headers)) == (200, ends)
    assert told((await bus.client.get(versions)).headers) == {}


async def test_who_still_uses_an_old_version_is_a_query(bus: RunningBus) -> None:
    """By version, with how often and when last."""
    await bus.send(f"{NOTE}@1", GOOD, prefer="wait=15")
    await bus.send(NOTE, NEWER, prefer="wait=15")
    first, second = (await used(bus))["versions"]
    assert (first["major"], first["sunset"], first["users"][0]["system"]) == (1, "2099-01-01", "asker")
    assert (first["users"][0]["count"], second["users"][0]["count"]) == (1, 1)
    said = await lienthong(bus, "contract", "users", NOTE, "--lang", "en")
    assert said.exit_code == 0, said.output
    assert "v1" in said.stdout
    assert "2099-01-01" in said.stdout
    assert (await lienthong(bus, "contract", "users", "no.such", "--lang", "en")).exit_code == 4


async def test_a_version_that_has_ended_is_gone_and_says_what_to_use(tmp_path: Path) -> None:
    """With 410, for who sends, who publishes and who pulls; the newer one goes on."""
    running = await started(tmp_path, HAS_ENDED)
    async with running.stack:
        gone = await running.send(f"{NOTE}@1", GOOD)
        assert gone.status_code == 410
        assert gone.json()["type"].endswith("version-ended")
        assert f"{NOTE}@2" in gone.json()["detail"]
        assert gone.json()["successor"] == f"/contracts/{NOTE}/2"
        assert gone.headers["link"] == TOLD["link"]
        assert (await running.send(READING, MEASURED)).status_code == 410
        assert (await ask(running, "asker")).status_code == 410
        assert (await running.send(NOTE, NEWER, prefer="wait=15")).status_code == 200
