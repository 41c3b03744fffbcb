"""Operators find any exchange, and see why it ended as it did."""

from __future__ import annotations

import asyncio
import re

import httpx

from gateway.console.pages.exchanges import ROWS
from tests.flows.support import GOOD, LOOKUP, NOTE, RunningBus, status
from tests.gateway.console.support import Visitor, dead_letter, text_of

SECRET_TEXT = "chuyện riêng của bà A"


def ids_in(page: httpx.Response) -> list[str]:
    """The exchanges of a list, in its order."""
    return re.findall(r'href="/console/exchanges/([0-9a-f-]{36})"', page.text)


async def delivered(bus: RunningBus, body: object = GOOD, **headers: str) -> str:
    """The id of an exchange that has ended."""
    return str((await bus.send(NOTE, body, to="memo", prefer="wait=20", **headers)).json()["id"])


async def listed(operator: Visitor, query: str, wanted: set[str]) -> list[str]:
    """The list, once the ledger has all of `wanted`."""
    async with asyncio.timeout(10):
        while not wanted <= set(found := ids_in(await operator.get(f"/console/exchanges?{query}"))):
            await asyncio.sleep(0.05)
    return found


async def test_an_exchange_is_found_by_all_that_somebody_may_know_of_it(peopled: RunningBus, operator: Visitor) -> None:
    mine = await delivered(peopled, case_ref="H17.61-1")
    lookup = {"end_user": "canbo.01", "case_ref": "H17.61-2"}
    peopled.systems["memo"].behave = status(200)
    other = (await peopled.send(LOOKUP, {"person_id": "999314000017"}, prefer="wait=5", **lookup)).json()["id"]
    await listed(operator, "", {mine, other})
    for query, wanted in (
        (f"q={mine[:9]}", [mine]),
        ("case=H17.61-1", [mine]),
        ("case=H17.61-3", []),
        ("outcome=delivered", [mine]),
        (f"contract={LOOKUP}", [other]),
        ("sender=asker&status=open", []),
        ("receiver=twice", []),
        ("from=2020-01-01T00:00", [other, mine]),
        ("until=2020-01-01T00:00", []),
    ):
        assert ids_in(await operator.get(f"/console/exchanges?{query}")) == wanted, query


async def test_a_whole_id_leads_to_its_exchange(peopled: RunningBus, operator: Visitor) -> None:
    exchange = await delivered(peopled)
    await listed(operator, "", {exchange})
    answer = await operator.get(f"/console/exchanges?q={exchange.upper()}")
    assert answer.headers["location"] == f"/console/exchanges/{exchange}"


async def test_what_cannot_be_understood_is_said_and_an_empty_list_explains_itself(operator: Visitor) -> None:
    assert "Chưa có giao dịch nào" in text_of(await operator.get("/console/exchanges"))
    assert "Không có giao dịch nào khớp" in text_of(await operator.get("/console/exchanges?status=person"))
    assert "Mã giao dịch chỉ gồm" in text_of(await operator.get("/console/exchanges?q=mã"))
    assert "Thời điểm được viết như" in text_of(await operator.get("/console/exchanges?from=hôm qua"))


async def test_the_pages_of_a_list_have_every_exchange_once_and_their_addresses_cannot_be_made_up(
    peopled: RunningBus, operator: Visitor
) -> None:
    count = 2 * ROWS + 3
    sent = await asyncio.gather(*(peopled.send(NOTE, GOOD, to="memo") for _ in range(count)))
    wanted = {answer.json()["id"] for answer in sent}
    await asyncio.gather(*(peopled.settled(exchange) for exchange in wanted))
    seen: list[str] = []
    address = "/console/exchanges?receiver=memo"
    while True:
        page = await operator.get(address)
        seen += ids_in(page)
        further = re.search(r'href="(/console/exchanges\?[^"]*after=[^"]+)" rel="next"', page.text)
        if further is None:
            break
        address = further[1].replace("&amp;", "&")
        assert "receiver=memo" in address
    assert len(seen) == count
    assert set(seen) == wanted
    forged = await operator.get("/console/exchanges?after=" + "A" * 60)
    assert forged.status_code == 400
    assert "Con trỏ đọc không dùng được" in text_of(forged)


async def test_a_record_is_read_by_an_operator_who_says_why_and_the_journal_has_it(
    peopled: RunningBus, operator: Visitor
) -> None:
    exchange = await delivered(peopled, {**GOOD, "text": SECRET_TEXT}, end_user="canbo.07", case_ref="H17.61-9")
    await listed(operator, "", {exchange})
    address = f"/console/exchanges/{exchange}"
    closed = await operator.get(address)
    assert "Bản ghi có thể chứa dữ liệu cá nhân" in text_of(closed)
    for personal in (SECRET_TEXT, "canbo.07", "H17.61-9"):
        assert personal not in closed.text
    nameless = await operator.post(f"{address}/records", {"reason": "  "})
    assert nameless.status_code == 400
    opened = await operator.post(f"{address}/records", {"reason": "Cơ quan gửi hỏi"})
    said = text_of(opened)
    assert said.count(SECRET_TEXT) >= 3
    assert "Bên gửi đã gửi" in said
    assert "Trên nhật ký của trục" in said
    assert "Bên nhận đã thấy" in said
    async with asyncio.timeout(5):
        while "vanhanh: Cơ quan gửi hỏi" not in text_of(await operator.get(address)):
            await asyncio.sleep(0.05)
    assert (await peopled.settled(exchange))["outcome"] == "delivered"


async def test_a_viewer_sees_how_things_stand_and_no_record(peopled: RunningBus) -> None:
    exchange = await delivered(peopled, {**GOOD, "text": SECRET_TEXT})
    viewer = Visitor.at(peopled)
    await viewer.sign_in("xem")
    await listed(viewer, "", {exchange})
    address = f"/console/exchanges/{exchange}"
    page = await viewer.get(address)
    assert "Chỉ cán bộ vận hành được xem" in text_of(page)
    assert SECRET_TEXT not in page.text
    refused = await viewer.post(f"{address}/records", {"reason": "tò mò"})
    assert refused.status_code == 403
    assert SECRET_TEXT not in refused.text


async def test_a_viewer_decides_nothing(peopled: RunningBus) -> None:
    exchange = await dead_letter(peopled)
    viewer = Visitor.at(peopled)
    await viewer.sign_in("xem")
    page = await viewer.get("/console/dead")
    assert exchange[:8] in page.text
    assert "Gửi lại…" not in text_of(page)
    refused = await viewer.post("/console/dead/act", {"id": exchange, "do": "drop", "reason": "thử"})
    assert refused.status_code == 403
    assert (await viewer.post("/console/dead/confirm", {"id": exchange, "do": "drop"})).status_code == 403


async def test_an_answer_is_shown_with_what_the_grant_keeps_back(peopled: RunningBus, operator: Visitor) -> None:
    headers = {"end_user": "canbo.01", "case_ref": "H17.61-2", "prefer": "wait=5"}
    exchange = (await peopled.send(LOOKUP, {"person_id": "999314000017"}, **headers)).json()["id"]
    await listed(operator, "", {exchange})
    said = text_of(await operator.post(f"/console/exchanges/{exchange}/records", {"reason": "kiểm tra"}))
    assert "NGUYỄN VĂN A" in said
    assert "không cung cấp cho bên gửi" in said


async def test_every_hop_of_an_exchange_is_a_bar_with_its_milliseconds(peopled: RunningBus, operator: Visitor) -> None:
    exchange = await delivered(peopled)
    await listed(operator, "", {exchange})
    page = await operator.get(f"/console/exchanges/{exchange}")
    bars = re.findall(r'<rect class="bar" x="(\d+)" width="(\d+)"', page.text)
    assert len(bars) >= 3
    assert all(int(x) + int(width) <= 1000 for x, width in bars)
    said = text_of(page)
    for hop in ("cổng đã kiểm tra", "trục đã nhận", "kết thúc"):
        assert hop in said
