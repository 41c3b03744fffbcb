"""The page of legal grounds."""

from __future__ import annotations

from pathlib import Path

from tests.flows.support import FakeSystem, fine, start_bus
from tests.flows.test_laws import with_laws
from tests.gateway.console.support import Visitor, text_of, with_people


def with_both(root: Path) -> None:
    """People, and laws."""
    with_people(root)
    with_laws(root)


async def test_what_rests_on_a_document_that_has_lapsed_stands_first_with_what_took_its_place(tmp_path: Path) -> None:
    bus = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, change=with_both)
    async with bus.stack:
        visitor = Visitor.at(bus)
        await visitor.sign_in("xem")
        shown = text_of(await visitor.get("/console/laws"))
    assert "1 quyền khai thác dựa trên căn cứ không còn, hoặc sắp không còn hiệu lực." in shown
    assert shown.index("Cần rà soát") < shown.index("Nghị định 194/2025/NĐ-CP")
    assert "Nghị định 47/2020/NĐ-CP" in shown
    assert "22/10/2025" in shown
    assert "Nghị định 278/2025/NĐ-CP" in shown
    assert "g-lookup" in shown


async def test_a_bus_without_laws_says_where_they_come_from(tmp_path: Path) -> None:
    bus = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, change=with_people)
    async with bus.stack:
        visitor = Visitor.at(bus)
        await visitor.sign_in()
        assert "lienthong law add" in text_of(await visitor.get("/console/laws"))
