"""The statistics office's service, spoken with a server that speaks as it does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path

import httpx
import pytest
from aiohttp import web

import deploy
from adapters.codelists.nso import Level, NsoError, fetch_units
from contracts.codeimport import Unit, plan_import
from contracts.codelists import CodeList, read_code_list
from deploy.local.nso import PATH, nso_app

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
WARDS = Path(deploy.__file__).parent / "demo/workspace/codelists/wards.csv"

Serve = Callable[[web.Application], Awaitable[str]]


@pytest.fixture(scope="module")
def wards() -> CodeList:
    return read_code_list("wards", WARDS.read_text("utf-8"))


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    runners = []

    async def start(app: web.Application) -> str:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"

    yield start
    for runner in runners:
        await runner.cleanup()


async def fetched(url: str, on: date = AFTER, level: Level = Level.WARDS, max_bytes: int = 64_000_000) -> list[Unit]:
    return await asyncio.to_thread(fetch_units, url, level, on, max_bytes=max_bytes)


async def refused(serve: Serve, text: str, status: int = 200) -> str:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, status=status, content_type="text/xml")

    app = web.Application()
    app.router.add_post(PATH, answer)
    with pytest.raises(NsoError) as found:
        await fetched(await serve(app))
    return str(found.value)


async def test_the_list_of_a_day_is_read_whole_with_its_zeros(serve: Serve, wards: CodeList) -> None:
    url = await serve(nso_app(wards))
    before, after = await fetched(url, BEFORE), await fetched(url, AFTER)
    assert (len(before), len(after)) == (10_035, 3_321)
    (ba_dinh,) = [unit for unit in before if unit.code == "00004"]
    assert ba_dinh == Unit(
        "00004",
        "Phường Trúc Bạch",
        {
            "province": "01",
            "province_name": "Thành phố Hà Nội",
            "district": "001",
            "district_name": "Quận Ba Đình",
            "kind": "Phường",
        },
    )


async def test_provinces_are_read_too(serve: Serve, wards: CodeList) -> None:
    units = await fetched(await serve(nso_app(wards)), level=Level.PROVINCES)
    assert len(units) == 34
    assert Unit("48", "Thành phố Đà Nẵng", {"kind": "Thành phố"}) in units


async def test_the_change_of_1_july_2025_is_found_as_it_was(serve: Serve, wards: CodeList) -> None:
    """6,719 codes ended and 3,316 live on; the five islands that had no code go on until a person says otherwise."""
    old = CodeList(
        "wards",
        [row.__class__(row.id, row.code, row.name, None, None, (), row.attributes) for row in wards.rows_on(BEFORE)],
    )
    plan = plan_import(old, await fetched(await serve(nso_app(wards)), AFTER), AFTER)
    counts = Counter(str(each.how) for each in plan.others)
    assert plan.problems == ()
    assert (counts["ended"], counts["new"], counts["kept"]) == (6_719, 5, 5)
    assert counts["renamed"] + counts["reused"] + counts["moved"] == 3_316
    assert {each.before.name for each in plan.others if each.how == "kept" and each.before} >= {"Huyện Hoàng Sa"}
    assert len(plan.orphans) == 10_035


async def test_a_fault_is_said_in_its_own_words(serve: Serve, wards: CodeList) -> None:
    url = await serve(nso_app(wards))

    async def answer(request: web.Request) -> web.StreamResponse:
        text = (await request.text()).replace("01/07/2025", "2025-07-01")

        async with httpx.AsyncClient() as client:
            answered = await client.post(url, content=text.encode())
        return web.Response(body=answered.content, status=answered.status_code, content_type="text/xml")

    app = web.Application()
    app.router.add_post(PATH, answer)
    with pytest.raises(NsoError, match="not recognized as a valid DateTime"):
        await fetched(await serve(app))


async def test_an_empty_answer_is_no_error_and_no_end_of_all_codes(serve: Serve, wards: CodeList) -> None:
    empty = read_code_list("wards", "id,code,name,valid_from,valid_to,successors\n")
    units = await fetched(await serve(nso_app(empty)))
    assert units == []
    assert plan_import(wards, units, AFTER).problems != ()


async def test_an_answer_without_bounds_is_broken_off(serve: Serve, wards: CodeList) -> None:
    url = await serve(nso_app(wards))
    with pytest.raises(NsoError, match="larger than 100000 bytes"):
        await fetched(url, max_bytes=100_000)


async def test_entities_are_not_expanded(serve: Serve) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    assert "DTD" in await refused(serve, bomb)
    stolen = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    assert "DTD" in await refused(serve, stolen)


@pytest.mark.parametrize(
    ("text", "status", "why"),
    [
        ("<html>Login</html>", 200, "no result of DanhMucPhuongXa"),
        ("Login", 200, "no XML"),
        ("busy", 503, "HTTP 503"),
        ("<a>" * 5000, 200, "no XML"),
    ],
)
async def test_what_is_no_answer_is_told_as_such(serve: Serve, text: str, status: int, why: str) -> None:
    assert why in await refused(serve, text, status)


async def test_a_server_that_is_away_is_told_as_such() -> None:
    with pytest.raises(NsoError, match="cannot be reached"):
        await fetched("http://127.0.0.1:9/DMDVHC.asmx")


async def test_the_service_describes_itself(serve: Serve, wards: CodeList) -> None:

    async with httpx.AsyncClient() as client:
        told = await client.get(f"{await serve(nso_app(wards))}?WSDL")
    assert 'name="DanhMucPhuongXa"' in told.text
