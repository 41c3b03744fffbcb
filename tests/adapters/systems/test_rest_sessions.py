"""How the bus logs in to a system, and what becomes of calls where a session ends or none begins."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from adapters.systems.rest.credentials import Credentials
from adapters.systems.rest.kept import Kept, Lasting
from contracts.errors import DeliveryError, Indeterminate, Permanent, Transient
from contracts.ports import Answer
from tests.adapters.systems.partner import Page, Partner, Visit, at_once, calling, running

PASSWORD = "m4t-kh4u"


class Portal(Partner):
    """A partner as the national portal is: everything is a 200, and a code in the body says what it means."""

    def __init__(self) -> None:
        super().__init__({"/api/login": self.login, "/api/people": self.people})
        self.begun = 0

    def login(self, visit: Visit) -> web.Response:
        if visit.json != {"username": "lgsp", "password": PASSWORD}:
            return web.json_response({"error_code": 5, "message": f"sai mật khẩu {visit.json['password']}"})
        self.begun += 1
        return web.json_response({"error_code": "0", "session": f"phiên-{self.begun}"})

    def people(self, visit: Visit) -> web.Response:
        if visit.json.get("session") != f"phiên-{self.begun}":
            return web.json_response({"error_code": "-1"})
        return web.json_response({"error_code": "0", "ten": visit.json.get("so")})

    def end(self) -> None:
        """Take the last session no more."""
        self.begun += 100


@pytest.fixture
async def portal() -> AsyncIterator[Portal]:
    async with running(Portal()) as partner:
        assert isinstance(partner, Portal)
        yield partner


def session(partner: Partner, **more: Any) -> dict[str, Any]:
    """The connection to a portal."""
    spec = {
        "login": {
            "path": "/login",
            "headers": {"dstcode": "VN:GOV:000.00.00.G22:dvcqg"},
            "body": {"username": "lgsp", "password": "env:PASSWORD"},
        },
        "value": "/body/session",
        "success": {"path": "/body/error_code", "equals": "0"},
        "detail": "/body/message",
        "send": {"body": "/session"},
        "over": {"path": "/body/error_code", "equals": "-1"},
        **more,
    }
    return {
        "url": f"http://127.0.0.1:{partner.port}/api",
        "headers": {"X-Unit": "H17"},
        "auth": {"session": {name: part for name, part in spec.items() if part is not None}},
    }


async def refused(portal: Portal, page: Page, **more: Any) -> DeliveryError:
    """What becomes of a call while the login is answered so."""
    portal.pages["/api/login"] = page
    async with calling(portal, session(portal, **more), PASSWORD=PASSWORD) as make:
        with pytest.raises(DeliveryError) as caught:
            await make({})
    assert portal.to("/api/people") == []
    assert PASSWORD not in caught.value.detail
    return caught.value


async def test_the_bus_logs_in_once_and_shows_its_session_in_the_body_of_each_call(portal: Portal) -> None:
    async with calling(portal, session(portal), PASSWORD=PASSWORD) as make:
        answers = await at_once(*(make({"so": each}) for each in range(10)))
    assert [answer.body for answer in answers] == [{"error_code": "0", "ten": each} for each in range(10)]
    (login,) = portal.to("/api/login")
    assert login.headers["dstcode"] == "VN:GOV:000.00.00.G22:dvcqg"
    assert login.headers["X-Unit"] == "H17"
    assert "Idempotency-Key" not in login.headers
    assert portal.to("/api/people")[0].json == {"so": 0, "session": "phiên-1"}


@pytest.mark.parametrize(
    ("send", "prefix", "shown"),
    [
        ({"header": "Authorization"}, "Bearer ", ("headers", "Authorization", "Bearer s-1 +/=")),
        ({"header": "X-Session"}, "", ("headers", "X-Session", "s-1 +/=")),
        ({"query": "phiên"}, "", ("query", "phiên", "s-1 +/=")),
        ({"body": "/dau/phien"}, "", ("json", "dau", {"phien": "s-1 +/="})),
    ],
)
async def test_the_session_goes_where_the_system_wants_it(
    portal: Portal, send: dict[str, str], prefix: str, shown: tuple[str, str, Any]
) -> None:
    portal.pages["/api/login"] = lambda _: web.json_response({"session": "s-1 +/="})
    portal.pages["/api/people"] = lambda _: web.json_response({})
    to = session(portal, send=send, prefix=prefix, success=None)
    async with calling(portal, to, PASSWORD=PASSWORD) as make:
        await make({"so": 1})
    (asked,) = portal.to("/api/people")
    where, name, value = shown
    assert getattr(asked, where)[name] == value


async def test_a_session_may_be_a_cookie_and_may_come_in_a_header(portal: Portal) -> None:
    portal.pages["/api/login"] = lambda _: web.Response(headers={"X-Session-Id": "abc=="})
    portal.pages["/api/people"] = lambda _: web.json_response({})
    to = session(portal, send={"cookie": "JSESSIONID"}, value="/headers/x-session-id", success=None)
    async with calling(portal, to, {"method": "GET"}, PASSWORD=PASSWORD) as make:
        await make()
    assert portal.to("/api/people")[0].cookies == {"JSESSIONID": "abc=="}


async def test_a_session_that_is_over_is_begun_again_and_the_call_repeated_once(portal: Portal) -> None:
    async with calling(portal, session(portal), PASSWORD=PASSWORD) as make:
        await make({"so": 1})
        portal.end()
        assert await make({"so": 2}) == Answer({"error_code": "0", "ten": 2})
        portal.end()
        assert await make({"so": 3}) == Answer({"error_code": "0", "ten": 3})
    assert len(portal.to("/api/login")) == 3
    assert [visit.json["so"] for visit in portal.to("/api/people")] == [1, 2, 2, 3, 3]


async def test_401_says_that_a_session_is_over_whatever_else_does(portal: Portal) -> None:
    answers = iter([401, 200])
    portal.pages["/api/people"] = lambda _: web.json_response({}, status=next(answers))
    async with calling(portal, session(portal, over=None), PASSWORD=PASSWORD) as make:
        assert await make({}) == Answer({})
    assert len(portal.to("/api/login")) == 2


async def test_what_comes_after_the_repetition_is_judged_by_the_rules(portal: Portal) -> None:
    portal.pages["/api/people"] = lambda _: web.json_response({"error_code": "-1"})
    does = {"answers": [{"when": {"path": "/body/error_code", "equals": "0"}, "is": "data"}]}
    async with calling(portal, session(portal), does, PASSWORD=PASSWORD) as make:
        with pytest.raises(Indeterminate, match="no rule says"):
            await make({})
    assert len(portal.to("/api/people")) == 2


async def test_a_call_with_an_unknown_end_is_not_repeated(portal: Portal) -> None:
    portal.pages["/api/people"] = lambda _: web.json_response({}, status=500)
    async with calling(portal, session(portal), PASSWORD=PASSWORD) as make:
        with pytest.raises(Indeterminate):
            await make({})
    assert len(portal.to("/api/people")) == 1


async def test_a_session_that_has_lived_long_enough_is_not_used(portal: Portal) -> None:
    async with calling(portal, session(portal, lives_s="0.000001"), PASSWORD=PASSWORD) as make:
        await make({"so": 1})
        await make({"so": 2})
    assert len(portal.to("/api/login")) == 2


async def test_a_login_that_is_refused_is_permanent_with_the_systems_words_and_without_the_password(
    portal: Portal,
) -> None:
    said = {"error_code": 5, "message": f"sai mật khẩu {PASSWORD}"}
    error = await refused(portal, lambda _: web.json_response(said))
    assert isinstance(error, Permanent)
    assert error.detail == "the system refused the login at /login: sai mật khẩu ***"


async def test_a_login_that_was_refused_is_not_tried_again_at_once_lest_the_account_be_locked(portal: Portal) -> None:
    async with calling(portal, session(portal), PASSWORD="wr0ng") as make:
        for _ in range(5):
            with pytest.raises(Permanent, match="refused the login"):
                await make({})
    assert len(portal.to("/api/login")) == 1


async def test_after_half_a_minute_a_login_that_was_refused_is_tried_again() -> None:
    now_s, asked = 100.0, 0

    async def fetch() -> Lasting:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise Permanent("no")
        return Lasting(Credentials(), 600)

    kept = Kept(fetch, lambda: now_s)
    for _ in range(3):
        with pytest.raises(Permanent):
            await kept.get(1)
    now_s += 31
    assert await kept.get(1) == Credentials()
    assert asked == 2


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404])
async def test_a_login_with_a_bad_status_is_permanent(portal: Portal, status: int) -> None:
    error = await refused(portal, lambda _: web.json_response({"message": "không"}, status=status))
    assert isinstance(error, Permanent)
    assert str(status) in error.detail
    assert "không" in error.detail


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_login_that_may_succeed_later_is_transient_and_nothing_was_sent(portal: Portal, status: int) -> None:
    error = await refused(portal, lambda _: web.Response(status=status, headers={"Retry-After": "9"}))
    assert isinstance(error, Transient)
    assert (error.sent, error.retry_after_s) == (False, 9)


@pytest.mark.parametrize("said", [{}, {"session": ""}, {"session": None}, {"session": ["x"]}])
async def test_an_answer_without_a_session_is_permanent(portal: Portal, said: dict[str, Any]) -> None:
    error = await refused(portal, lambda _: web.json_response(said), success=None)
    assert isinstance(error, Permanent)
    assert "no session at /body/session" in error.detail


@pytest.mark.parametrize("send", [{"header": "X-Session"}, {"cookie": "s"}])
@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\x00b"])
async def test_a_session_that_would_break_out_of_a_header_is_not_sent(
    portal: Portal, send: dict[str, str], value: str
) -> None:
    error = await refused(portal, lambda _: web.json_response({"session": value}), success=None, send=send)
    assert isinstance(error, Permanent)
    assert "cannot stand in a header" in error.detail


async def test_a_session_that_would_break_out_of_a_cookie_is_not_sent(portal: Portal) -> None:
    page: Page = lambda _: web.json_response({"session": "a; admin=1"})  # noqa: E731
    error = await refused(portal, page, success=None, send={"cookie": "s"})
    assert isinstance(error, Permanent)


async def test_a_system_that_repeats_its_session_does_not_have_it_shown(portal: Portal) -> None:
    portal.pages["/api/people"] = lambda visit: web.json_response({"why": f"x {visit.json['session']} y"}, status=200)
    does = {"answers": [{"when": {"path": "/body/why", "present": "true"}, "is": "rejected", "detail": "/body/why"}]}
    async with calling(portal, session(portal), does, PASSWORD=PASSWORD) as make:
        with pytest.raises(DeliveryError) as caught:
            await make({})
    assert caught.value.detail == "x *** y"


async def test_a_body_without_a_place_for_the_session_is_said_to_have_none(portal: Portal) -> None:
    async with calling(portal, session(portal), PASSWORD=PASSWORD) as make:
        with pytest.raises(Permanent, match="no object in which “session” could be set"):
            await make(["a", "list"])
    assert portal.to("/api/people") == []
