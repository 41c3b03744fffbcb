"""What becomes of messages to a system that takes only so many calls a second."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from tests.flows.support import GOOD, LOOKUP, NOTE, FakeSystem, fine, start_bus

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
