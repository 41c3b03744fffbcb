"""Dead letters and exchanges in doubt end by the word of a person who gives a reason."""

from __future__ import annotations

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


async def test_a_message_without_an_envelope_is_listed_and_said_to_be_unreadable(
    peopled: RunningBus, operator: Visitor
) -> None:
    place = await unreadable(peopled)
    assert place in text_of(await operator.get("/console/dead"))
    told = await operator.post("/console/dead/act", {"id": place, "do": "drop", "reason": "rác"})
    assert "không có phong bì đọc được" in text_of(told)


async def test_as_many_may_be_chosen_as_are_listed(operator: Visitor) -> None:
    ids = [f"00000000-0000-8000-8000-{number:012}" for number in range(MOST + 1)]
    asked = await operator.post("/console/dead/confirm", {"id": ids[:MOST], "do": "drop"})
    assert f"Huỷ bỏ {MOST} thông điệp" in text_of(asked)
    assert (await operator.post("/console/dead/confirm", {"id": ids, "do": "drop"})).status_code == 400
