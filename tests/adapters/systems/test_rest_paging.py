"""What comes of an answer that the system gives a page at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from adapters.systems.rest.links import target
from contracts.errors import DeliveryError, Indeterminate, Permanent, Transient
from contracts.ports import Answer
from tests.adapters.systems.partner import Partner, Visit, calling, running
from tests.adapters.systems.test_rest_tokens import Issuer, oauth2

ROWS = [{"stt": number, "ten": f"Người {number}"} for number in range(23)]
PAGE: dict[str, Any] = {"send": {"query": "trang"}}
SIZE: dict[str, Any] = {"send": {"query": "soDong"}, "items": "10"}


class Register(Partner):
    """A partner with 23 rows that it gives in pages, in whatever way it is asked; never more than `most` at once."""

    def __init__(self, rows: list[Any] = ROWS, most: int = 1000) -> None:
        super().__init__({"/people": self.people})
        self.rows = rows
        self.most = most

    def people(self, visit: Visit) -> web.StreamResponse:
        asked = {**visit.query, **(visit.json if visit.text else {})}
        size = min(int(asked.get("soDong", 10)), self.most)
        after = int(asked.get("after", asked.get("offset", (int(asked.get("trang", 1)) - 1) * size)))
        rows, end = self.rows[after : after + size], after + size
        body: dict[str, Any] = {"ok": "1", "tongSo": str(len(self.rows)), "data": rows}
        headers = {}
        if end < len(self.rows):
            body["next"] = end
            headers["Link"] = f'</people?soDong=0&a="x">; rel="prev", </people?after={end}&x=%C3%A1>; rel="last next"'
        return web.json_response(body, headers=headers)


@pytest.fixture
async def register() -> AsyncIterator[Register]:
    async with running(Register()) as partner:
        assert isinstance(partner, Register)
        yield partner


async def gathered(partner: Partner, does: dict[str, Any] | None = None, /, **paging: Any) -> Answer:
    """The answer to one call."""
    made = {"method": "GET", "paging": {"items": "/body/data", **paging}, **(does or {})}
    async with calling(partner, {}, made) as make:
        return await make({"ma": "H17"})


async def failing(partner: Partner, does: dict[str, Any] | None = None, /, **paging: Any) -> str:
    """Why one call fails, permanently."""
    with pytest.raises(Permanent) as caught:
        await gathered(partner, does, **paging)
    return caught.value.detail


def rows_of(answer: Answer) -> Any:
    """The list in an answer."""
    assert isinstance(answer.body, dict)
    return answer.body["data"]


@pytest.mark.parametrize(
    ("paging", "asked"),
    [
        ({"page": PAGE, "size": SIZE}, 4),
        ({"page": PAGE, "size": SIZE, "total": "/body/tongSo"}, 3),
        ({"offset": {"send": {"query": "offset"}}, "size": SIZE}, 4),
        ({"offset": {"send": {"query": "offset"}}, "size": SIZE, "total": "/body/tongSo"}, 3),
        ({"cursor": {"send": {"query": "after"}, "next": "/body/next"}}, 3),
        ({"link": {}}, 3),
    ],
)
async def test_all_pages_become_one_list_in_the_first_answer(
    register: Register, paging: dict[str, Any], asked: int
) -> None:
    answer = await gathered(register, **paging)
    assert answer.body == {"ok": "1", "tongSo": "23", "data": ROWS} | ({"next": 10} if asked else {})
    assert len(register.visits) == asked


@pytest.mark.parametrize(
    "paging",
    [
        {"page": {"send": {"body": "/trang"}}, "size": {"send": {"body": "/soDong"}, "items": "10"}},
        {"offset": {"send": {"body": "/offset"}}, "size": {"send": {"body": "/soDong"}, "items": "7"}},
        {"cursor": {"send": {"body": "/after"}, "next": "/body/next"}},
    ],
)
async def test_a_page_may_be_asked_for_in_the_body_where_numbers_are_numbers(
    register: Register, paging: dict[str, Any]
) -> None:
    answer = await gathered(register, {"method": "POST"}, **paging)
    assert rows_of(answer) == ROWS
    assert all(visit.json["ma"] == "H17" for visit in register.visits)
    assert all(
        isinstance(value, int) for visit in register.visits for name, value in visit.json.items() if name != "ma"
    )


async def test_a_system_that_gives_fewer_items_than_it_is_asked_for_is_not_cut_short() -> None:
    async with running(Register(most=4)) as partner:
        paging = {"offset": {"send": {"query": "offset"}}, "size": SIZE}
        assert rows_of(await gathered(partner, **paging)) == ROWS


async def test_the_list_may_be_the_whole_body_or_the_record(register: Register) -> None:
    answer = await gathered(register, {"record": "/body/data"}, page=PAGE, size=SIZE)
    assert answer.body == ROWS
    register.pages["/people"] = lambda visit: web.json_response(ROWS[:10] if visit.query["trang"] == "1" else [])
    assert (await gathered(register, items="/body", page=PAGE)).body == ROWS[:10]


async def test_an_empty_list_is_one_page(register: Register) -> None:
    register.rows = []
    assert rows_of(await gathered(register, page=PAGE, size=SIZE)) == []
    assert len(register.visits) == 1


async def test_pages_may_be_counted_from_nought(register: Register) -> None:
    register.pages["/people"] = lambda visit: web.json_response(
        {"data": ROWS[:3] if visit.query["trang"] == "0" else []}
    )
    assert rows_of(await gathered(register, page={**PAGE, "first": "0"})) == ROWS[:3]


@pytest.mark.parametrize("first", [{"ok": "0"}, {"ok": "0", "data": None}])
async def test_a_first_page_without_a_list_is_for_the_mapping_to_understand(
    register: Register, first: dict[str, Any]
) -> None:
    register.pages["/people"] = lambda _: web.json_response(first)
    assert (await gathered(register, page=PAGE)).body == first
    assert len(register.visits) == 1


async def test_rules_are_asked_about_each_page(register: Register) -> None:
    def busy_later(visit: Visit) -> web.StreamResponse:
        return register.people(visit) if visit.query["trang"] == "1" else web.json_response({"ok": "9"})

    rules = [
        {"when": {"path": "/body/ok", "equals": "1"}, "is": "data"},
        {"when": {"path": "/body/ok", "equals": "9"}, "is": "transient"},
    ]
    register.pages["/people"] = busy_later
    with pytest.raises(Transient):
        await gathered(register, {"answers": rules}, page=PAGE)
    rules[1]["is"] = "no_data"
    assert rows_of(await gathered(register, {"answers": rules}, page=PAGE)) == ROWS[:10]


async def test_no_data_on_the_first_page_is_no_data(register: Register) -> None:
    register.pages["/people"] = lambda _: web.Response(status=204)
    assert not (await gathered(register, page=PAGE)).found


async def test_a_system_that_asks_to_wait_between_pages_is_transient(register: Register) -> None:
    def busy_later(visit: Visit) -> web.StreamResponse:
        if visit.query["trang"] == "1":
            return register.people(visit)
        return web.Response(status=429, headers={"Retry-After": "4"})

    register.pages["/people"] = busy_later
    with pytest.raises(Transient) as caught:
        await gathered(register, page=PAGE)
    assert caught.value.retry_after_s == 4


# --- nothing is cut ---------------------------------------------------------------------------------------------------


async def test_more_pages_than_allowed_are_an_error(register: Register) -> None:
    said = await failing(register, page=PAGE, size=SIZE, max_pages="2")
    assert "after 2 pages there is more" in said
    assert "max_pages" in said
    assert len(register.visits) == 2


async def test_more_items_than_allowed_are_an_error(register: Register) -> None:
    assert "max_items allows (22)" in await failing(register, page=PAGE, size=SIZE, max_items="22")
    assert rows_of(await gathered(register, page=PAGE, size=SIZE, max_items="23")) == ROWS


async def test_all_pages_together_are_no_longer_than_an_answer_may_be(register: Register) -> None:
    made = {"method": "GET", "paging": {"items": "/body/data", "page": PAGE}}
    async with calling(register, {"max_response_bytes": "1000"}, made) as make:
        with pytest.raises(Permanent, match="all pages together are longer than max_response_bytes"):
            await make()
    assert len(register.visits) == 3


async def test_all_pages_together_take_no_longer_than_a_call_may(register: Register) -> None:
    async def slow(visit: Visit) -> web.StreamResponse:
        if visit.query["trang"] != "1":
            await asyncio.sleep(60)
        return register.people(visit)

    register.pages["/people"] = slow
    made = {"method": "GET", "paging": {"items": "/body/data", "page": PAGE}}
    async with calling(register, {}, made) as make:
        with pytest.raises(Indeterminate, match="did not answer within 1 s"):
            await make(deadline_s=1.0)
    assert len(register.visits) == 2


async def test_a_total_that_is_not_reached_is_an_error(register: Register) -> None:
    register.pages["/people"] = lambda visit: web.json_response(
        {"tongSo": 5, "data": ROWS[:3] if visit.query["trang"] == "1" else []}
    )
    said = await failing(register, page=PAGE, total="/body/tongSo")
    assert "speaks of 5 items, and gave 3" in said


@pytest.mark.parametrize("total", [None, "nhiều", -1, 2.5, [1]])
async def test_a_total_that_is_no_number_is_an_error(register: Register, total: Any) -> None:
    register.pages["/people"] = lambda _: web.json_response({"tongSo": total, "data": ROWS})
    assert "no whole number at /body/tongSo" in await failing(register, page=PAGE, total="/body/tongSo")


@pytest.mark.parametrize("later", [{}, {"data": None}, {"data": {"a": 1}}])
async def test_a_later_page_without_its_list_is_an_error_with_a_remedy(register: Register, later: Any) -> None:
    register.pages["/people"] = lambda visit: web.json_response(
        {"data": ROWS} if visit.query["trang"] == "1" else later
    )
    said = await failing(register, page=PAGE)
    assert "page 2 has" in said
    assert "no_data" in said


@pytest.mark.parametrize(
    "paging",
    [
        {"page": PAGE},
        {"cursor": {"send": {"query": "after"}, "next": "/body/next"}},
        {"link": {}},
    ],
)
async def test_a_system_that_gives_the_same_page_again_and_again_is_seen_through(
    register: Register, paging: dict[str, Any]
) -> None:
    headers = {"Link": '</people?after=1>; rel="next"'}
    register.pages["/people"] = lambda _: web.json_response({"next": "x", "data": ROWS}, headers=headers)
    said = await failing(register, **paging)
    assert "same items" in said or "circle" in said
    assert len(register.visits) <= 3


@pytest.mark.parametrize(
    "link",
    ["http://127.0.0.2:PORT/people", "https://127.0.0.1:PORT/people", "//evil.example/people", "http://127.0.0.1:1/"],
)
async def test_a_link_to_another_system_is_not_followed(register: Register, link: str) -> None:
    address = link.replace("PORT", str(register.port))
    register.pages["/people"] = lambda _: web.json_response({"data": ROWS}, headers={"Link": f"<{address}>; rel=next"})
    assert "leads to another system" in await failing(register, link={})
    assert len(register.visits) == 1


@pytest.mark.parametrize("link", ["http://[bad", "http://127.0.0.1:99999999/"])
async def test_a_link_that_is_no_address_is_an_error(register: Register, link: str) -> None:
    register.pages["/people"] = lambda _: web.json_response({"data": ROWS}, headers={"Link": f"<{link}>; rel=next"})
    assert "is no address" in await failing(register, link={})


async def test_a_name_in_a_link_does_not_take_the_place_of_the_credentials(register: Register) -> None:
    def people(visit: Visit) -> web.StreamResponse:
        link = f"<http://me:you@127.0.0.1:{register.port}/people?p=2&key=stale>; rel=next"
        return web.json_response({"data": [visit.query.get("p")]}, headers={} if "p" in visit.query else {"Link": link})

    register.pages["/people"] = people
    made = {"method": "GET", "paging": {"items": "/body/data", "link": {}}}
    async with calling(
        register, {"auth": {"api_key": {"query": "key", "value": "env:KEY"}}}, made, KEY="s3cret"
    ) as make:
        assert rows_of(await make()) == [None, "2"]
    assert [visit.query["key"] for visit in register.visits] == ["s3cret", "s3cret"]
    assert all("Authorization" not in visit.headers for visit in register.visits)


async def test_a_login_that_ends_between_two_pages_is_renewed() -> None:
    async with running(Issuer()) as partner:
        assert isinstance(partner, Issuer)

        def people(visit: Visit) -> web.StreamResponse:
            if visit.headers["Authorization"] == "Bearer token-1" and visit.query["trang"] == "2":
                return web.json_response({}, status=401)
            return web.json_response({"data": ROWS[:10] if visit.query["trang"] == "1" else []})

        partner.pages["/people"] = people
        made = {"method": "GET", "paging": {"items": "/body/data", "page": PAGE}}
        async with calling(partner, oauth2(partner), made, SECRET="s3cret") as make:
            assert rows_of(await make()) == ROWS[:10]
        assert [visit.query["trang"] for visit in partner.to("/people")] == ["1", "2", "2"]


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (["<a>; rel=next"], "a"),
        (['<a>; rel="next"'], "a"),
        (['<a>; REL="Prev NEXT"'], "a"),
        (["<a>; rel=prev, <b>; rel=next"], "b"),
        (["<a>; rel=prev", "<b>; rel=next"], "b"),
        (['<a>; title="x, <z>; rel=next"; rel=prev, <b> ; title=y ; rel = next'], "b"),
        (["<a,b;c>; rel=next; rel=prev"], "a,b;c"),
        (["<a>; rel=prev; rel=next"], None),
        (['<a>; rel=next; anchor="#x"'], None),
        (["<a>"], None),
        (["a; rel=next"], None),
        (["<>; rel=next"], ""),
        (["<" * 16_000], None),
        (["<a>;" + " " * 16_000 + "x"], None),
        ([], None),
    ],
)  # fmt: skip
def test_the_header_link_is_read_as_the_standard_says(headers: list[str], found: str | None) -> None:
    assert target(headers, "next") == found


async def test_errors_of_pages_do_not_repeat_what_was_on_them(register: Register) -> None:
    register.pages["/people"] = lambda _: web.json_response({"next": ["Người bí mật"], "data": ROWS})
    with pytest.raises(DeliveryError) as caught:
        await gathered(register, cursor={"send": {"query": "after"}, "next": "/body/next"})
    assert "bí mật" not in caught.value.detail
