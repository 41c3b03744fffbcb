"""What is of one key arrives in the order in which it was sent, where the contract says so."""

from __future__ import annotations

import asyncio
import collections
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from contracts.ports import Position
from tests.flows.support import GOOD, MEASURED, NOTE, READING, FakeSystem, RunningBus, fine, start_bus, status

OWN_INBOX = f"in.memo.{NOTE}"


def ordered(root: Path) -> None:
    """Notes are ordered by their text, readings by their station; receivers may take their time.

    All keys lie in one partition, where they have the best of chances to be in each other's way.
    """
    with (root / "bus.yaml").open("a", encoding="utf-8") as file:
        file.write("channels: {inbox: 1, other: 1}\n")
    for system in ("memo", "twice"):
        path = root / f"systems/{system}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("timeout_s: 1", "timeout_s: 20"), encoding="utf-8")
    for contract, key in ((NOTE, "/text"), (READING, "/station")):
        with (root / f"contracts/{contract}/contract.yaml").open("a", encoding="utf-8") as file:
            file.write(f"ordered: {{key: {key}}}\n")


async def ordered_bus(root: Path, transport: str = "memory:") -> RunningBus:
    """A bus whose notes and readings are ordered."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    return await start_bus(root, systems, transport=transport, change=ordered)


@pytest.fixture(params=["memory:", "sqlite:log.db"])
async def bus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningBus]:
    """A bus on each embedded log."""
    running = await ordered_bus(tmp_path, request.param)
    async with running.stack:
        yield running


class Receiver:
    """A receiver that takes notes down in the order in which it took them, and how many calls of a key were open."""

    def __init__(self) -> None:
        self.taken: dict[str, list[int]] = collections.defaultdict(list)
        self.most_open: collections.Counter[str] = collections.Counter()
        self.open: collections.Counter[str] = collections.Counter()
        self.fails: dict[tuple[str, int], list[int]] = {}
        self.holds: dict[str, asyncio.Event] = {}

    async def behave(self, request: web.Request) -> web.StreamResponse:
        """Take a note, unless it is to fail now."""
        note = await request.json()
        key, number = note["text"], note["number"]
        self.open[key] += 1
        self.most_open[key] = max(self.most_open[key], self.open[key])
        try:
            if key in self.holds:
                await self.holds[key].wait()
            await asyncio.sleep(0.005)
            fails = self.fails.get((key, number))
            if fails:
                return web.json_response({}, status=fails.pop(0))
            self.taken[key].append(number)
            return await fine(request)
        finally:
            self.open[key] -= 1


async def send_notes(bus: RunningBus, keys: Sequence[str], count: int, to: str = "memo") -> dict[tuple[str, int], str]:
    """Send `count` notes of each key, one after the other for each; answers their exchanges."""
    found: dict[tuple[str, int], str] = {}

    async def of(key: str) -> None:
        for number in range(count):
            answer = await bus.send(NOTE, {**GOOD, "text": key, "number": number}, to=to)
            assert answer.status_code == 202, answer.text
            found[key, number] = answer.json()["id"]

    await asyncio.gather(*(of(key) for key in keys))
    return found


async def steps_of(bus: RunningBus, exchange: str, kind: str) -> list[dict[str, Any]]:
    """The steps of that kind."""
    found = (await bus.client.get(f"/exchanges/{exchange}")).json()
    return [step for step in found["steps"] if step["kind"] == kind]


async def until_dead(bus: RunningBus, exchange: str) -> None:
    """Return once the exchange waits for a person."""
    async with asyncio.timeout(20):
        while True:
            answer = await bus.client.get(f"/exchanges/{exchange}")
            if answer.status_code == 200 and answer.json()["waits_for_person"]:
                return
            await asyncio.sleep(0.05)


async def test_the_notes_of_a_key_arrive_as_they_were_sent_though_the_receiver_fails_now_and_then(
    bus: RunningBus,
) -> None:
    receiver = Receiver()
    receiver.fails = {("a", 1): [503], ("b", 0): [503], ("a", 3): [503]}
    bus.systems["memo"].behave = receiver.behave
    keys = ["a", "b", "c", "d"]
    sent = await send_notes(bus, keys, 6)
    for exchange in sent.values():
        assert (await bus.settled(exchange))["outcome"] == "delivered"
    assert receiver.taken == {key: [0, 1, 2, 3, 4, 5] for key in keys}
    assert (await bus.settled(sent["a", 1]))["attempts"] == 2


async def test_one_of_a_key_is_in_flight_at_a_time_and_keys_do_not_wait_for_each_other(bus: RunningBus) -> None:
    receiver = Receiver()
    receiver.holds["slow"] = asyncio.Event()
    bus.systems["memo"].behave = receiver.behave
    held = await send_notes(bus, ["slow"], 5)
    passing = await send_notes(bus, ["a", "b", "c"], 5)
    for exchange in passing.values():
        await bus.settled(exchange)
    assert receiver.open["slow"] == 1
    assert receiver.taken["slow"] == []
    receiver.holds["slow"].set()
    for exchange in held.values():
        await bus.settled(exchange)
    assert receiver.taken["slow"] == [0, 1, 2, 3, 4]
    assert set(receiver.most_open.values()) == {1}


async def test_a_key_that_waits_for_its_next_attempt_lets_the_others_pass(bus: RunningBus) -> None:
    receiver = Receiver()
    receiver.fails = {("a", 0): [503, 503]}
    bus.systems["memo"].behave = receiver.behave
    sent = await send_notes(bus, ["a", "b"], 3)
    for number in range(3):
        await bus.settled(sent["b", number])
    assert receiver.taken["a"] == []
    waiting = (await bus.client.get(f"/exchanges/{sent['a', 0]}")).json()
    assert waiting["state"] == "retrying"
    await bus.settled(sent["a", 2])
    assert receiver.taken["a"] == [0, 1, 2]


async def test_a_dead_letter_lets_its_key_go_on_and_the_gap_is_shown(bus: RunningBus) -> None:
    receiver = Receiver()
    receiver.fails = {("a", 0): [503] * 3}
    bus.systems["memo"].behave = receiver.behave
    sent = await send_notes(bus, ["a", "b"], 2)
    assert (await bus.settled(sent["a", 1]))["outcome"] == "delivered"
    await until_dead(bus, sent["a", 0])
    assert receiver.taken["a"] == [1]
    (gap,) = await steps_of(bus, sent["a", 1], "gap")
    assert sent["a", 0] in gap["detail"]
    assert gap["place"] == OWN_INBOX
    assert await steps_of(bus, sent["b", 1], "gap") == []


async def test_a_dead_letter_that_is_sent_on_is_said_to_be_out_of_order_and_ends_the_gap(bus: RunningBus) -> None:
    receiver = Receiver()
    receiver.fails = {("a", 0): [503] * 3}
    bus.systems["memo"].behave = receiver.behave
    sent = await send_notes(bus, ["a"], 2)
    await bus.settled(sent["a", 1])
    await until_dead(bus, sent["a", 0])
    retried = await bus.operate("POST", f"dead/{sent['a', 0]}/retry", json={"reason": "mended"})
    assert (retried.status_code, retried.json()["out_of_order"]) == (202, True)
    assert (await bus.settled(sent["a", 0]))["outcome"] == "delivered"
    assert receiver.taken["a"] == [1, 0]
    later = await bus.send(NOTE, {**GOOD, "text": "a", "number": 9}, to="memo")
    await bus.settled(later.json()["id"])
    assert await steps_of(bus, later.json()["id"], "gap") == []
    assert len(await steps_of(bus, sent["a", 1], "gap")) == 1


async def test_a_refused_note_does_not_hold_up_its_key(bus: RunningBus) -> None:
    receiver = Receiver()
    receiver.fails = {("a", 0): [422]}
    bus.systems["memo"].behave = receiver.behave
    sent = await send_notes(bus, ["a"], 2)
    assert (await bus.settled(sent["a", 0]))["outcome"] == "refused"
    assert (await bus.settled(sent["a", 1]))["outcome"] == "delivered"
    assert await steps_of(bus, sent["a", 1], "gap") == []


async def test_the_events_of_a_key_reach_each_subscriber_in_order(bus: RunningBus) -> None:
    bus.systems["memo"].behave = status(503)
    values = [float(number) for number in range(8)]
    for value in values:
        answer = await bus.send(READING, {**MEASURED, "pm25": value})
        assert answer.status_code == 202
    bus.systems["memo"].behave = fine
    async with asyncio.timeout(20):
        while True:
            found = (await bus.client.get(f"/exchanges/{answer.json()['id']}")).json()
            if found.get("delivered") == "2 of 2":
                break
            await asyncio.sleep(0.05)
    memo = [body["pm25"] for body in bus.systems["memo"].bodies]
    assert [value for number, value in enumerate(memo) if value not in memo[:number]] == values
    assert memo == sorted(memo)
    assert [body["bui"] for body in bus.systems["twice"].bodies] == values


async def test_a_system_that_is_away_gets_all_of_a_key_in_order_when_it_is_back(tmp_path: Path) -> None:
    bus = await ordered_bus(tmp_path)
    async with bus.stack:
        receiver = Receiver()
        bus.systems["memo"].behave = receiver.behave
        await bus.systems["memo"].stop()
        sent = await send_notes(bus, ["a", "b", "c", "d"], 3)
        await asyncio.sleep(0.3)
        await bus.systems["memo"].start()
        for exchange in sent.values():
            assert (await bus.settled(exchange))["outcome"] == "delivered"
        assert receiver.taken == {key: [0, 1, 2] for key in "abcd"}


async def test_a_restart_goes_on_with_the_next_attempt_and_keeps_the_order(tmp_path: Path) -> None:
    receiver = Receiver()
    receiver.fails = {("a", 0): [503, 503]}
    systems = {"memo": FakeSystem(receiver.behave), "twice": FakeSystem(fine)}
    first = await start_bus(tmp_path, systems, transport="sqlite:log.db", change=ordered)
    async with first.stack:
        sent = await send_notes(first, ["a", "b"], 3)
        for number in range(3):
            await first.settled(sent["b", number])
        assert await steps_of(first, sent["a", 0], "handed_on")
    again = await start_bus(tmp_path, systems, transport="sqlite:log.db", change=ordered)
    async with again.stack:
        assert (await again.settled(sent["a", 0]))["attempts"] == 3
        await again.settled(sent["a", 2])
    assert receiver.taken == {"a": [0, 1, 2], "b": [0, 1, 2]}
    assert len(systems["memo"].calls) == 8


async def test_a_dead_letter_is_not_tried_again_by_itself_after_a_restart(tmp_path: Path) -> None:
    receiver = Receiver()
    receiver.fails = {("a", 0): [401], ("b", 0): [503] * 2}
    systems = {"memo": FakeSystem(receiver.behave), "twice": FakeSystem(fine)}
    first = await start_bus(tmp_path, systems, transport="sqlite:log.db", change=ordered)
    async with first.stack:
        # The second key holds up what is committed, so that the restart brings the dead letter's message again.
        sent = await send_notes(first, ["b", "a"], 2)
        await until_dead(first, sent["a", 0])
    again = await start_bus(tmp_path, systems, transport="sqlite:log.db", change=ordered)
    async with again.stack:
        await again.settled(sent["b", 1])
        await again.settled(sent["a", 1])
        assert (await again.client.get(f"/exchanges/{sent['a', 0]}")).json()["waits_for_person"]
    assert receiver.taken == {"a": [1], "b": [0, 1]}


async def test_what_is_called_and_not_idempotent_keeps_its_order_too(bus: RunningBus) -> None:
    receiver = Receiver()
    receiver.fails = {("a", 0): [503]}
    bus.systems["twice"].behave = receiver.behave
    sent = await send_notes(bus, ["a", "b"], 3, to="twice")
    for exchange in sent.values():
        assert (await bus.settled(exchange))["outcome"] == "delivered"
    assert receiver.taken == {"a": [0, 1, 2], "b": [0, 1, 2]}


async def test_what_a_contract_is_ordered_by_is_not_to_be_read_from_the_keys_on_the_log(bus: RunningBus) -> None:
    note = await bus.send(NOTE, {**GOOD, "text": "079200001234"}, to="memo")
    reading = await bus.send(READING, {**MEASURED, "station": "079200001234"})
    assert (note.status_code, reading.status_code) == (202, 202)
    for channel in (OWN_INBOX, f"event.{READING}"):
        stored = await bus.bus.core.transport.read(Position(channel, 0, 0))
        assert stored is not None
        assert b"079200001234" not in stored.message.key
        assert b"079200001234" not in b"".join(value for _, value in stored.message.headers)
