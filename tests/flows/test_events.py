"""What becomes of an event."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.flows.support import GOOD, MEASURED, NOTE, READING, RunningBus, fine, status


async def delivered(bus: RunningBus, exchange: str, delivered: str, within_s: float = 20) -> dict[str, Any]:
    """The event once that many of its subscribers have it."""
    async with asyncio.timeout(within_s):
        while True:
            answer = await bus.client.get(f"/exchanges/{exchange}", params={"wait": "1"})
            if answer.status_code == 200 and answer.json().get("delivered") == delivered:
                found: dict[str, Any] = answer.json()
                return found
            await asyncio.sleep(0.05)


async def test_an_event_reaches_each_subscriber_in_its_own_format_and_within_its_grant(bus: RunningBus) -> None:
    answer = await bus.send(READING, MEASURED)
    assert answer.status_code == 202
    found = await delivered(bus, answer.json()["id"], "2 of 2")
    assert (found["state"], found["outcome"], found["receiver"]) == ("settled", "delivered", "")
    assert {each["receiver"]: each["outcome"] for each in found["deliveries"]} == {
        "memo": "delivered",
        "twice": "delivered",
    }
    assert bus.systems["memo"].bodies == [{"station": "A1", "pm25": 31.5}]
    assert bus.systems["twice"].bodies == [{"tram": "A1", "bui": 31.5}]


async def test_each_copy_has_an_id_of_its_own_which_the_subscriber_is_told(bus: RunningBus) -> None:
    answer = await bus.send(READING, MEASURED)
    found = await delivered(bus, answer.json()["id"], "2 of 2")
    copies = {each["receiver"]: each["id"] for each in found["deliveries"]}
    assert {name: system.calls for name, system in bus.systems.items()} == {name: [id_] for name, id_ in copies.items()}
    assert answer.json()["id"] not in copies.values()


async def test_a_subscriber_that_is_away_delays_nobody_and_gets_it_later(bus: RunningBus) -> None:
    await bus.systems["memo"].stop()
    answer = await bus.send(READING, MEASURED)
    exchange = answer.json()["id"]
    async with asyncio.timeout(20):
        while bus.systems["twice"].calls == []:
            await asyncio.sleep(0.05)
    waiting = (await bus.client.get(f"/exchanges/{exchange}")).json()
    assert waiting["outcome"] is None
    await bus.systems["memo"].start()
    assert (await delivered(bus, exchange, "2 of 2"))["state"] == "settled"
    assert len(bus.systems["twice"].calls) == 1


async def test_a_refusal_of_one_subscriber_is_shown_beside_the_others_delivery(bus: RunningBus) -> None:
    bus.systems["memo"].behave = status(422)
    answer = await bus.send(READING, MEASURED)
    found = await delivered(bus, answer.json()["id"], "1 of 2, 1 refused")
    assert (found["state"], found["outcome"]) == ("settled", None)


async def test_the_same_event_under_the_same_key_is_pushed_once(bus: RunningBus) -> None:
    first = await bus.send(READING, MEASURED, idempotency_key="once-only")
    again = await bus.send(READING, MEASURED, idempotency_key="once-only")
    assert first.json()["id"] == again.json()["id"]
    await delivered(bus, first.json()["id"], "2 of 2")
    note = await bus.send(NOTE, GOOD, to="memo")
    await bus.settled(note.json()["id"])
    assert [len(system.calls) for system in bus.systems.values()] == [2, 1]


async def test_who_is_no_publisher_is_refused(bus: RunningBus) -> None:
    headers = {"authorization": f"Bearer {bus.token('stranger')}"}
    answer = await bus.client.post(f"/exchange/{READING}", json=MEASURED, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("not-publisher")


async def test_an_event_has_no_receiver_to_be_named(bus: RunningBus) -> None:
    answer = await bus.send(READING, MEASURED, to="memo")
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("receiver-of-event")


async def test_a_bad_event_names_its_field(bus: RunningBus) -> None:
    answer = await bus.send(READING, {**MEASURED, "pm25": "31,5"})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/pm25"]


async def test_a_subscriber_sees_its_copy_and_not_the_others(bus: RunningBus) -> None:
    bus.systems["memo"].behave = fine
    answer = await bus.send(READING, MEASURED)
    found = await delivered(bus, answer.json()["id"], "2 of 2")
    copies = {each["receiver"]: each["id"] for each in found["deliveries"]}
    headers = {"authorization": f"Bearer {bus.token('memo')}"}
    mine = await bus.client.get(f"/exchanges/{copies['memo']}", headers=headers)
    other = await bus.client.get(f"/exchanges/{copies['twice']}", headers=headers)
    assert (mine.status_code, other.status_code) == (200, 404)
