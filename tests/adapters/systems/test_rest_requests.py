"""What goes over the wire, and what cannot get onto it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.systems.rest.templates import path_filler, query_filler
from contracts.errors import DeliveryError, Origin, Permanent, Rejected
from contracts.json_types import JsonValue
from tests.adapters.systems.support import Asked, RawSystem, call, connection, http, operation, provider, says


@pytest.fixture
async def system() -> AsyncIterator[RawSystem]:
    made = RawSystem(says(http({})))
    await made.start()
    yield made
    await made.stop()


async def sent(
    system: RawSystem, does: dict[str, Any], body: JsonValue = None, *, to: dict[str, Any] | None = None, **parts: Any
) -> Asked:
    """The request that the system gets."""
    calls = provider(
        connection(system.port, **(to or {})), operation(**does), {"env:KEY": "s3cret+/=", "env:PW": "mật"}
    )
    await calls.start()
    try:
        await calls.call(call(body, **parts))
    finally:
        await calls.close()
    return system.asked[-1]


async def test_a_request_carries_the_record_the_exchange_and_the_trace(system: RawSystem) -> None:
    asked = await sent(system, {}, {"hoTen": "Trần Gia Bảo"})
    assert (asked.method, asked.target) == ("POST", "/people")
    assert asked.body.decode() == '{"hoTen":"Trần Gia Bảo"}'
    assert asked.headers == {
        "host": f"127.0.0.1:{system.port}",
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": "lienthong",
        "content-type": "application/json",
        "content-length": str(len(asked.body)),
        "idempotency-key": "exchange-1",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    }


@pytest.mark.parametrize("method", ["get", "HEAD", "DELETE", "OPTIONS"])
async def test_methods_that_ask_send_no_body(system: RawSystem, method: str) -> None:
    system.answer = says(http())
    asked = await sent(system, {"method": method}, {"id": "1"})
    assert (asked.method, asked.body) == (method.upper(), b"")
    assert "content-type" not in asked.headers


async def test_whether_there_is_a_body_can_be_said(system: RawSystem) -> None:
    assert (await sent(system, {"method": "DELETE", "body": "json"}, {"id": "1"})).json == {"id": "1"}
    assert (await sent(system, {"method": "POST", "body": "none"}, {"id": "1"})).body == b""
    assert (await sent(system, {"method": "POST"}, None)).body == b""


async def test_a_path_continues_that_of_the_connection(system: RawSystem) -> None:
    to = {"url": f"http://127.0.0.1:{system.port}/XrdAdapter/RestService/"}
    asked = await sent(system, {"path": "/forward/học sinh/{so}/"}, to=to, so="9992")
    assert asked.target == "/XrdAdapter/RestService/forward/h%E1%BB%8Dc%20sinh/9992/"


async def test_parts_are_filled_in_everywhere(system: RawSystem) -> None:
    does = {
        "method": "GET",
        "path": "/wards/{code}/people/{id}-{serial}",
        "query": {"dstcode": "VN:GOV:000.00.00.G22:dmdc", "tên": "{name}", "trang": "{page}", "none": "{absent}"},
        "headers": {"X-Officer": "officer {officer}", "X-None": "{absent}"},
    }
    asked = await sent(system, does, code="20410", id="a/b", serial=7, name="Lê & Trần?", page=2, officer="CB-017")
    query = "dstcode=VN%3AGOV%3A000.00.00.G22%3Admdc&t%C3%AAn=L%C3%AA%20%26%20Tr%E1%BA%A7n%3F&trang=2"
    assert asked.target == f"/wards/20410/people/a%2Fb-7?{query}"
    assert asked.headers["x-officer"] == "officer CB-017"
    assert "x-none" not in asked.headers


async def test_a_long_record_arrives_whole(system: RawSystem) -> None:
    record: JsonValue = {"attachment": "đ" * 2_000_000}
    asked = await sent(system, {}, record)
    assert asked.json == record
    assert asked.headers["content-length"] == str(len(asked.body))
    assert asked.headers["content-type"] == "application/json"


async def test_a_header_may_be_vietnamese(system: RawSystem) -> None:
    asked = await sent(system, {"headers": {"X-Officer": "{officer}"}}, officer="cán bộ Ân")
    assert asked.headers["x-officer"] == "cán bộ Ân"


async def test_headers_of_the_operation_come_before_those_of_the_connection(system: RawSystem) -> None:
    to = {"headers": {"X-Unit": "common", "Accept": "application/vnd.api+json"}}
    asked = await sent(system, {"headers": {"x-unit": "own"}}, to=to)
    assert (asked.headers["x-unit"], asked.headers["accept"]) == ("own", "application/vnd.api+json")


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (
            {"basic": {"user": "lgsp", "password": "env:PW"}},
            "authorization",
            "Basic " + b64encode("lgsp:mật".encode()).decode(),
        ),
        ({"bearer": "env:KEY"}, "authorization", "Bearer s3cret+/="),
        ({"api_key": {"header": "X-Api-Key", "value": "env:KEY"}}, "x-api-key", "s3cret+/="),
    ],
)
async def test_the_bus_shows_who_it_is(system: RawSystem, auth: dict[str, Any], header: str, value: str) -> None:
    assert (await sent(system, {}, to={"auth": auth})).headers[header] == value


async def test_a_key_may_stand_in_the_query(system: RawSystem) -> None:
    to = {"auth": {"api_key": {"query": "key", "value": "env:KEY"}}}
    assert (await sent(system, {"query": {"a": "1"}}, to=to)).target == "/people?a=1&key=s3cret%2B%2F%3D"
    assert (await sent(system, {}, to=to)).target == "/people?key=s3cret%2B%2F%3D"


@pytest.mark.parametrize(
    "value",
    [
        "..",
        ".",
        "",
        "../admin",
        "a/../../b",
        "..\\admin",
        "%2e%2e",
        "%252e%252e%252fadmin",
        "..;/admin",
        "a//b",
        "/etc",
        "x\r\nHost: other",
        "a\x00b",
        "a\nb",
        "\ud800",
        None,
    ],
)
async def test_a_value_cannot_leave_its_place_in_the_path(system: RawSystem, value: str | None) -> None:
    with pytest.raises(Rejected) as caught:
        await sent(system, {"path": "/people/{id}/card"}, id=value)
    assert caught.value.origin is Origin.BUS
    assert "“id”" in caught.value.detail
    assert system.asked == []


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "a\rb", "a\x00b", "\x7f", "a\x85b", "\ud800"])
@pytest.mark.parametrize("place", ["headers", "query"])
async def test_a_value_cannot_begin_a_header_of_its_own(system: RawSystem, place: str, value: str) -> None:
    with pytest.raises(Rejected):
        await sent(system, {place: {"X-Name": "{name}"}}, name=value)
    assert system.asked == []


async def test_a_part_that_is_no_scalar_is_a_fault_of_the_configuration(system: RawSystem) -> None:
    with pytest.raises(Permanent) as caught:
        await sent(system, {"path": "/people/{id}"}, id=["1"])
    assert caught.value.origin is Origin.BUS


async def test_a_number_stands_in_a_path_as_it_is_written(system: RawSystem) -> None:
    assert (await sent(system, {"path": "/{n}/{d}/{b}"}, n=12, d=2.5, b=True)).target == "/12/2.5/true"


async def test_the_proxy_of_the_environment_is_not_used(system: RawSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await sent(system, {})).target == "/people"


async def test_a_service_without_an_operation_is_permanent(system: RawSystem) -> None:
    calls = provider(connection(system.port), operation())
    await calls.start()
    with pytest.raises(Permanent, match=r"other@2"):
        await calls.call(replace(call(), service="other@2"))
    await calls.close()


@given(st.text())
def test_whatever_the_value_is_the_path_has_as_many_segments_as_the_template(value: str) -> None:
    try:
        path = path_filler("/a/{x}/b")({"x": value})
    except DeliveryError:
        return
    before, inside, after = path.removeprefix("/").split("/")
    assert (before, after) == ("a", "b")
    assert inside not in {"", ".", ".."}
    assert inside.isascii()
    assert not set(inside) & set('/?#\\" <>\r\n\t\0')


@given(st.text())
def test_whatever_the_value_is_the_query_has_one_parameter(value: str) -> None:
    try:
        text = query_filler("{x}")({"x": value})
    except DeliveryError:
        return
    assert text.isascii()
    assert not set(text) & set("&#=?/ \r\n\t\0+")
