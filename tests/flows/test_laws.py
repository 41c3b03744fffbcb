"""What a bus says of the law: with what it keeps back, to those who ask, and before a ground lapses."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from typer.testing import CliRunner

from gateway.commands import build
from gateway.lapsing import log
from tests.flows.support import LOOKUP, FakeSystem, RunningBus, fine, start_bus

LAWS = """laws:
  - id: nd-278-2025
    kind: decree
    number: 278/2025/NĐ-CP
    title: {vi: Chia sẻ dữ liệu, en: Sharing data}
    from: 2025-10-22
  - id: nd-47-2020
    kind: decree
    number: 47/2020/NĐ-CP
    title: {vi: Dữ liệu số, en: Digital data}
    to: 2025-10-22
    replaced_by: [nd-278-2025]
  - id: nd-194-2025
    kind: decree
    number: 194/2025/NĐ-CP
    title: {vi: Cơ sở dữ liệu quốc gia, en: National databases}
    articles:
      - {article: "16(2)", title: {vi: Từ chối bằng văn bản, en: Refusals in writing}}
withheld:
  other: [{law: nd-194-2025, article: 16(2)}]
"""


def with_laws(root: Path) -> None:
    """The grant for questions rests on what was replaced."""
    (root / "laws").mkdir()
    (root / "laws/l.yaml").write_text(LAWS, encoding="utf-8")
    grants = next((root / "grants").glob("*.yaml"))
    text = grants.read_text(encoding="utf-8")
    before, _, after = text.partition("id: g-lookup")
    after = after.replace("legal_basis: không", "legal_basis: Nghị định 47/2020/NĐ-CP", 1)
    grants.write_text(f"{before}id: g-lookup{after}", encoding="utf-8")


async def bus_with_laws(root: Path) -> RunningBus:
    """A bus that knows three documents."""
    return await start_bus(root, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, change=with_laws)


async def test_each_field_kept_back_and_each_refusal_cites_entries_of_the_list(tmp_path: Path) -> None:
    bus = await bus_with_laws(tmp_path)
    async with bus.stack:
        named = {"end_user": "canbo.01", "case_ref": "H17-1", "accept_language": "en"}
        shown = (await bus.send(LOOKUP, {"person_id": "999314000017"}, **named)).json()
        assert shown["withheld"] == [{"path": "/secret", "reason": "not_granted", "law": ["nd-194-2025:16(2)"]}]

        async def refuse(_request: web.Request) -> web.StreamResponse:
            why = {"status": 3, "why": "bảo vệ", "law": "khoản 2 Điều 16 Nghị định 194/2025/NĐ-CP"}
            return web.json_response(why)

        bus.systems["memo"].behave = refuse
        refused = (await bus.send(LOOKUP, {"person_id": "999314000017"}, **named)).json()
    assert refused["ground"] == "khoản 2 Điều 16 Nghị định 194/2025/NĐ-CP"
    assert refused["grounds"] == [
        {
            "law": "nd-194-2025",
            "article": "16(2)",
            "name": "Decree 194/2025/NĐ-CP, Article 16(2)",
            "title": "Refusals in writing",
            "standing": "in_force",
        }
    ]


async def test_anybody_may_ask_what_the_law_is_and_operators_what_rests_on_it(tmp_path: Path) -> None:
    bus = await bus_with_laws(tmp_path)
    async with bus.stack:
        then = (await bus.client.get("/laws/nd-47-2020", params={"on": "2025-10-21"})).json()
        now = (await bus.client.get("/laws/nd-47-2020", headers={"authorization": ""})).json()
        assert (then["standing"], now["standing"], now["replaced_by"]) == ("in_force", "ended", ["nd-278-2025"])
        assert (await bus.client.get("/laws/nd-48")).status_code == 404
        wrong = await bus.client.get("/laws", params={"on": "hôm nay"})
        assert (wrong.status_code, "2025-07-01" in wrong.json()["detail"]) == (400, True)
        assert (await bus.client.get("/operate/laws")).status_code == 403
        seen = (await bus.operate("GET", "laws")).json()
        assert {law["id"]: law["grants"] for law in seen["laws"]}["nd-47-2020"] == ["g-lookup"]
        assert [(each["grant"], each["standing"], each["replaced_by"]) for each in seen["lapsing"]] == [
            ("g-lookup", "ended", ["nd-278-2025"])
        ]
        metrics = (await bus.client.get("/metrics")).text
    assert "lienthong_grants_on_lapsing_ground 1.0" in metrics


async def test_a_lapse_stops_nothing_and_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING", log.name):
        bus = await bus_with_laws(tmp_path)
        async with bus.stack:
            answer = await bus.send(LOOKUP, {"person_id": "999314000017"}, end_user="canbo.01", case_ref="H17-1")
            assert answer.json()["outcome"] == "data"
    told = [record.getMessage() for record in caplog.records if record.name == log.name]
    assert len(told) == 1
    assert "grant g-lookup rests on Decree 47/2020/NĐ-CP" in told[0]


def test_the_command_lists_what_rests_on_what_and_takes_from_the_list_of_the_bus(tmp_path: Path) -> None:
    root = tmp_path / "truc"
    run = CliRunner().invoke
    assert run(build(), ["new", "workspace", str(root)]).exit_code == 0
    listed = run(build(), ["law", "list", "-C", str(root), "--json", "--on", "2025-10-22"])
    assert listed.exit_code == 0
    assert '"id":"nd-278-2025"' in listed.output
    (root / "laws/viet-nam.yaml").unlink()
    taken = run(build(), ["law", "add", "nd-47-2020", "nd-278-2025", "-C", str(root)])
    assert taken.output.strip() == "added: nd-47-2020, nd-278-2025"
    again = run(build(), ["law", "add", "nd-85-2016", "nd-278-2025", "-C", str(root)])
    assert again.output.strip() == "added: nd-85-2016"
    assert run(build(), ["check", str(root)]).exit_code == 0
    strange = run(build(), ["law", "add", "nd-85-2061", "-C", str(root)])
    assert (strange.exit_code, "nd-85-2016" in strange.output) == (4, True)
    assert run(build(), ["law", "add", "-C", str(root)]).exit_code == 1
