"""What a system that pulls events is given, whatever the log lies on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest

from adapters.clock import wall_clock_ms
from adapters.transport.embedded import EmbeddedTransport
from adapters.transport.memory import MemoryStore
from adapters.transport.sqlite import SqliteTransport
from contracts.channels import event
from contracts.ports import Message, Partition, Stored, partition_of
from tests.flows.support import MEASURED, NOTE, READING, FakeSystem, RunningBus, fine, start_bus

PUBLISHERS = {
    "systems/stranger.yaml": f"publishes: [{READING}]\n",
    "grants/more.yaml": (
        f"grants:\n  - {{id: g-asker, system: asker, contract: {READING}, providers: [asker, stranger], "
        "purpose: Thử nghiệm, legal_basis: không, from: 2025-01-01, view: all}\n"
    ),
}


async def opened(root: Path, transport: str, partitions: int = 1, **files: str) -> RunningBus:
    """A bus whose readings are published by `asker` and `stranger`; `asker` may read both, `memo` and `twice` one."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    named = {f"grants/{name}.yaml": text for name, text in files.items()}
    settings = f"channels: {{other: {partitions}}}\n"
    return await start_bus(root, systems, transport=transport, settings=settings, files={**PUBLISHERS, **named})


@pytest.fixture(params=["memory:", "sqlite:log.db"])
async def bus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningBus]:
    running = await opened(tmp_path, request.param)
    async with running.stack:
        yield running


async def ask(bus: RunningBus, system: str, contract: str = READING, **parameters: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {bus.token(system)}"}
    given = {name.removesuffix("_"): value for name, value in parameters.items()}
    return await bus.client.get(f"/inbox/{contract}", params=given, headers=headers)


async def pull(bus: RunningBus, system: str, contract: str = READING, **parameters: Any) -> dict[str, Any]:
    answer = await ask(bus, system, contract, **parameters)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def publish(bus: RunningBus, count: int, *, system: str = "asker", first: int = 0) -> list[str]:
    """Publish so many readings one after the other; their ids."""
    headers = {"authorization": f"Bearer {bus.token(system)}"}
    ids = []
    for number in range(first, first + count):
        record = {**MEASURED, "station": f"A{number}"}
        answer = await bus.client.post(f"/exchange/{READING}", json=record, headers=headers)
        assert answer.status_code == 202, answer.text
        ids.append(answer.json()["id"])
    return ids


def ids_of(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["events"]]


async def test_an_event_is_given_as_a_cloud_event_under_its_exchange_id(bus: RunningBus) -> None:
    (exchange,) = await publish(bus, 1)
    page = await pull(bus, "twice", wait=5)
    (given,) = page["events"]
    assert given.pop("time").endswith("Z")
    assert given == {
        "specversion": "1.0",
        "id": exchange,
        "source": "/systems/asker",
        "type": "vn.lienthong.event",
        "dataschema": f"/contracts/{READING}/1",
        "datacontenttype": "application/json",
        "data": {**MEASURED, "station": "A0"},
        "withheld": [],
    }
    assert page["more"] is False


async def test_what_the_grant_keeps_back_is_named_and_not_shown(bus: RunningBus) -> None:
    await publish(bus, 1)
    (given,) = (await pull(bus, "memo", wait=5))["events"]
    assert given["data"] == {"station": "A0", "pm25": 31.5}
    assert given["withheld"] == [{"path": "/operator", "reason": "not_granted"}]


async def test_a_cursor_goes_on_after_what_was_given(bus: RunningBus) -> None:
    ids = await publish(bus, 5)
    first = await pull(bus, "twice", limit=2)
    assert (ids_of(first), first["more"]) == (ids[:2], True)
    second = await pull(bus, "twice", limit=2, cursor=first["cursor"])
    assert (ids_of(second), second["more"]) == (ids[2:4], True)
    third = await pull(bus, "twice", limit=2, cursor=second["cursor"])
    assert (ids_of(third), third["more"]) == (ids[4:], False)
    empty = await pull(bus, "twice", cursor=third["cursor"])
    assert (ids_of(empty), empty["more"]) == ([], False)
    again = await pull(bus, "twice", limit=2, cursor=first["cursor"])
    assert ids_of(again) == ids[2:4]


async def test_only_events_of_publishers_that_the_grant_covers_are_given(bus: RunningBus) -> None:
    foreign = await publish(bus, 3, system="stranger")
    own = await publish(bus, 1)
    assert ids_of(await pull(bus, "asker", wait=5)) == [*foreign, *own]
    page = await pull(bus, "twice", limit=1, wait=5)
    assert (ids_of(page), page["more"]) == (own, False)


async def test_the_cursor_moves_past_events_that_were_not_for_this_system(bus: RunningBus) -> None:
    before = (await pull(bus, "twice"))["cursor"]
    foreign = await publish(bus, 3, system="stranger")
    assert ids_of(await pull(bus, "asker", wait=5)) == foreign
    page = await pull(bus, "twice", cursor=before, wait=1)
    assert (ids_of(page), page["more"]) == ([], False)
    assert ids_of(await pull(bus, "asker", cursor=page["cursor"])) == []


async def test_without_a_grant_nothing_is_given(bus: RunningBus) -> None:
    answer = await ask(bus, "stranger")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:lienthong:problem:no-grant")


async def test_a_major_that_was_not_granted_is_not_given(bus: RunningBus) -> None:
    await publish(bus, 1)
    assert len((await pull(bus, "twice", f"{READING}@1", wait=5))["events"]) == 1
    answer = await ask(bus, "twice", f"{READING}@2")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:lienthong:problem:contract-unknown")


async def test_what_is_no_event_has_no_inbox(bus: RunningBus) -> None:
    answer = await ask(bus, "asker", NOTE)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:lienthong:problem:not-an-event")


async def test_a_long_poll_is_answered_by_the_next_event(bus: RunningBus) -> None:
    cursor = (await pull(bus, "twice"))["cursor"]
    waiting = asyncio.create_task(pull(bus, "twice", cursor=cursor, wait=60))
    await polls(bus, 1)
    ids = await publish(bus, 1)
    assert ids_of(await waiting) == ids


async def test_events_of_others_do_not_end_a_long_poll(bus: RunningBus) -> None:
    waiting = asyncio.create_task(pull(bus, "twice", from_="latest", wait=60))
    await polls(bus, 1)
    foreign = await publish(bus, 2, system="stranger")
    own = await publish(bus, 1)
    page = await waiting
    assert ids_of(page) == own
    assert ids_of(await pull(bus, "asker", limit=3)) == [*foreign, *own]


async def test_a_long_poll_without_an_event_ends_with_a_cursor_in_its_time(bus: RunningBus) -> None:
    page = await pull(bus, "twice", wait=1)
    ids = await publish(bus, 1)
    assert ids_of(page) == []
    assert ids_of(await pull(bus, "twice", cursor=page["cursor"], wait=5)) == ids


async def test_a_client_that_goes_away_while_it_waits_leaves_nothing_behind(bus: RunningBus) -> None:
    waiting = asyncio.create_task(pull(bus, "twice", from_="latest", wait=60))
    await polls(bus, 1)
    waiting.cancel()
    await polls(bus, 0)


async def test_from_latest_begins_with_what_comes_now_and_from_a_time_with_what_came_then(bus: RunningBus) -> None:
    await publish(bus, 2)
    latest = await pull(bus, "twice", from_="latest")
    assert ids_of(latest) == []
    await asyncio.sleep(0.01)
    middle = datetime.now(UTC).isoformat(timespec="milliseconds")
    await asyncio.sleep(0.01)
    ids = await publish(bus, 2, first=2)
    assert ids_of(await pull(bus, "twice", cursor=latest["cursor"], wait=5)) == ids
    assert ids_of(await pull(bus, "twice", from_=middle)) == ids
    assert ids_of(await pull(bus, "twice", from_="2099-01-01T00:00:00Z")) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "many"},
        {"wait": "-1"},
        {"from_": "yesterday"},
        {"from_": "2026-01-01T00:00:00"},
        {"from_": "2026-13-01T00:00:00Z"},
        {"from_": "latest", "cursor": "x"},
        {"curser": "x"},
    ],
)
async def test_a_parameter_that_is_wrong_is_named(bus: RunningBus, wrong: dict[str, str]) -> None:
    answer = await ask(bus, "twice", **wrong)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:lienthong:problem:bad-request")
    assert next(iter(wrong)).removesuffix("_") in answer.json()["detail"]


async def test_a_cursor_that_was_tampered_with_is_refused(bus: RunningBus) -> None:
    cursor = (await pull(bus, "twice"))["cursor"]
    answer = await ask(bus, "twice", cursor=("B" if cursor[0] == "A" else "A") + cursor[1:])
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:lienthong:problem:cursor-invalid")


async def test_the_same_event_stored_twice_is_given_once_on_a_page(bus: RunningBus) -> None:
    """Two gateways may store one event under one key at the same time."""
    (exchange,) = await publish(bus, 1)
    transport = bus.bus.core.transport
    (stored,) = await lying_in(bus)
    await transport.append(stored.message)
    other = await publish(bus, 1, first=1)
    assert ids_of(await pull(bus, "twice", wait=5)) == [exchange, *other]


async def test_what_is_no_event_of_the_bus_is_passed_over(bus: RunningBus) -> None:
    await bus.bus.core.transport.append(Message(event(READING), b"k", b"\x01 not Avro"))
    ids = await publish(bus, 1)
    page = await pull(bus, "twice", wait=5)
    assert (ids_of(page), page["more"]) == (ids, False)


async def test_who_was_given_an_event_is_written_down(bus: RunningBus) -> None:
    (exchange,) = await publish(bus, 1)
    await pull(bus, "asker", wait=5)
    async with asyncio.timeout(20):
        while True:
            steps = (await bus.client.get(f"/exchanges/{exchange}")).json().get("steps", [])
            supplied = [step["detail"] for step in steps if step["kind"] == "supplied"]
            if supplied:
                break
            await asyncio.sleep(0.05)
    assert supplied == ["data: asker, grant g-asker"]


async def test_a_page_ends_before_it_is_too_large_and_the_next_goes_on(bus: RunningBus) -> None:
    headers = {"authorization": f"Bearer {bus.token('asker')}"}
    ids = []
    for number in range(9):
        record = {**MEASURED, "station": f"{number}" + "a" * 800_000}
        answer = await bus.client.post(f"/exchange/{READING}", json=record, headers=headers)
        ids.append(answer.json()["id"])
    first = await pull(bus, "twice")
    assert (ids_of(first), first["more"]) == (ids[:6], True)
    second = await pull(bus, "twice", cursor=first["cursor"])
    assert (ids_of(second), second["more"]) == (ids[6:], False)


async def test_what_lies_further_back_than_memory_is_read_from_the_log_in_order(bus: RunningBus) -> None:
    (exchange,) = await publish(bus, 1)
    (stored,) = await lying_in(bus)
    await asyncio.gather(*(bus.bus.core.transport.append(renamed(stored, number)) for number in range(3_000)))
    found: list[str] = []
    cursor = ""
    while len(found) < 3_001:
        page = await pull(bus, "twice", limit=700, wait=20, **({"cursor": cursor} if cursor else {}))
        assert page["events"]
        found += ids_of(page)
        cursor = page["cursor"]
    assert found == [exchange, *(name(number) for number in range(3_000))]


async def test_each_partition_comes_in_its_own_order(tmp_path: Path) -> None:
    bus = await opened(tmp_path, "memory:", partitions=4)
    async with bus.stack:
        ids = await publish(bus, 60)
        found: list[str] = []
        cursor = ""
        while len(found) < 60:
            page = await pull(bus, "twice", limit=7, **({"cursor": cursor} if cursor else {}))
            found += ids_of(page)
            cursor = page["cursor"]
        assert sorted(found) == sorted(ids)
        for number in range(4):
            of = [each for each in ids if partition_of(each.encode(), 4) == number]
            assert of
            assert [each for each in found if each in of] == of


async def test_a_puller_goes_on_where_it_was_after_the_bus_was_started_anew(tmp_path: Path) -> None:
    first = await opened(tmp_path, "sqlite:log.db")
    async with first.stack:
        ids = await publish(first, 3)
        cursor = (await pull(first, "twice", limit=2))["cursor"]
    second = await opened(tmp_path, "sqlite:log.db")
    async with second.stack:
        ids += await publish(second, 1, first=3)
        assert ids_of(await pull(second, "twice", cursor=cursor, wait=5)) == ids[2:]


async def test_who_comes_back_after_retention_is_told_what_was_missed_and_where_to_go_on(tmp_path: Path) -> None:
    first = await opened(tmp_path, "sqlite:log.db")
    async with first.stack:
        await publish(first, 5)
        cursor = (await pull(first, "twice", limit=2, wait=5))["cursor"]
        await fanned_out(first, 5)
    await let_retention_take(tmp_path / "log.db", 5)
    second = await opened(tmp_path, "sqlite:log.db")
    async with second.stack:
        ids = await publish(second, 2, first=5)
        answer = await ask(second, "twice", cursor=cursor)
        assert (answer.status_code, answer.json()["type"]) == (410, "urn:lienthong:problem:cursor-expired")
        assert (answer.json()["missed"], answer.json()["origin"]) == (3, "bus")
        assert ids_of(await pull(second, "twice", cursor=answer.json()["earliest"], wait=5)) == ids


async def test_a_cursor_of_a_log_that_is_no_more_is_told_so(tmp_path: Path) -> None:
    first = await opened(tmp_path, "memory:")
    async with first.stack:
        await publish(first, 3)
        cursor = (await pull(first, "twice", wait=5))["cursor"]
    second = await opened(tmp_path, "memory:")
    async with second.stack:
        ids = await publish(second, 1)
        answer = await ask(second, "twice", cursor=cursor)
        assert (answer.status_code, answer.json()["type"]) == (410, "urn:lienthong:problem:cursor-ahead")
        assert ids_of(await pull(second, "twice", cursor=answer.json()["earliest"], wait=5)) == ids


async def test_once_a_grant_has_ended_nothing_more_is_given(tmp_path: Path) -> None:
    first = await opened(tmp_path, "sqlite:log.db")
    async with first.stack:
        await publish(first, 2)
        cursor = (await pull(first, "asker", limit=1))["cursor"]
    ended = PUBLISHERS["grants/more.yaml"].replace("from: 2025-01-01", "from: 2025-01-01, to: 2025-06-30")
    second = await opened(tmp_path, "sqlite:log.db", more=ended)
    async with second.stack:
        assert (await ask(second, "asker", cursor=cursor)).status_code == 403


async def test_a_log_that_cannot_be_read_is_said_and_loses_nothing(tmp_path: Path) -> None:
    bus = await opened(tmp_path, "memory:")
    async with bus.stack:
        ids = await publish(bus, 2)
        transport = bus.bus.core.transport
        assert isinstance(transport, EmbeddedTransport)
        assert isinstance(transport.store, MemoryStore)
        transport.store.available = False
        answer = await ask(bus, "twice")
        transport.store.available = True
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:lienthong:problem:log-unreadable")
        assert answer.headers["retry-after"] == "1"
        assert ids_of(await pull(bus, "twice", limit=2, wait=5)) == ids


async def test_a_thousand_who_wait_are_all_answered_by_one_event_and_one_reader(tmp_path: Path) -> None:
    bus = await opened(tmp_path, "memory:")
    async with bus.stack:
        headers = {"authorization": f"Bearer {bus.token('twice')}"}
        url = f"http://127.0.0.1:{bus.bus.port}/inbox/{READING}?from=latest&wait=60"
        limits = aiohttp.TCPConnector(limit=0)
        readers = readers_open(bus)
        async with aiohttp.ClientSession(connector=limits, headers=headers) as session:

            async def wait_for_one() -> list[str]:
                async with session.get(url) as answer:
                    return ids_of(await answer.json())

            waiting = [asyncio.create_task(wait_for_one()) for _ in range(1_000)]
            await polls(bus, 1_000)
            assert readers_open(bus) == readers
            ids = await publish(bus, 1)
            assert await asyncio.gather(*waiting) == [ids] * 1_000
        await polls(bus, 0)


async def test_stopping_the_bus_answers_those_who_wait(tmp_path: Path) -> None:
    bus = await opened(tmp_path, "memory:")
    async with bus.stack:
        headers = {"authorization": f"Bearer {bus.token('twice')}"}
        async with httpx.AsyncClient(base_url=bus.client.base_url, headers=headers, trust_env=False) as client:
            asked = client.get(f"/inbox/{READING}", params={"wait": 60}, timeout=60)
            waiting = asyncio.create_task(asked)
            await polls(bus, 1)
            await bus.stack.aclose()
            answer = await waiting
    assert (answer.status_code, answer.json()["events"]) == (200, [])


async def polls(bus: RunningBus, count: int) -> None:
    """Return once so many requests wait for an event."""
    async with asyncio.timeout(60):
        while f"\nlienthong_inbox_polls {count}.0\n" not in (await bus.client.get("/metrics")).text:
            await asyncio.sleep(0.01)


def readers_open(bus: RunningBus) -> int:
    """How many readers without a group the log serves."""
    transport = bus.bus.core.transport
    assert isinstance(transport, EmbeddedTransport)
    return len(transport._readers)


async def fanned_out(bus: RunningBus, count: int) -> None:
    """Return once both subscribers were pushed so many events: until then retention keeps them."""
    async with asyncio.timeout(20):
        while any(len(set(system.calls)) < count for system in bus.systems.values()):
            await asyncio.sleep(0.05)


async def lying_in(bus: RunningBus) -> list[Stored]:
    """What is in the event channel."""
    transport = bus.bus.core.transport
    reader = await transport.reader({Partition(event(READING), 0): 0})
    found = list(await reader.take(wait_s=5))
    await reader.close()
    return found


def name(number: int) -> str:
    return f"00000000-0000-8000-8000-{number:012}"


def renamed(stored: Stored, number: int) -> Message:
    """The same event under another id."""
    headers = [
        (key, name(number).encode() if key in {"ce_id", "ce_subject"} else value)
        for key, value in stored.message.headers
    ]
    return Message(stored.message.channel, name(number).encode(), stored.message.value, tuple(headers))


async def let_retention_take(path: Path, count: int) -> None:
    """Let years go by for the log, and return once so many events are gone."""
    where = Partition(event(READING), 0)
    later = SqliteTransport(path, clock=lambda: wall_clock_ms() + 10 * 366 * 86_400_000)
    await later.start()
    async with asyncio.timeout(60):
        while (await later.extents([where]))[where].first < count:
            await asyncio.sleep(0.05)
    await later.close()
