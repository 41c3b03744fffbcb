"""What becomes of records that a system writes to its own topic."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastavro import parse_schema as fast
from fastavro import schemaless_writer
from typer.testing import CliRunner

from contracts.channels import ingress
from contracts.codec import encode
from contracts.ingress import AGAIN
from contracts.ports import Message, Position, Stored
from contracts.registry.written import SchemaType, Written
from gateway.commands import build
from tests.flows.support import MEASURED, READING, FakeSystem, RunningBus, fine, start_bus, write_workspace
from tests.flows.test_events import delivered

TOPIC = ingress("asker", READING)


def with_topic(root: Path) -> None:
    """The system `asker` writes its readings by itself."""
    (root / "systems/asker.yaml").write_text(f"publishes: [{READING}]\ningress: [{READING}]\n", encoding="utf-8")


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[RunningBus]:
    """A bus that has the topic."""
    running = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, change=with_topic)
    async with running.stack:
        yield running


async def write(bus: RunningBus, value: bytes, **headers: str) -> None:
    """A record of some producer."""
    told = tuple((name, text.encode()) for name, text in headers.items())
    await bus.bus.core.transport.append(Message(TOPIC, b"k", value, told))


def reading(bus: RunningBus, **changed: Any) -> bytes:
    """A reading in the contract's schema."""
    schema = bus.bus.core.workspace.contracts[READING].versions[1].request
    return encode(bus.bus.core.registry.id_of(schema), schema, {**MEASURED, **changed})


async def in_schema(bus: RunningBus, schema: dict[str, Any], record: dict[str, Any]) -> bytes:
    """A record in a schema that somebody registered."""
    schema_id = await bus.bus.core.subjects.number(Written(SchemaType.AVRO, json.dumps(schema)))
    out = BytesIO()
    schemaless_writer(out, fast(schema), record)
    return b"\0" + schema_id.to_bytes(4, "big") + out.getvalue()


async def dead(bus: RunningBus, count: int = 1) -> list[dict[str, Any]]:
    """The open dead letters, once there are so many."""
    async with asyncio.timeout(20):
        while True:
            found: list[dict[str, Any]] = (await bus.operate("GET", "dead")).json()["dead"]
            if len(found) == count:
                return found
            await asyncio.sleep(0.05)


async def pushed(bus: RunningBus, count: int) -> list[Any]:
    """What `memo` was pushed, once there is so much."""
    async with asyncio.timeout(20):
        while len(bus.systems["memo"].bodies) < count:
            await asyncio.sleep(0.02)
    return bus.systems["memo"].bodies


async def test_a_record_is_an_event_of_its_system_like_any_other(bus: RunningBus) -> None:
    await write(bus, reading(bus))
    assert await pushed(bus, 1) == [{"station": "A1", "pm25": 31.5}]
    page = (await bus.client.get(f"/inbox/{READING}", headers={"authorization": f"Bearer {bus.token('memo')}"})).json()
    event = page["events"][0]
    assert event["data"] == {"station": "A1", "pm25": 31.5}
    found = await delivered(bus, event["id"], "2 of 2")
    assert (found["sender"], found["state"]) == ("asker", "settled")
    metrics = (await bus.client.get("/metrics")).text
    assert f'lienthong_ingress_records_total{{contract="{READING}",end="event",system="asker"}} 1.0' in metrics


async def test_a_record_in_another_schema_is_read_where_the_contract_reads_all_of_it(bus: RunningBus) -> None:
    wider = {"type": "record", "name": "Reading", "fields": [
        {"name": "pm25", "type": "float"}, {"name": "station", "type": "string"}, {"name": "wind", "type": "int"}]}  # fmt: skip
    await write(bus, await in_schema(bus, wider, {"pm25": 2.5, "station": "B2", "wind": 3}))
    assert await pushed(bus, 1) == [{"station": "B2", "pm25": 2.5}]
    narrower = {"type": "record", "name": "Reading", "fields": [{"name": "station", "type": "string"}]}
    await write(bus, await in_schema(bus, narrower, {"station": "B2"}))
    letter = (await dead(bus))[0]
    assert "cannot be read as version 1: /fields/1" in letter["reason"]


async def test_what_is_no_record_is_a_dead_letter_with_its_reason_and_delays_nothing(bus: RunningBus) -> None:
    nonsense = {
        b"": "0 bytes are too few",
        b"{not what it should be}": "the first byte is 123",
        b"\0\0\x0f\xff\xff....": "schema id 1048575 is not on this log",
        reading(bus)[:-3]: "not a test.Reading",
        reading(bus) + b"!": "1 bytes follow",
        reading(bus, pm25=float("nan")): "/pm25",
    }
    for value in nonsense:
        await write(bus, value)
    await write(bus, reading(bus))
    assert len(await pushed(bus, 1)) == 1
    letters = await dead(bus, len(nonsense))
    for wanted in nonsense.values():
        assert any(wanted in each["reason"] for each in letters), (wanted, letters)
    assert {(each["contract"], each["system"], each["origin"]) for each in letters} == {(READING, "asker", "bus")}


async def test_a_dead_letter_is_sent_on_again_as_the_same_record_or_dropped(bus: RunningBus) -> None:
    await write(bus, b"\0\0\0\0\x63" + reading(bus)[5:])
    first = (await dead(bus))[0]
    answer = await bus.operate("POST", f"dead/{first['id']}/retry", json={"reason": "once more"})
    assert (answer.status_code, answer.json()["attempt"]) == (202, 2)
    async with asyncio.timeout(20):
        while (again := (await dead(bus))[0])["attempt"] != 2:
            await asyncio.sleep(0.05)
    assert again["id"] == first["id"]
    # Its schema turns up: then it is the event that it would have been.
    for number in range(bus.bus.core.registry.highest, 99):
        text = json.dumps({"type": "enum", "name": f"E{number}", "symbols": ["A"]})
        if number == 98:
            text = bus.bus.core.workspace.contracts[READING].versions[1].request.text + " "
        await bus.bus.core.subjects.number(Written(SchemaType.AVRO, text))
    await bus.operate("POST", f"dead/{first['id']}/retry", json={"reason": "now"})
    assert await pushed(bus, 1) == [{"station": "A1", "pm25": 31.5}]
    assert (await delivered(bus, first["id"], "2 of 2"))["id"] == first["id"]
    await dead(bus, 0)
    await write(bus, b"?")
    second = (await dead(bus))[0]
    dropped = await bus.operate("POST", f"dead/{second['id']}/drop", json={"reason": "nonsense"})
    assert dropped.json()["outcome"] == "failed"
    await dead(bus, 0)


async def test_a_producer_cannot_say_that_its_record_is_of_another_topic(bus: RunningBus) -> None:
    await write(bus, b"?", **{AGAIN: "in.memo/0/0@1"})
    letter = (await dead(bus))[0]
    await bus.operate("POST", f"dead/{letter['id']}/retry", json={"reason": "once more"})
    async with asyncio.timeout(20):
        while (await dead(bus))[0]["attempt"] != 2:
            await asyncio.sleep(0.05)
    assert bus.systems["memo"].calls == []


async def test_the_same_place_read_again_is_the_same_event(bus: RunningBus) -> None:
    await write(bus, reading(bus))
    await pushed(bus, 1)
    stored = await _first(bus)
    place = f"{TOPIC}/{stored.position.partition}/{stored.position.offset}@{stored.time_ms}"
    await write(bus, reading(bus), **{AGAIN: place})
    await write(bus, reading(bus, station="Z9"))
    await pushed(bus, 2)
    assert [each["station"] for each in bus.systems["memo"].bodies] == ["A1", "Z9"]


async def _first(bus: RunningBus) -> Stored:
    log = bus.bus.core.transport
    for number in range(log.partitions(TOPIC)):
        found = await log.read(Position(TOPIC, number, 0))
        if found is not None:
            return found
    raise AssertionError("nothing is there")


@pytest.mark.parametrize(
    ("name", "told"),
    [("test.note", "asker does not publish test.note"), (f"{READING}, {READING}", f"{READING} is there twice")],
)
def test_check_tells_what_cannot_be_a_topic(tmp_path: Path, name: str, told: str) -> None:
    write_workspace(tmp_path, {"memo": 1, "twice": 2})
    (tmp_path / "systems/asker.yaml").write_text(f"publishes: [{READING}]\ningress: [{name}]\n", encoding="utf-8")
    checked = CliRunner().invoke(build(), ["check", str(tmp_path)])
    assert (checked.exit_code == 0, told in checked.output) == (False, True)
