"""Dead letters and exchanges in doubt end by the word of a person who gives a reason."""

from __future__ import annotations

import asyncio
import html
import re

import pytest

from gateway.console.acting import MOST
from tests.flows.support import RunningBus, fine
from tests.gateway.console.support import Visitor, dead_letter, doubtful, text_of, unreadable


async def test_many_dead_letters_are_sent_again_at_once(peopled: RunningBus, operator: Visitor) -> None:
    exchanges = [await dead_letter(peopled) for _ in range(3)]
    asked = await operator.post("/console/dead/confirm", {"id": exchanges[:2], "do": "retry"})
    assert "Gửi lại 2 thông điệp" in text_of(asked)
    peopled.systems["memo"].behave = fine
    form = {"id": exchanges[:2], "do": "retry", "reason": "hệ thống nhận đã sửa"}
    told = await operator.post("/console/dead/act", form)
    assert "Đã cho gửi lại 2 thông điệp." in text_of(told)
    for exchange in exchanges[:2]:
        assert (await peopled.settled(exchange))["outcome"] == "delivered"
    assert [each["id"] for each in (await peopled.operate("GET", "dead")).json()["dead"]] == [exchanges[2]]


async def test_what_one_is_refused_for_does_not_keep_the_next_from_it(peopled: RunningBus, operator: Visitor) -> None:
    exchange = await dead_letter(peopled)
    form = {"id": ["khong-co", exchange], "do": "drop", "reason": "gửi nhầm"}
    told = text_of(await operator.post("/console/dead/act", form))
    assert "Đã huỷ bỏ 1 thông điệp" in told
    assert "khong-co" in told
    found = await peopled.settled(exchange)
    assert (found["outcome"], found["reason"], found["decided_by"]) == ("failed", "gửi nhầm", "vanhanh")


async def test_no_act_is_done_without_a_reason_or_without_a_choice(peopled: RunningBus, operator: Visitor) -> None:
    exchange = await dead_letter(peopled)
    for form in (
        {"id": exchange, "do": "drop", "reason": ""},
        {"id": exchange, "do": "drop", "reason": "x" * 501},
        {"do": "drop", "reason": "gửi nhầm"},
        {"id": exchange, "do": "burn", "reason": "gửi nhầm"},
    ):
        assert (await operator.post("/console/dead/act", form)).status_code == 400
    assert [each["id"] for each in (await peopled.operate("GET", "dead")).json()["dead"]] == [exchange]


async def test_what_is_in_doubt_is_clarified_by_whoever_asked(peopled: RunningBus, operator: Visitor) -> None:
    exchange = await doubtful(peopled)
    page = await operator.get("/console/in-doubt")
    assert exchange[:8] in page.text
    form = {"id": exchange, "outcome": "delivered", "reason": "trường xác nhận đã có"}
    told = text_of(await operator.post("/console/in-doubt/act", form))
    assert "Đã xác minh 1 giao dịch." in told
    assert "Không có giao dịch nào chưa rõ kết quả" in told
    found = await peopled.settled(exchange)
    assert (found["outcome"], found["decided_by"]) == ("delivered", "vanhanh")


async def test_a_message_without_an_envelope_is_listed_and_can_only_be_given_up(
    peopled: RunningBus, operator: Visitor
) -> None:
    place = await unreadable(peopled)
    assert place in text_of(await operator.get("/console/dead"))
    told = await operator.post("/console/dead/act", {"id": place, "do": "retry", "reason": "thử"})
    assert "không có phong bì đọc được" in text_of(told)
    told = await operator.post("/console/dead/act", {"id": place, "do": "drop", "reason": "rác"})
    assert "Không có việc nào chờ quyết định" in text_of(told)


async def test_as_an_operator_with_a_token_so_is_it_over_http(peopled: RunningBus) -> None:
    place = await unreadable(peopled)
    assert (await peopled.operate("GET", f"dead/{place}")).json()["id"] == place
    refused = await peopled.operate("POST", f"dead/{place}/retry", json={"reason": "thử"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lienthong:problem:dead-letter-unreadable")
    assert (await peopled.operate("POST", f"dead/{place}/drop", json={"reason": "rác"})).json() == {
        "id": place,
        "outcome": "failed",
    }
    async with asyncio.timeout(20):
        while (await peopled.operate("GET", "dead")).json()["dead"]:
            await asyncio.sleep(0.05)
    assert (await peopled.operate("POST", f"dead/{place}/drop", json={"reason": "rác"})).status_code == 404


async def test_lists_of_what_waits_for_a_person_go_on_page_by_page(
    peopled: RunningBus, operator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("dead", "doubt"):
        monkeypatch.setattr(f"gateway.console.pages.{module}.MOST", 2)
    made = {"dead": [await dead_letter(peopled) for _ in range(3)], "in-doubt": []}
    made["in-doubt"] = [await doubtful(peopled) for _ in range(3)]
    for page, expected in made.items():
        first = await operator.get(f"/console/{page}")
        link = re.search(rf'href="(/console/{page}\?after=[^"]+)" rel="next"', first.text)
        assert link is not None
        second = await operator.get(html.unescape(link[1]))
        shown = [set(re.findall(r'name="id" value="([^"]+)"', each.text)) for each in (first, second)]
        assert [len(each) for each in shown] == [2, 1]
        assert shown[0] | shown[1] == set(expected)
        assert 'rel="next"' not in second.text
        assert (await operator.get(f"/console/{page}?after=x")).status_code == 400
        name = page.replace("-", "_")
        told = (await peopled.operate("GET", page, params={"limit": 2})).json()
        rest = (await peopled.operate("GET", page, params={"limit": 2, "after": told["next"]})).json()
        assert {each["id"] for each in (*told[name], *rest[name])} == set(expected)
        assert rest["next"] is None
        assert (await peopled.operate("GET", page, params={"after": "x"})).status_code == 400


async def test_as_many_may_be_chosen_as_are_listed(operator: Visitor) -> None:
    ids = [f"00000000-0000-8000-8000-{number:012}" for number in range(MOST + 1)]
    asked = await operator.post("/console/dead/confirm", {"id": ids[:MOST], "do": "drop"})
    assert f"Huỷ bỏ {MOST} thông điệp" in text_of(asked)
    assert (await operator.post("/console/dead/confirm", {"id": ids, "do": "drop"})).status_code == 400
