"""What a running bus says of agencies, and how they are addressed."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.flows.support import LOOKUP, FakeSystem, RunningBus, fine, start_bus
from tests.gateway.console.support import Visitor, text_of, with_people

REGISTER = """agencies:
  - {code: H47, name: Uỷ ban nhân dân tỉnh Quảng Nam, kind: state, valid_to: 2025-07-01, successors: [000.00.00.H17]}
  - {code: 000.00.09.H17, name: Sở Hai việc, kind: state, parent: H17, valid_to: 2025-07-01, successors: [H17.10, H17.11], systems: [{id: former, name: Hệ thống cũ, handed_over: {to: memo, on: 2025-07-01, until: 2190-01-01}}]}
  - {code: H17.10, name: Sở Một, kind: state, valid_from: 2025-07-01}
  - {code: H17.11, name: Sở Hai, kind: state, valid_from: 2025-07-01}
"""
NAMED = {"end_user": "canbo.01", "case_ref": "H17-1"}
ASKED = {"person_id": "999314000017"}


def with_register(root: Path) -> None:
    """Four agencies more than H17, whose systems all are; and people."""
    with_people(root)
    (root / "agencies/register.yaml").write_text(REGISTER, encoding="utf-8")


async def bus_with_register(root: Path) -> RunningBus:
    """A bus that knows who took whose place."""
    return await start_bus(root, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, change=with_register)


async def test_agencies_are_told_to_anybody_by_either_order_of_their_codes(tmp_path: Path) -> None:
    bus = await bus_with_register(tmp_path)
    async with bus.stack, httpx.AsyncClient(base_url=bus.client.base_url) as anybody:
        merged = (await anybody.get("/agencies/000.00.00.H47")).json()
        split = (await anybody.get("/agencies/H17.09")).json()
        then = (await anybody.get("/agencies/h17.09", params={"on": "2025-06-30"})).json()
        listed = (await anybody.get("/agencies", params={"q": "mot co quan"})).json()["agencies"]
        every = (await anybody.get("/agencies", params={"on": "any", "q": "000.00.09.H17"})).json()["agencies"]
        unknown = await anybody.get("/agencies/H99")
        first = await anybody.get("/agencies")
        again = await anybody.get("/agencies", headers={"if-none-match": first.headers["etag"]})
    assert (merged["code"], merged["qcvn_102"], merged["standing"]) == ("H47", "000.00.00.H47", "ended")
    assert (merged["in_its_place"], merged["ambiguous"]) == (
        [{"code": "H17", "name": "Một cơ quan"}],
        False,
    )
    assert ([each["code"] for each in split["in_its_place"]], split["ambiguous"]) == (["H17.10", "H17.11"], True)
    assert (then["standing"], "in_its_place" in then) == ("in_force", False)
    assert [each["code"] for each in listed] == ["H17"]
    assert [each["code"] for each in every] == ["H17.09"]
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:lienthong:problem:agency-unknown")
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


async def test_a_receiver_is_named_by_its_agency_or_by_that_which_it_took_the_place_of(tmp_path: Path) -> None:
    bus = await bus_with_register(tmp_path)
    async with bus.stack:
        said = [
            await bus.send(LOOKUP, ASKED, to=to, **NAMED) for to in ("H17", "000.00.00.H17", "H47", "000.00.00.H47")
        ]
        split = await bus.send(LOOKUP, ASKED, to="000.00.09.H17", **NAMED)
        idle = await bus.send(LOOKUP, ASKED, to="H17.10", **NAMED)
    assert [each.json().get("outcome") for each in said] == ["data"] * 4
    assert (split.status_code, [each["code"] for each in split.json()["candidates"]]) == (422, ["H17.10", "H17.11"])
    assert "000.00.09.H17" in split.json()["detail"]
    assert (idle.status_code, idle.json()["type"]) == (422, "urn:lienthong:problem:receiver-unknown")


async def test_the_console_shows_who_took_whose_place_on_a_day(tmp_path: Path) -> None:
    bus = await bus_with_register(tmp_path)
    async with bus.stack:
        visitor = Visitor.at(bus)
        await visitor.sign_in("xem")
        found = text_of(await visitor.get("/console/agencies?q=000.00.09.H17"))
        then = text_of(await visitor.get("/console/agencies?q=000.00.09.H17&on=2025-06-30"))
        wrong = text_of(await visitor.get("/console/agencies?on=2025-13-01"))
    assert "đã giải thể, sáp nhập" in found
    assert "→ Sở Một" in found
    assert "đã chia tách" in found
    assert "→ Idempotent receiver; tên cũ còn được trả lời đến trước ngày 01/01/2190" in found
    assert ("đang hoạt động" in then, "→ Sở Một" in then) == (True, False)
    assert "Ngày không đúng" in wrong
