"""What becomes of a submission that is taken back before its receiver has it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from typer.testing import CliRunner, Result

from deploy.ports import free_port
from gateway.commands import build
from gateway.wiring.issue import issue_token
from tests.flows.crashing import CrashingBus
from tests.flows.support import (
    GOOD,
    LOOKUP,
    MEASURED,
    NOTE,
    READING,
    FakeSystem,
    RunningBus,
    fine,
    hang,
    start_bus,
    status,
    write_workspace,
)
from tests.flows.test_ordered import ordered

WHY = "gửi nhầm tệp"


def patient(root: Path) -> None:
    """Who is away is left alone after one failure, for three seconds; what failed is tried again after an hour."""
    path = root / "systems/memo.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("{failures: 3, pause_s: 1}", "{failures: 1, pause_s: 3}").replace("[1s, 2s]", "[1h]")
    path.write_text(text, encoding="utf-8")


def patient_and_ordered(root: Path) -> None:
    """Both."""
    patient(root)
    ordered(root)


def unhurried(root: Path) -> None:
    """A call may take longer than this machine may stand still: only the test decides when it ends."""
    for name in ("memo", "twice"):
        path = root / f"systems/{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("timeout_s: 1}", "timeout_s: 60}"), encoding="utf-8")


async def bus_with(root: Path, **options: Any) -> RunningBus:
    """A bus whose `memo` is as the options say."""
    return await start_bus(root, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, **options)


async def sent(bus: RunningBus, to: str = "memo", **headers: str) -> str:
    """The exchange of a note."""
    answer = await bus.send(NOTE, GOOD, to=to, **headers)
    assert answer.status_code == 202, answer.text
    exchange: str = answer.json()["id"]
    return exchange


async def withdraw(bus: RunningBus, exchange: str) -> httpx.Response:
    """The sender takes it back."""
    return await bus.client.post(f"/exchanges/{exchange}/withdraw", json={"reason": WHY})


async def taken_back(bus: RunningBus, exchange: str) -> None:
    """The sender takes it back, and it is: told at once, or a moment later where the machine is slow."""
    assert (await withdraw(bus, exchange)).status_code in (200, 202)
    await bus.settled(exchange)


async def until(bus: RunningBus, exchange: str, state: str) -> None:
    """Return once the exchange is in that state."""
    async with asyncio.timeout(20):
        while (await bus.client.get(f"/exchanges/{exchange}")).json().get("state") != state:
            await asyncio.sleep(0.02)


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status of a problem, and which it is."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_what_waits_for_a_receiver_that_is_away_is_withdrawn_and_never_sent(tmp_path: Path) -> None:
    """Be it on a retry channel, at the open breaker or in the backlog behind it."""
    bus = await bus_with(tmp_path, change=patient)
    async with bus.stack:
        await bus.systems["memo"].stop()
        tried = await sent(bus)
        await until(bus, tried, "retrying")
        waiting = [await sent(bus) for _ in range(5)]
        for exchange in (tried, *waiting):
            answer = await withdraw(bus, exchange)
            assert (answer.status_code, answer.json()["withdrawal"]) == (200, "done")
        kept = await sent(bus)
        await bus.systems["memo"].start()
        assert (await bus.settled(kept))["outcome"] == "delivered"
        assert bus.systems["memo"].calls == [kept]
        found = await bus.settled(tried)
    assert (found["outcome"], found["origin"]) == ("failed", "bus")
    assert WHY in found["errors"][0]["detail"]
    assert "withdrawal_asked" in [step["kind"] for step in found["steps"]]
    assert found["steps"][-1] | {"time": ""} == {
        "time": "",
        "kind": "settled",
        "place": "settled.memo",
        "attempt": 1,
        "detail": "failed: withdrawn",
    }


async def test_what_waits_for_its_turn_in_the_rate_is_withdrawn(tmp_path: Path) -> None:
    bus = await bus_with(tmp_path, memo="rate: {per_second: 0.01}\n")
    async with bus.stack:
        first, second = await sent(bus), await sent(bus)
        await bus.settled(first)
        assert (await withdraw(bus, second)).status_code == 200
        assert bus.systems["memo"].calls == [first]


async def test_who_waits_for_the_answer_is_told_that_it_was_withdrawn(tmp_path: Path) -> None:
    bus = await bus_with(tmp_path, memo="rate: {per_second: 0.01}\n")
    async with bus.stack:
        await bus.settled(await sent(bus))
        key = {"to": "memo", "prefer": "wait=20", "idempotency_key": "k1", "accept_language": "vi"}
        waiting = asyncio.create_task(bus.send(NOTE, GOOD, **key))
        exchange = await sent(bus, idempotency_key="k1")
        assert (await withdraw(bus, exchange)).status_code == 200
        told = await waiting
        again = await bus.send(NOTE, GOOD, **key)
    assert problem(told) == (502, "failed")
    assert told.json()["detail"] == "đã được rút lại trước khi hệ thống nhận nhận được"
    assert told.json()["errors"][0]["detail"] == f"asker đã rút lại: {WHY}."
    assert again.json() == told.json()


async def test_a_key_goes_on_once_what_kept_it_waiting_is_withdrawn(tmp_path: Path) -> None:
    """Be it the head of the key, asleep until its next attempt, or behind it."""
    bus = await bus_with(tmp_path, change=patient_and_ordered)
    async with bus.stack:
        bus.systems["memo"].behave = status(503)
        head = await sent(bus)
        await until(bus, head, "retrying")
        behind, last = await sent(bus), await sent(bus)
        await taken_back(bus, behind)
        bus.systems["memo"].behave = fine
        await taken_back(bus, head)
        assert (await bus.settled(last))["outcome"] == "delivered"
        assert bus.systems["memo"].calls == [head, last]


@pytest.mark.parametrize("receiver", ["memo", "twice"])
@pytest.mark.parametrize(
    ("code", "answered", "end"),
    [(200, (409, "too-late-to-withdraw"), "delivered"), (503, (200, ""), "failed"), (401, (409, "gave-up-before"), "")],
)
async def test_a_call_that_is_under_way_decides_itself(
    tmp_path: Path, receiver: str, code: int, answered: tuple[int, str], end: str
) -> None:
    """If it takes effect, the withdrawal came too late; if it fails, there is no other attempt; if it gives up, an
    operator decides."""
    called, may_answer = asyncio.Event(), asyncio.Event()

    async def behave(_request: web.Request) -> web.StreamResponse:
        called.set()
        await may_answer.wait()
        return web.json_response({}, status=code)

    bus = await bus_with(tmp_path, change=unhurried)
    async with bus.stack:
        bus.systems[receiver].behave = behave
        exchange = await sent(bus, to=receiver)
        await called.wait()
        asking = asyncio.create_task(withdraw(bus, exchange))
        await until_step(bus, exchange, "withdrawal_asked")
        may_answer.set()
        answer = await asking
        assert (answer.status_code, answer.json().get("type", "").rpartition(":")[2]) == answered
        if end:
            assert (await bus.settled(exchange))["outcome"] == end
        else:
            await until_step(bus, exchange, "dead")
            assert (await bus.client.get(f"/exchanges/{exchange}")).json()["waits_for_person"]
        assert bus.systems[receiver].calls == [exchange]


async def until_step(bus: RunningBus, exchange: str, kind: str) -> None:
    """Return once the exchange shows such a step."""
    async with asyncio.timeout(20):
        while True:
            found = (await bus.client.get(f"/exchanges/{exchange}")).json()
            if kind in {step["kind"] for step in found.get("steps", ())}:
                return
            await asyncio.sleep(0.02)


async def test_what_is_in_doubt_is_for_its_receiver_to_say(tmp_path: Path) -> None:
    bus = await bus_with(tmp_path)
    async with bus.stack:
        bus.systems["twice"].behave = hang
        exchange = await sent(bus, to="twice")
        await bus.settled(exchange)
        late = await withdraw(bus, exchange)
    assert problem(late) == (409, "too-late-to-withdraw")
    assert late.json()["outcome"] == "in_doubt"


async def test_what_may_have_been_taken_is_not_said_to_be_withdrawn(tmp_path: Path) -> None:
    bus = await bus_with(tmp_path)
    async with bus.stack:
        bus.systems["memo"].behave = hang
        exchange = await sent(bus)
        await until(bus, exchange, "retrying")
        assert problem(await withdraw(bus, exchange)) == (409, "maybe-taken")
        bus.systems["memo"].behave = fine
        assert (await bus.settled(exchange))["outcome"] == "delivered"


async def test_what_was_asked_for_during_a_call_whose_answer_was_lost_goes_on(tmp_path: Path) -> None:
    bus = await bus_with(tmp_path)
    async with bus.stack:
        memo = bus.systems["memo"]
        memo.behave = hang
        exchange = await sent(bus)
        async with asyncio.timeout(10):
            while not memo.calls:
                await asyncio.sleep(0.01)
        asking = asyncio.create_task(withdraw(bus, exchange))
        await until_step(bus, exchange, "withdrawal_asked")
        memo.behave = fine
        assert (await asking).status_code in {202, 409}
        assert (await bus.settled(exchange))["outcome"] == "delivered"
        assert memo.calls == [exchange] * 2


async def test_what_gave_up_is_for_an_operator_and_goes_on_when_he_says_so(tmp_path: Path) -> None:
    bus = await bus_with(tmp_path)
    async with bus.stack:
        bus.systems["memo"].behave = status(401)
        exchange = await sent(bus)
        await until_step(bus, exchange, "dead")
        assert problem(await withdraw(bus, exchange)) == (409, "gave-up-before")
        bus.systems["memo"].behave = fine
        await bus.operate("POST", f"dead/{exchange}/retry", json={"reason": "đã sửa"})
        assert (await bus.settled(exchange))["outcome"] == "delivered"


async def test_only_who_sent_it_and_operators_may_withdraw(tmp_path: Path) -> None:
    bus = await bus_with(tmp_path, memo="rate: {per_second: 0.01}\n")
    async with bus.stack:
        await bus.settled(await sent(bus))
        exchange = await sent(bus)
        path, body = f"/exchanges/{exchange}/withdraw", {"reason": WHY}
        for system, refused in (("memo", (403, "sender-only")), ("stranger", (404, "exchange-not-found"))):
            headers = {"authorization": f"Bearer {bus.token(system)}"}
            assert problem(await bus.client.post(path, json=body, headers=headers)) == refused
        as_sender = await bus.client.post(f"/operate{path}", json=body)
        assert problem(as_sender) == (403, "not-operator")
        assert problem(await bus.client.post(path, json={})) == (400, "bad-request")
        done = await bus.operate("POST", f"exchanges/{exchange}/withdraw", json=body)
        assert (done.status_code, done.json()["withdrawal"]) == (200, "done")
        again = await withdraw(bus, exchange)
        assert (again.status_code, again.json()) == (200, done.json())


@pytest.mark.parametrize("pattern", ["query", "event"])
async def test_queries_and_events_cannot_be_withdrawn(bus: RunningBus, pattern: str) -> None:
    if pattern == "query":
        answer = await bus.send(LOOKUP, {"person_id": "999314000017"}, end_user="canbo.01", case_ref="H17-1")
    else:
        answer = await bus.send(READING, MEASURED)
    refused = await withdraw(bus, answer.json()["id"])
    assert problem(refused) == (409, "not-a-submission")
    assert pattern in refused.json()["detail"]


async def test_what_is_asked_for_after_a_kill_is_decided_before_anything_is_sent(tmp_path: Path) -> None:
    """By `lienthong withdraw`, which takes the log's lock where no bus runs."""
    memo, twice, port = FakeSystem(fine), FakeSystem(fine), free_port()
    await asyncio.gather(memo.start(), twice.start())
    ports = {"memo": memo.port, "twice": twice.port}
    write_workspace(tmp_path, ports, transport="sqlite:log.db", port=port)
    patient(tmp_path)
    bus = CrashingBus(tmp_path, port, ("serve",))
    headers = {"authorization": f"Bearer {issue_token(tmp_path, 'asker', 600)}"}
    try:
        await memo.stop()
        await bus.start()
        await bus.ready()
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20, trust_env=False
        ) as client:
            note = f"/exchange/{NOTE}"
            ids = [(await client.post(note, json=GOOD, headers={"to": "memo"})).json()["id"] for _ in range(3)]
            # The first is on a retry channel by then, the others wait behind it.
            async with asyncio.timeout(20):
                while (await client.get(f"/exchanges/{ids[0]}")).json().get("state") != "retrying":
                    await asyncio.sleep(0.02)
            await bus.kill("serve")
            for exchange in ids[:2]:
                asked = await command(tmp_path, port, "withdraw", exchange, "--reason", WHY)
                assert (asked.exit_code, "asked for" in asked.stdout) == (0, True), asked.output
            await memo.start()
            await bus.start()
            await bus.ready()
            ends = [(await client.get(f"/exchanges/{each}", params={"wait": "20"})).json() for each in ids]
            again = await command(tmp_path, port, "withdraw", ids[0], "--reason", WHY)
            late = await command(tmp_path, port, "withdraw", ids[2], "--reason", WHY)
    finally:
        await bus.stop()
        await asyncio.gather(memo.stop(), twice.stop())
    assert [end["outcome"] for end in ends] == ["failed"] * 2 + ["delivered"]
    assert all(WHY in end["errors"][0]["detail"] for end in ends[:2])
    assert memo.calls == [ids[2]]
    assert (again.exit_code, late.exit_code) == (0, 6)


async def command(root: Path, port: int, *arguments: str) -> Result:
    """Run a command in the workspace in `root`."""
    env = {"LIENTHONG_DIR": str(root), "LIENTHONG_URL": f"http://127.0.0.1:{port}"}
    return await asyncio.to_thread(CliRunner().invoke, build(), list(arguments), env=env)
