"""What a code means and became, asked over HTTP by a system that can sign in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.support import FakeSystem, RunningBus, fine, start_bus

WARDS = """\
id,code,name,valid_from,valid_to,successors,province,lat,lon
20398@2024,20398,Phường Minh An,,2025-07-01,20410@2025,49,15.8771,108.3262
20404@2024,20404,Phường Cẩm Phô,,2025-07-01,20410@2025,49,15.8770,108.3180
20410@2024,20410,Phường Sơn Phong,,2025-07-01,20410@2025,49,15.8800,108.3360
20425@2024,20425,Xã Cẩm Kim,,2025-07-01,20410@2025,49,15.8650,108.3100
20428@2024,20428,Phường Cẩm Nam,,2025-07-01,20410@2025,49,15.8690,108.3370
20296@2024,20296,Xã Hòa Liên,,2025-07-01,20194@2025 20197@2025,48,16.1000,108.0900
00634@2024,00634,Phường Đại Mỗ,,2025-07-01,00634@2025,01,,
d498@2024,,Huyện Hoàng Sa,,2025-07-01,20333@2025,48,,
00634@2025,00634,Phường Tây Mỗ,2025-07-01,,,01,,
20194@2025,20194,Phường Hải Vân,2025-07-01,,,48,16.1500,108.1000
20197@2025,20197,Phường Liên Chiểu,2025-07-01,,,48,16.0700,108.1400
20333@2025,20333,Đặc khu Hoàng Sa,2025-07-01,,,48,,
20410@2025,20410,Phường Hội An,2025-07-01,,,48,15.8773,108.3255
"""


def square(row: str, west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Feature", "id": row, "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


SHAPES = {
    "type": "FeatureCollection",
    "features": [square("20194@2025", 108.0, 16.1, 108.2, 16.2), square("20197@2025", 108.0, 16.0, 108.2, 16.1)],
}


def with_wards(root: Path) -> None:
    (root / "codelists").mkdir()
    (root / "codelists/wards.csv").write_text(WARDS, "utf-8")
    (root / "codelists/wards.yaml").write_text("title: Danh mục phường, xã\ntitle_en: Wards\n", "utf-8")


def with_boundaries(root: Path) -> None:
    with_wards(root)
    (root / "codelists/wards.geojson").write_text(json.dumps(SHAPES), "utf-8")


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[RunningBus]:
    running = await start_bus(tmp_path, {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}, change=with_wards)
    async with running.stack:
        yield running


async def ask(bus: RunningBus, path: str, **parameters: str) -> tuple[int, dict[str, Any]]:
    answer = await bus.client.get(f"/codelists{path}", params=parameters)
    return answer.status_code, answer.json()


def kind(problem: dict[str, Any]) -> str:
    return str(problem["type"]).rpartition(":")[2]


def codes(problem: dict[str, Any]) -> list[str]:
    return [each["code"] for each in problem["candidates"]]


async def test_the_lists_are_named_with_their_titles_and_what_they_hold(bus: RunningBus) -> None:
    _, answer = await ask(bus, "")
    (wards,) = answer["codelists"]
    assert (wards["name"], wards["title"], wards["title_en"]) == ("wards", "Danh mục phường, xã", "Wards")
    assert (wards["rows"], wards["current"], wards["without_code"]) == (13, 5, 1)
    assert (wards["changes"], wards["next_change"], wards["positions"]) == (["2025-07-01"], None, "points")


@pytest.mark.parametrize(
    ("on", "named"), [("2025-06-30", "Phường Sơn Phong"), ("2024", "Phường Sơn Phong"), ("2025-07-01", "Phường Hội An")]
)
async def test_a_code_means_what_it_meant_on_the_day(bus: RunningBus, on: str, named: str) -> None:
    status, answer = await ask(bus, "/wards/20410", on=on)
    assert (status, answer["name"]) == (200, named)


async def test_a_code_is_shown_with_what_came_before_it(bus: RunningBus) -> None:
    _, answer = await ask(bus, "/wards/20410", on="2025-09-01")
    assert [each["code"] for each in answer["predecessors"]] == ["20398", "20404", "20410", "20425", "20428"]


async def test_today_is_meant_where_no_day_is_said(bus: RunningBus) -> None:
    assert (await ask(bus, "/wards/20410"))[1]["name"] == "Phường Hội An"


async def test_a_leading_zero_is_part_of_the_code(bus: RunningBus) -> None:
    status, problem = await ask(bus, "/wards/634")
    assert (status, kind(problem), problem["errors"][0]["code"]) == (404, "code-unknown", "unknown_code")
    assert (await ask(bus, "/wards/00634", on="2024"))[1]["name"] == "Phường Đại Mỗ"
    assert (await ask(bus, "/wards/00634", on="2026"))[1]["name"] == "Phường Tây Mỗ"


async def test_a_code_that_ended_names_what_succeeded_it(bus: RunningBus) -> None:
    status, problem = await ask(bus, "/wards/20404", on="2025-07-01")
    assert (status, kind(problem), codes(problem)) == (404, "code-not-in-force", ["20410"])
    assert problem["errors"][0]["code"] == "code_ended"


async def test_a_year_in_which_the_code_changed_its_meaning_is_ambiguous(bus: RunningBus) -> None:
    status, problem = await ask(bus, "/wards/20410", on="2025")
    assert (status, kind(problem), codes(problem)) == (422, "ambiguous", ["20410", "20410"])
    assert [each["name"] for each in problem["candidates"]] == ["Phường Sơn Phong", "Phường Hội An"]


async def test_a_merger_gives_the_successor(bus: RunningBus) -> None:
    status, answer = await ask(bus, "/wards/convert", code="20404", **{"from": "2025-06-30"}, to="2025-07-01")
    assert (status, answer["code"], answer["row"]["name"]) == (200, "20410", "Phường Hội An")
    assert answer["decided_by"] == "list"


async def test_the_way_back_over_a_merger_gives_the_candidates_and_no_answer(bus: RunningBus) -> None:
    status, problem = await ask(bus, "/wards/convert", code="20410", **{"from": "2025-09-01"}, to="2024-12-31")
    assert (status, kind(problem)) == (422, "ambiguous")
    assert codes(problem) == ["20398", "20404", "20410", "20425", "20428"]
    assert problem["errors"][0]["code"] == "ambiguous_code"
    assert "code" not in problem


async def test_a_split_gives_the_candidates_and_no_answer(bus: RunningBus) -> None:
    status, problem = await ask(bus, "/wards/convert", code="20296", **{"from": "2024"}, to="2025-07-01")
    assert (status, kind(problem), codes(problem)) == (422, "ambiguous", ["20194", "20197"])


async def test_hoang_sa_is_found_though_it_had_no_code(bus: RunningBus) -> None:
    status, problem = await ask(bus, "/wards/convert", code="20333", **{"from": "2026"}, to="2024-12-31")
    assert (status, kind(problem), problem["errors"][0]["code"]) == (422, "no-counterpart", "no_code")
    assert (problem["row"]["id"], problem["row"]["name"]) == ("d498@2024", "Huyện Hoàng Sa")
    status, answer = await ask(bus, "/wards/convert", id="d498@2024", to="2025-07-01")
    assert (status, answer["code"]) == (200, "20333")


async def test_centre_points_rank_the_candidates_and_decide_nothing(bus: RunningBus) -> None:
    at = {"lat": "15.8772", "lon": "108.3185"}
    status, problem = await ask(bus, "/wards/convert", code="20410", **{"from": "2026"}, to="2024-12-31", **at)
    assert (status, kind(problem)) == (422, "ambiguous")
    nearest, second = problem["candidates"][:2]
    assert (nearest["code"], nearest["distance_km"], nearest["holds_position"]) == ("20404", 0.1, None)
    assert second["distance_km"] > nearest["distance_km"]


async def test_a_boundary_decides_for_the_position_inside_it(tmp_path: Path) -> None:
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path, systems, change=with_boundaries)
    async with running.stack:
        split = {"code": "20296", "from": "2024", "to": "2025-07-01"}
        status, answer = await ask(running, "/wards/convert", **split, lat="16.05", lon="108.1")
        assert (status, answer["code"], answer["decided_by"]) == (200, "20197", "position")
        status, problem = await ask(running, "/wards/convert", **split, lat="16.1", lon="108.1")
        assert (status, kind(problem)) == (422, "ambiguous"), "right on the line between the two"
        status, problem = await ask(running, "/wards/convert", **split, lat="10.0", lon="106.7")
        assert [each["holds_position"] for each in problem["candidates"]] == [False, False]


async def test_rows_are_found_without_accents_and_by_attributes(bus: RunningBus) -> None:
    _, answer = await ask(bus, "/wards", q="hoi an", on="2026-01-01")
    assert [row["code"] for row in answer["rows"]] == ["20410"]
    _, answer = await ask(bus, "/wards", where="province:48", on="2024-01-01")
    assert [row["name"] for row in answer["rows"]] == ["Xã Hòa Liên", "Huyện Hoàng Sa"]
    _, answer = await ask(bus, "/wards", q="đại mỗ", on="any")
    assert [row["id"] for row in answer["rows"]] == ["00634@2024"]


async def test_a_large_list_is_read_page_by_page(bus: RunningBus) -> None:
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        _, page = await ask(bus, "/wards", on="any", limit="4", **after)
        seen += [row["id"] for row in page["rows"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len(seen) == len(set(seen)) == page["total"] == 13
    assert "d498@2024" in seen


async def test_who_has_a_list_is_not_sent_it_again(bus: RunningBus) -> None:
    first = await bus.client.get("/codelists/wards", params={"on": "2026-01-01"})
    etag = first.headers["etag"]
    assert etag.startswith('"')
    again = await bus.client.get("/codelists/wards", params={"on": "2026-01-01"}, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    other = await bus.client.get("/codelists/wards", params={"on": "2024-01-01"}, headers={"if-none-match": etag})
    assert other.status_code == 200
    assert first.headers["cache-control"] == "private, max-age=60"
    today = await bus.client.get("/codelists/wards")
    assert today.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("path", "parameters", "why"),
    [
        ("/wards", {"where": "colour:red"}, "province"),
        ("/wards", {"limit": "0"}, "1–1000"),
        ("/wards", {"on": "01/07/2025"}, "YYYY-MM-DD"),
        ("/wards", {"nam": "x"}, "nam"),
        ("/wards", {"after": "nothing"}, "nothing"),
        ("/wards/convert", {"to": "2025"}, "id alone"),
        ("/wards/convert", {"code": "20410", "to": "2025"}, "whole date"),
        ("/wards/convert", {"code": "20410", "lat": "15.8"}, "lon"),
        ("/wards/convert", {"code": "20410", "lat": "108.3", "lon": "15.8"}, "lon"),
        ("/wards/convert", {"id": "x@1"}, "x@1"),
    ],
)
async def test_what_is_asked_wrongly_is_refused_with_the_reason(
    bus: RunningBus, path: str, parameters: dict[str, str], why: str
) -> None:
    status, problem = await ask(bus, path, **parameters)
    assert (status, kind(problem)) == (400, "bad-request")
    assert why in problem["detail"]


async def test_only_who_can_sign_in_reads_a_list(bus: RunningBus) -> None:
    answer = await bus.client.get("/codelists/wards", headers={"authorization": ""})
    assert answer.status_code == 401
    stranger = {"authorization": f"Bearer {bus.token('stranger')}"}
    assert (await bus.client.get("/codelists/wards", headers=stranger)).status_code == 200


async def test_a_list_that_is_not_there_is_named_with_those_that_are(bus: RunningBus) -> None:
    status, problem = await ask(bus, "/ward")
    assert (status, kind(problem)) == (404, "codelist-unknown")
    assert "wards" in problem["detail"]


async def test_a_refusal_is_said_in_vietnamese_too(bus: RunningBus) -> None:
    path = "/codelists/wards/convert?code=20410&from=2026&to=2024-12-31"
    problem = (await bus.client.get(path, headers={"accept-language": "vi"})).json()
    assert problem["title"] == "Có thể là nhiều hơn một"
    assert "Chọn một trong các mã đó" in problem["errors"][0]["remedy"]
