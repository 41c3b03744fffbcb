"""How the bus comes by a token, and what becomes of calls when there is none."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.credentials import Credentials
from adapters.systems.rest.kept import Kept, Lasting
from contracts.errors import DeliveryError, Permanent, Transient
from contracts.ports import Answer
from tests.adapters.systems.partner import Page, Partner, Visit, at_once, calling, running
from tests.adapters.systems.support import call, operation, provider

SECRET = "s3cret:/+ mật"


class Issuer(Partner):
    """A partner with a token endpoint. It takes only the token that it gave last."""

    def __init__(self, **more: Any) -> None:
        super().__init__({"/token": self.token, "/people": self.people})
        self.given = 0
        self.more: dict[str, Any] = {"token_type": "Bearer", "expires_in": 3600, **more}

    def token(self, _visit: Visit) -> web.Response:
        self.given += 1
        return web.json_response({"access_token": f"token-{self.given}", **self.more})

    def people(self, visit: Visit) -> web.Response:
        if visit.headers.get("Authorization") != f"Bearer token-{self.given}":
            return web.json_response({"error": "who are you"}, status=401)
        return web.json_response({"ten": "A"})

    def forget(self) -> None:
        """Take the last token no more."""
        self.given += 100


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running(Issuer()) as partner:
        assert isinstance(partner, Issuer)
        yield partner


def oauth2(partner: Partner, **more: Any) -> dict[str, Any]:
    """The connection to a partner with a token endpoint."""
    auth = {"token_url": f"http://127.0.0.1:{partner.port}/token", "client_id": "lgsp", "client_secret": "env:SECRET"}
    return {"auth": {"oauth2": {**auth, **more}}}


async def refused(partner: Partner, page: Page) -> DeliveryError:
    """What becomes of a call while the token endpoint answers so."""
    partner.pages["/token"] = page
    async with calling(partner, oauth2(partner), SECRET=SECRET) as make:
        with pytest.raises(DeliveryError) as caught:
            await make({})
    assert partner.to("/people") == []
    for secret in (SECRET, "s3cret", base64.b64encode(b"lgsp:s3cret").decode()[:14]):
        assert secret not in f"{caught.value} {caught.value.detail}"
    return caught.value


async def test_a_token_is_fetched_as_the_standard_says_and_shown_in_each_call(issuer: Issuer) -> None:
    to = oauth2(issuer, scope="hoc-sinh.read ward", audience="https://gddt.vn")
    async with calling(issuer, to, SECRET=SECRET) as make:
        assert await make({}) == Answer({"ten": "A"})
        assert await make({}) == Answer({"ten": "A"})
    (asked,) = issuer.to("/token")
    assert asked.form == {
        "grant_type": "client_credentials",
        "scope": "hoc-sinh.read ward",
        "audience": "https://gddt.vn",
    }
    user, _, password = base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
    # RFC 6749, section 2.3.1: form-encoded.
    assert (user, password) == ("lgsp", "s3cret%3A%2F%2B+m%E1%BA%ADt")


async def test_the_client_may_be_shown_in_the_form(issuer: Issuer) -> None:
    async with calling(issuer, oauth2(issuer, client_in="form"), SECRET=SECRET) as make:
        await make({})
    (asked,) = issuer.to("/token")
    assert asked.form == {"grant_type": "client_credentials", "client_id": "lgsp", "client_secret": SECRET}
    assert "Authorization" not in asked.headers


async def test_however_many_calls_wait_there_is_one_login(issuer: Issuer) -> None:
    may_go = asyncio.Event()
    answer = issuer.pages["/token"]

    async def slow(visit: Visit) -> web.StreamResponse:
        await may_go.wait()
        answered = answer(visit)
        assert isinstance(answered, web.StreamResponse)
        return answered

    issuer.pages["/token"] = slow
    async with calling(issuer, oauth2(issuer), SECRET=SECRET) as make:
        calls = [asyncio.ensure_future(make({})) for _ in range(20)]
        while not issuer.to("/token"):
            await asyncio.sleep(0.01)
        may_go.set()
        assert await at_once(*calls) == [Answer({"ten": "A"})] * 20
    assert len(issuer.to("/token")) == 1


async def test_a_call_that_gives_up_does_not_end_the_login_that_others_wait_for(issuer: Issuer) -> None:
    may_go = asyncio.Event()

    async def slow(visit: Visit) -> web.StreamResponse:
        await may_go.wait()
        return Issuer.token(issuer, visit)

    issuer.pages["/token"] = slow
    async with calling(issuer, oauth2(issuer), SECRET=SECRET) as make:
        first = asyncio.ensure_future(make({}))
        other = asyncio.ensure_future(make({}))
        while not issuer.to("/token"):
            await asyncio.sleep(0.01)
        first.cancel()
        with pytest.raises(Transient) as caught:
            await make({}, deadline_s=0.05)
        assert not caught.value.sent
        may_go.set()
        assert await other == Answer({"ten": "A"})
    assert len(issuer.to("/token")) == 1


async def test_a_token_that_is_not_taken_any_more_is_renewed_and_the_call_repeated_once(issuer: Issuer) -> None:
    async with calling(issuer, oauth2(issuer), SECRET=SECRET) as make:
        await make({})
        issuer.forget()
        assert await at_once(*(make({"so": each}) for each in range(5))) == [Answer({"ten": "A"})] * 5
    assert len(issuer.to("/token")) == 2
    repeated = [visit.json["so"] for visit in issuer.to("/people")[1:]]
    assert all(repeated.count(each) <= 2 for each in range(5))


async def test_a_system_that_takes_no_token_at_all_is_asked_twice_and_not_again(issuer: Issuer) -> None:
    issuer.pages["/people"] = lambda _: web.json_response({}, status=401)
    async with calling(issuer, oauth2(issuer), SECRET=SECRET) as make:
        with pytest.raises(Permanent, match="401"):
            await make({})
    assert (len(issuer.to("/people")), len(issuer.to("/token"))) == (2, 2)


async def test_a_token_that_does_not_last_is_fetched_for_each_call() -> None:
    async with running(Issuer(expires_in="0")) as partner:
        assert isinstance(partner, Issuer)
        async with calling(partner, oauth2(partner), SECRET=SECRET) as make:
            await make({})
            await make({})
        assert partner.given == 2


async def test_a_token_is_given_up_a_little_before_its_end() -> None:
    now_s, fetched = 100.0, 0

    async def fetch() -> Lasting:
        nonlocal fetched
        fetched += 1
        return Lasting(Credentials(), 600)

    kept = Kept(fetch, lambda: now_s)
    await kept.get(1)
    now_s += 569
    await kept.get(1)
    assert fetched == 1
    now_s += 2
    await kept.get(1)
    assert fetched == 2


@pytest.mark.parametrize("more", [{"token_type": "bearer"}, {"expires_in": "3600"}, {"expires_in": None}, {"scope": 1}])
async def test_what_endpoints_say_a_little_differently_is_understood(more: dict[str, Any]) -> None:
    async with running(Issuer(**more)) as partner, calling(partner, oauth2(partner), SECRET=SECRET) as make:
        await make({})
        await make({})
        assert len(partner.to("/token")) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_endpoint_that_is_not_well_is_transient_and_nothing_was_sent(issuer: Issuer, status: int) -> None:
    error = await refused(issuer, lambda _: web.Response(status=status, headers={"Retry-After": "7"}))
    assert isinstance(error, Transient)
    assert (error.sent, error.retry_after_s) == (False, 7)
    assert "127.0.0.1 gave no access token" in error.detail
    assert str(status) in error.detail


async def test_an_endpoint_that_hangs_up_is_transient_though_the_request_was_sent(issuer: Issuer) -> None:
    def hang_up(visit: Visit) -> web.StreamResponse:
        visit.hang_up()
        return web.Response()

    error = await refused(issuer, hang_up)
    assert isinstance(error, Transient)
    assert "closed the connection without an answer" in error.detail
    assert not error.sent


async def test_an_endpoint_that_cannot_be_reached_is_transient(issuer: Issuer) -> None:
    to = oauth2(issuer, token_url="http://127.0.0.1:1/token")
    async with calling(issuer, to, SECRET=SECRET) as make:
        with pytest.raises(Transient, match=r"no access token came from 127.0.0.1") as caught:
            await make({})
    assert not caught.value.sent


@pytest.mark.parametrize("status", [400, 401, 403, 302, 404])
async def test_a_client_that_is_wrong_is_permanent_with_the_endpoints_words(issuer: Issuer, status: int) -> None:
    said = {"error": "invalid_client", "error_description": f"no client lgsp with {SECRET}"}
    error = await refused(issuer, lambda _: web.json_response(said, status=status))
    assert isinstance(error, Permanent)
    assert "invalid_client: no client lgsp with ***" in error.detail


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "a\nb"},
        {"access_token": "a", "token_type": "mac"},
    ],
)
async def test_an_answer_without_a_token_that_can_be_used_is_permanent(issuer: Issuer, said: dict[str, Any]) -> None:
    assert isinstance(await refused(issuer, lambda _: web.json_response(said)), Permanent)


async def test_an_answer_that_cannot_be_read_is_transient(issuer: Issuer) -> None:
    error = await refused(issuer, lambda _: web.Response(text="<html>", content_type="text/html"))
    assert isinstance(error, Transient)
    assert "HTML" in error.detail


async def test_a_system_that_repeats_its_token_does_not_have_it_shown(issuer: Issuer) -> None:
    issuer.pages["/people"] = lambda visit: web.json_response({"why": visit.headers["Authorization"]})
    does = {"answers": [{"when": {"path": "/body/why", "present": "true"}, "is": "permanent", "detail": "/body/why"}]}
    async with calling(issuer, oauth2(issuer), does, SECRET=SECRET) as make:
        with pytest.raises(Permanent) as caught:
            await make({})
    assert caught.value.detail == "Bearer ***"


async def test_a_token_endpoint_at_a_private_address_is_not_called_unless_that_is_meant(issuer: Issuer) -> None:
    auth = oauth2(issuer)["auth"]
    slipped = RestConnection.model_construct(
        url="http://127.0.0.2:1",
        auth=RestConnection.model_validate({"url": "http://127.0.0.1", "allow_private": "true", "auth": auth}).auth,
    )
    calls = provider(slipped, operation(), {"env:SECRET": SECRET})
    await calls.start()
    try:
        with pytest.raises(Permanent, match="private address"):
            await calls.call(call({}))
    finally:
        await calls.close()
    assert issuer.visits == []


async def test_a_secret_object_in_a_header_may_stand_beside_a_token(issuer: Issuer) -> None:
    values = {"AccessKey": "env:ACCESS", "SecretKey": "env:KEY", "AppName": "Hội An"}
    to = oauth2(issuer)
    to["auth"]["json_header"] = {"header": "lgspaccesstoken", "values": values}
    async with calling(issuer, to, SECRET=SECRET, ACCESS="a-cc", KEY="k-ey") as make:
        await make({})
    (asked,) = issuer.to("/people")
    shown = base64.b64decode(asked.headers["lgspaccesstoken"]).decode()
    assert shown == '{"AccessKey":"a-cc","SecretKey":"k-ey","AppName":"Hội An"}'
    assert asked.headers["Authorization"] == "Bearer token-1"
    assert "lgspaccesstoken" not in issuer.to("/token")[0].headers
