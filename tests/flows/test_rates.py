"""What becomes of messages to a system that takes only so many calls a second."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from aiohttp import web

from deploy.ports import free_port
from gateway.wiring.issue import issue_token
from tests.flows.crashing import CrashingBus
from tests.flows.support import GOOD, LOOKUP, NOTE, FakeSystem, fine, start_bus, write_workspace

QUESTION = {"person_id": "999314000017"}


async def test_a_query_whose_turn_would_come_after_its_deadline_has_expired_at_once(tmp_path: Path) -> None:
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path, systems, memo="rate: {per_second: 0.01}\n")
    async with running.stack:
        first = await running.send(LOOKUP, QUESTION, end_user="canbo.01", case_ref="H17-1")
        second = await running.send(LOOKUP, QUESTION, end_user="canbo.01", case_ref="H17-1")
    assert (first.status_code, second.status_code) == (200, 504)
    assert (second.json()["outcome"], second.json()["origin"]) == ("expired", "bus")
    assert "memo takes 0.01 calls a second" in second.json()["detail"]
    assert len(systems["memo"].calls) == 1


async def test_submissions_wait_for_their_turn_and_all_arrive(tmp_path: Path) -> None:
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path, systems, memo="rate: {per_second: 20, burst: 2}\n")
    async with running.stack:
        sent = [await running.send(NOTE, {**GOOD, "number": each}, to="memo") for each in range(6)]
        settled = [await running.settled(answer.json()["id"]) for answer in sent]
    assert [each["outcome"] for each in settled] == ["delivered"] * 6
    assert len(systems["memo"].calls) == 6


async def test_a_system_that_asks_to_wait_is_called_again_after_that(tmp_path: Path) -> None:
    memo = FakeSystem(fine)

    async def busy_at_first(request: web.Request) -> web.StreamResponse:
        if len(memo.calls) == 1:
            return web.json_response({"status": 0}, status=429, headers={"Retry-After": "2"})
        return await fine(request)

    memo.behave = busy_at_first
    systems = {"memo": memo, "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path, systems, memo="rate: {per_second: 50}\n")
    async with running.stack:
        answer = await running.send(NOTE, GOOD, to="memo")
        settled = await running.settled(answer.json()["id"])
    assert settled["outcome"] == "delivered"
    assert memo.calls == [answer.json()["id"]] * 2


async def test_what_still_waits_for_its_turn_when_the_bus_is_killed_is_not_in_doubt(tmp_path: Path) -> None:
    """Not even with a system that must not be called twice: it was not called yet."""
    twice, memo, port = FakeSystem(fine), FakeSystem(fine), free_port()
    await asyncio.gather(twice.start(), memo.start())
    ports = {"twice": twice.port, "memo": memo.port}
    write_workspace(tmp_path, ports, transport="sqlite:log.db", port=port)
    adapter = tmp_path / "systems/twice.yaml"
    without_rate = adapter.read_text("utf-8")
    adapter.write_text(f"{without_rate}rate: {{per_second: 0.01}}\n", "utf-8")
    bus = CrashingBus(tmp_path, port, ("serve",))
    headers = {"authorization": f"Bearer {issue_token(tmp_path, 'asker', 600)}"}
    try:
        await bus.start()
        await bus.ready()
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20, trust_env=False
        ) as client:
            sent = [
                (await client.post(f"/exchange/{NOTE}", json={**GOOD, "number": each}, headers={"to": "twice"})).json()
                for each in range(4)
            ]
            first = (await client.get(f"/exchanges/{sent[0]['id']}", params={"wait": "10"})).json()
            assert (first["state"], len(twice.calls)) == ("settled", 1)
            await bus.kill("serve")
            adapter.write_text(without_rate, "utf-8")
            await bus.start()
            await bus.ready()
            ends = [(await client.get(f"/exchanges/{each['id']}", params={"wait": "20"})).json() for each in sent]
    finally:
        await bus.stop()
        await asyncio.gather(twice.stop(), memo.stop())
    assert [end["outcome"] for end in ends] == ["delivered"] * 4
    assert sorted(twice.calls) == sorted(each["id"] for each in sent)
