"""What becomes of a question."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from aiohttp import web

from tests.flows.support import LOOKUP, Behaviour, RunningBus, fine, hang, status


def said(**body: Any) -> Behaviour:
    """The system answers 200 with that body."""

    async def behave(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body)

    return behave


async def ask(bus: RunningBus, **headers: str) -> httpx.Response:
    """A valid question."""
    named = {"end_user": "canbo.01", "case_ref": "H17-1", **headers}
    return await bus.send(LOOKUP, {"person_id": "999314000017"}, **named)


async def test_an_answer_is_mapped_and_what_the_grant_keeps_back_is_named(bus: RunningBus) -> None:
    answer = await ask(bus)
    assert answer.status_code == 200
    body = answer.json()
    assert body["outcome"] == "data"
    assert body["record"] == {"name": "NGUYỄN VĂN A", "born": "2014-05"}
    assert body["withheld"] == [{"path": "/secret", "reason": "not_granted"}]


async def test_the_officer_and_the_dossier_reach_the_provider(bus: RunningBus) -> None:
    await ask(bus, end_user="c%C3%A1n b%E1%BB%99 An")
    assert bus.systems["memo"].bodies[0] == {"id": "999314000017", "officer": "cán bộ An", "dossier": "H17-1"}


async def test_a_contract_that_requires_them_refuses_a_question_without(bus: RunningBus) -> None:
    answer = await bus.send(LOOKUP, {"person_id": "999314000017"})
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == ["header_missing", "header_missing"]
    assert bus.systems["memo"].calls == []


async def test_no_data_is_an_answer(bus: RunningBus) -> None:
    bus.systems["memo"].behave = said(status=2)
    answer = await ask(bus)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "no_data")


async def test_withheld_names_its_reason_and_its_ground(bus: RunningBus) -> None:
    bus.systems["memo"].behave = said(status=3, why="thuộc diện bảo vệ", law="Luật 91/2025/QH15")
    body = (await ask(bus)).json()
    assert (body["outcome"], body["reason"], body["ground"]) == ("withheld", "thuộc diện bảo vệ", "Luật 91/2025/QH15")


async def test_a_refusal_of_the_provider_is_422_and_says_whose_it_is(bus: RunningBus) -> None:
    bus.systems["memo"].behave = said(status=4, why="sai mã cán bộ")
    answer = await ask(bus)
    assert answer.status_code == 422
    assert answer.json()["origin"] == "provider"
    assert "sai mã cán bộ" in answer.json()["detail"]


@pytest.mark.parametrize("code", [500, 503, 403])
async def test_a_provider_that_fails_is_a_502_after_it_was_tried(bus: RunningBus, code: int) -> None:
    bus.systems["memo"].behave = status(code)
    answer = await ask(bus)
    assert answer.status_code == 502
    assert answer.json()["origin"] == "provider"
    assert str(code) in answer.json()["detail"]


async def test_an_answer_that_does_not_fit_the_contract_names_the_place_and_not_the_value(bus: RunningBus) -> None:
    bus.systems["memo"].behave = said(status=1, found={"name": "A", "born": "bí mật"})
    answer = await ask(bus)
    assert answer.status_code == 502
    assert "/born" in answer.json()["detail"]
    assert "bí mật" not in answer.text


async def test_a_provider_that_hangs_ends_within_the_deadline(bus: RunningBus) -> None:
    bus.systems["memo"].behave = hang
    answer = await ask(bus)
    assert (answer.status_code, answer.json()["outcome"]) in {(502, "failed"), (504, "expired")}
    assert answer.json()["origin"] == "provider"


async def test_who_waits_less_than_the_deadline_gets_a_receipt_and_the_end_later(bus: RunningBus) -> None:
    bus.systems["memo"].behave = hang
    answer = await ask(bus, prefer="wait=1")
    assert (answer.status_code, answer.json()["state"]) == (202, "accepted")
    assert (await bus.settled(answer.json()["id"]))["outcome"] in {"failed", "expired"}


async def test_who_does_not_wait_gets_a_receipt_and_finds_the_answer_there(bus: RunningBus) -> None:
    answer = await ask(bus, prefer="respond-async")
    assert answer.status_code == 202
    found = await bus.settled(answer.json()["id"])
    assert found["outcome"] == "data"
    assert found["record"] == {"name": "NGUYỄN VĂN A", "born": "2014-05"}


async def test_fields_that_a_provider_adds_do_not_stop_the_answer(bus: RunningBus) -> None:
    bus.systems["memo"].behave = said(status=1, found={"name": "A", "born": "2014", "shoe_size": 43})
    assert (await ask(bus)).json()["record"]["born"] == "2014"


async def test_a_query_is_answered_again_after_its_provider_came_back(bus: RunningBus) -> None:
    bus.systems["memo"].behave = status(500)
    assert (await ask(bus)).status_code == 502
    bus.systems["memo"].behave = fine
    assert (await ask(bus)).status_code in {200, 503}
