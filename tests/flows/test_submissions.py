"""What becomes of a record that is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.flows.support import GOOD, NOTE, Behaviour, FakeSystem, RunningBus, fine, hang, start_bus, status


async def test_a_submission_is_answered_with_a_receipt_and_then_delivered(bus: RunningBus) -> None:
    sent = await bus.send(NOTE, GOOD, to="memo")
    assert sent.status_code == 202
    assert sent.json()["state"] == "accepted"
    assert sent.headers["idempotency-key"]
    found = await bus.settled(sent.json()["id"])
    assert found["outcome"] == "delivered"
    assert bus.systems["memo"].calls == [sent.json()["id"]]
    assert bus.systems["memo"].bodies[0]["text"] == "xin chào"


async def test_a_receipt_leads_to_its_exchange_at_once(bus: RunningBus) -> None:
    sent = await bus.send(NOTE, GOOD, to="memo")
    found = await bus.client.get(sent.headers["location"])
    assert found.status_code == 200
    assert found.json()["id"] == sent.json()["id"]


async def test_who_waits_gets_the_outcome_in_the_answer(bus: RunningBus) -> None:
    sent = await bus.send(NOTE, GOOD, to="twice", prefer="wait=10")
    assert sent.status_code == 200
    assert sent.json()["outcome"] == "delivered"


async def test_several_providers_and_no_receiver_is_asked_back(bus: RunningBus) -> None:
    sent = await bus.send(NOTE, GOOD)
    assert sent.status_code == 422
    assert "memo, twice" in sent.json()["detail"]


async def test_the_same_key_again_has_one_effect_and_the_same_id(bus: RunningBus) -> None:
    first = await bus.send(NOTE, GOOD, to="twice", idempotency_key="k1", prefer="wait=10")
    again = await bus.send(NOTE, GOOD, to="twice", idempotency_key="k1", prefer="wait=10")
    assert first.json()["id"] == again.json()["id"]
    assert again.json()["outcome"] == "delivered"
    assert len(bus.systems["twice"].calls) == 1


@pytest.mark.parametrize(("behave", "code", "said"), [(fine, 200, "delivered"), (status(422), 422, "refused")])
async def test_a_repeat_after_a_restart_is_answered_from_the_ledger(
    tmp_path: Path, behave: Behaviour, code: int, said: str
) -> None:
    systems = {"memo": FakeSystem(behave), "twice": FakeSystem(behave)}
    first = await start_bus(tmp_path, systems, transport="sqlite:log.db")
    async with first.stack:
        told = await first.send(NOTE, GOOD, to="twice", idempotency_key="k1", prefer="wait=10")
        assert (told.status_code, told.json()["outcome"]) == (code, said)
    again = await start_bus(tmp_path, systems, transport="sqlite:log.db")
    async with again.stack:
        repeat = await again.send(NOTE, GOOD, to="twice", idempotency_key="k1", prefer="wait=10")
        assert (repeat.status_code, repeat.json()) == (told.status_code, told.json())
        receipt = await again.send(NOTE, GOOD, to="twice", idempotency_key="k1")
        assert (receipt.status_code, receipt.json()["id"]) == (202, told.json()["id"])
    assert len(systems["twice"].calls) == 1


async def test_a_hundred_repeats_at_once_have_one_effect(bus: RunningBus) -> None:
    answers = await asyncio.gather(*(bus.send(NOTE, GOOD, to="twice", idempotency_key="k1") for _ in range(100)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    await bus.settled(answers[0].json()["id"])
    await asyncio.sleep(0.3)
    assert len(bus.systems["twice"].calls) == 1


async def test_the_same_key_with_another_body_is_refused(bus: RunningBus) -> None:
    first = await bus.send(NOTE, GOOD, to="twice", idempotency_key="k1")
    await bus.settled(first.json()["id"])
    other = await bus.send(NOTE, {**GOOD, "number": 8}, to="twice", idempotency_key="k1")
    assert other.status_code == 422
    assert other.json()["type"].endswith("idempotency-conflict")
    assert len(bus.systems["twice"].calls) == 1


async def test_the_same_record_in_another_order_is_the_same_body(bus: RunningBus) -> None:
    first = await bus.send(NOTE, GOOD, to="memo", idempotency_key="k1")
    again = await bus.send(NOTE, dict(reversed(GOOD.items())), to="memo", idempotency_key="k1")
    assert again.status_code in {200, 202}
    assert first.json()["id"] == again.json()["id"]


async def test_a_system_that_is_away_gets_its_message_when_it_is_back(bus: RunningBus) -> None:
    await bus.systems["memo"].stop()
    sent = await bus.send(NOTE, GOOD, to="memo")
    await asyncio.sleep(0.5)
    waiting = (await bus.client.get(f"/exchanges/{sent.json()['id']}")).json()
    assert waiting["state"] == "retrying"
    await bus.systems["memo"].start()
    found = await bus.settled(sent.json()["id"])
    assert found["outcome"] == "delivered"
    assert found["attempts"] >= 2


async def test_a_dead_system_delays_nobody_else(bus: RunningBus) -> None:
    bus.systems["memo"].behave = hang
    for _ in range(100):
        await bus.send(NOTE, GOOD, to="memo")
    sent = await bus.send(NOTE, GOOD, to="twice", prefer="wait=3")
    assert sent.json()["outcome"] == "delivered"


async def test_a_lost_answer_of_a_system_that_is_not_idempotent_is_in_doubt_and_never_sent_twice(
    bus: RunningBus,
) -> None:
    bus.systems["twice"].behave = hang
    sent = await bus.send(NOTE, GOOD, to="twice")
    found = await bus.settled(sent.json()["id"])
    assert found["outcome"] == "in_doubt"
    await asyncio.sleep(2.5)
    assert len(bus.systems["twice"].calls) == 1


async def test_an_operator_resolves_what_is_in_doubt_with_a_reason(bus: RunningBus) -> None:
    bus.systems["twice"].behave = hang
    exchange = (await bus.send(NOTE, GOOD, to="twice")).json()["id"]
    await bus.settled(exchange)
    listed = (await bus.operate("GET", "in-doubt")).json()["in_doubt"]
    assert [row["id"] for row in listed] == [exchange]
    answer = await bus.operate(
        "POST", f"exchanges/{exchange}/resolve", json={"outcome": "delivered", "reason": "hỏi trường: đã nhận"}
    )
    assert answer.status_code == 200
    async with asyncio.timeout(5):
        while (found := (await bus.client.get(f"/exchanges/{exchange}")).json())["outcome"] != "delivered":
            await asyncio.sleep(0.05)
    assert found["reason"] == "hỏi trường: đã nhận"
    again = await bus.operate("POST", f"exchanges/{exchange}/resolve", json={"outcome": "failed", "reason": "?"})
    assert again.status_code == 409


async def _dead(bus: RunningBus) -> str:
    bus.systems["memo"].behave = status(403)
    exchange: str = (await bus.send(NOTE, GOOD, to="memo")).json()["id"]
    async with asyncio.timeout(10):
        while not (await bus.operate("GET", "dead")).json()["dead"]:
            await asyncio.sleep(0.05)
    return exchange


async def test_what_gives_up_waits_for_a_person_who_retries_it(bus: RunningBus) -> None:
    exchange = await _dead(bus)
    shown = (await bus.client.get(f"/exchanges/{exchange}")).json()
    assert shown["state"] != "settled"
    assert shown["waits_for_person"]
    letter = (await bus.operate("GET", f"dead/{exchange}")).json()
    assert "403" in letter["reason"]
    bus.systems["memo"].behave = fine
    retried = await bus.operate("POST", f"dead/{exchange}/retry", json={"reason": "đã sửa quyền"})
    assert retried.status_code == 202
    assert (await bus.settled(exchange))["outcome"] == "delivered"
    assert (await bus.operate("GET", "dead")).json()["dead"] == []


async def test_a_dead_letter_that_is_dropped_has_failed(bus: RunningBus) -> None:
    exchange = await _dead(bus)
    await bus.operate("POST", f"dead/{exchange}/drop", json={"reason": "gửi nhầm"})
    found = await bus.settled(exchange)
    assert found["outcome"] == "failed"
    assert found["reason"] == "gửi nhầm"
    gone = await bus.operate("POST", f"dead/{exchange}/retry", json={"reason": "?"})
    assert gone.status_code == 404


async def test_an_act_without_a_reason_is_refused(bus: RunningBus) -> None:
    exchange = await _dead(bus)
    answer = await bus.operate("POST", f"dead/{exchange}/drop", json={"reason": " "})
    assert answer.status_code == 400


async def test_a_submission_that_keeps_failing_ends_as_a_dead_letter_with_its_cause(bus: RunningBus) -> None:
    bus.systems["memo"].behave = status(500)
    exchange = (await bus.send(NOTE, GOOD, to="memo")).json()["id"]
    async with asyncio.timeout(20):
        while not (found := (await bus.operate("GET", "dead")).json()["dead"]):
            await asyncio.sleep(0.1)
    assert found[0]["id"] == exchange
    assert found[0]["attempt"] == 3
    assert "500" in found[0]["reason"]


async def test_the_trace_of_the_sender_is_kept_through_every_hop(bus: RunningBus) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = await bus.send(NOTE, GOOD, to="memo", traceparent=f"00-{trace_id}-00f067aa0ba902b7-01", prefer="wait=5")
    assert sent.headers["traceparent"].split("-")[1] == trace_id
    assert bus.systems["memo"].traceparents[0].split("-")[1] == trace_id
    found = (await bus.client.get(f"/exchanges/{sent.json()['id']}")).json()
    assert found["trace_id"] == trace_id


async def test_only_the_parties_see_an_exchange(bus: RunningBus) -> None:
    sent = await bus.send(NOTE, GOOD, to="memo")
    await bus.settled(sent.json()["id"])

    async def seen_by(system: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {bus.token(system)}"}
        return await bus.client.get(sent.headers["location"], headers=headers)

    assert (await seen_by("memo")).status_code == 200
    assert (await seen_by("stranger")).status_code == 404


async def test_who_waits_for_a_receiver_that_is_away_is_told_so_and_when_it_is_tried_again(bus: RunningBus) -> None:
    await bus.systems["memo"].stop()
    receipts = [await bus.send(NOTE, GOOD, to="memo") for _ in range(6)]
    async with asyncio.timeout(20):
        while True:
            found = (await bus.client.get(f"/exchanges/{receipts[-1].json()['id']}")).json()
            if "receiver_away" in found:
                break
            await asyncio.sleep(0.05)
    assert found["receiver_away"]["next_trial_s"] > 0
    await bus.systems["memo"].start()
    settled = await bus.settled(receipts[-1].json()["id"])
    assert (settled["outcome"], "receiver_away" in settled) == ("delivered", False)
