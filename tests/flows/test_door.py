"""Who and what is let in, and how the rest is turned away."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from gateway.app import ROUTES
from tests.flows.support import GOOD, LOOKUP, NOTE, FakeSystem, RunningBus, fine, start_bus

ONE_BUS = pytest.mark.asyncio(loop_scope="module")
"""For tests that leave nothing behind: they share `door`."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBus]:
    """One bus for all that is turned away."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path_factory.mktemp("door"), systems)
    async with running.stack:
        yield running


def problem(answer: httpx.Response) -> dict[str, object]:
    """The problem in an answer; every one has the members of RFC 9457."""
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body["status"] == answer.status_code
    assert {"type", "title", "detail", "origin"} <= set(body)
    return body


async def raw(bus: RunningBus, content: bytes, **headers: str) -> httpx.Response:
    """POST bytes as JSON to the note contract."""
    named = {"content-type": "application/json", "to": "memo", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return await bus.client.post(f"/exchange/{NOTE}", content=content, headers=named)


NUMBER = "/number"
WRONG_FIELDS: list[tuple[object, str, str]] = [
    ({"text": "a"}, NUMBER, "missing"),
    ({"text": "a", "number": "7"}, NUMBER, "wrong_type"),
    ({"text": "a", "number": 7.5}, NUMBER, "wrong_type"),
    ({"text": "a", "number": True}, NUMBER, "wrong_type"),
    ({"text": "a", "number": None}, NUMBER, "wrong_type"),
    ({"text": "a", "number": 2**31}, NUMBER, "out_of_range"),
    ({"text": "a", "number": [1]}, NUMBER, "wrong_type"),
    ({"text": 1, "number": 7}, "/text", "wrong_type"),
    ({**GOOD, "extra": 1}, "/extra", "unknown_field"),
    ({**GOOD, "a/b~c": 1}, "/a~1b~0c", "unknown_field"),
    ({**GOOD, "amount": 5}, "/amount", "wrong_type"),
    ({**GOOD, "amount": "05.00"}, "/amount", "decimal_format"),
    ({**GOOD, "amount": "1e3"}, "/amount", "decimal_format"),
    ({**GOOD, "amount": "12345.00"}, "/amount", "decimal_precision"),
    ({**GOOD, "amount": "1.005"}, "/amount", "decimal_precision"),
    ({**GOOD, "at": "2025-07-01T08:00:00"}, "/at", "timestamp_offset"),
    ({**GOOD, "at": "2025-07-01 08:00:00+07:00"}, "/at", "timestamp_format"),
    ({**GOOD, "at": "2025-02-30T08:00:00+07:00"}, "/at", "timestamp_format"),
    ({**GOOD, "at": "2025-07-01T08:00:00.123456789+07:00"}, "/at", "too_precise"),
    ({**GOOD, "items": [{"code": "a", "size": 1.0}, {"code": "b", "size": "x"}]}, "/items/1/size", "wrong_type"),
    ({**GOOD, "items": [{"code": "a"}]}, "/items/0/size", "missing"),
    ({**GOOD, "items": {"code": "a"}}, "/items", "wrong_type"),
    ({**GOOD, "labels": {"k": 1}}, "/labels/k", "wrong_type"),
    ({**GOOD, "items": [None]}, "/items/0", "wrong_type"),
    ({**GOOD, "items": [{"code": "a", "size": 1, "x": 2}]}, "/items/0/x", "unknown_field"),
    ({**GOOD, "items": [{"code": "a", "size": True}]}, "/items/0/size", "wrong_type"),
    ({**GOOD, "labels": None}, "/labels", "wrong_type"),
    ({**GOOD, "labels": ["a"]}, "/labels", "wrong_type"),
    ({**GOOD, "labels": {"a/b~c": 1}}, "/labels/a~1b~0c", "wrong_type"),
    ({**GOOD, "": 1}, "/", "unknown_field"),
    ({**GOOD, "__proto__": {}}, "/__proto__", "unknown_field"),
    ({**GOOD, "amount": "NaN"}, "/amount", "decimal_format"),
    ({**GOOD, "amount": "\u0661"}, "/amount", "decimal_format"),
    ({**GOOD, "amount": "1e3000000"}, "/amount", "decimal_format"),
    ({**GOOD, "at": 0}, "/at", "wrong_type"),
    ({**GOOD, "at": ""}, "/at", "timestamp_format"),
    ({**GOOD, "at": "2025-13-01T00:00:00Z"}, "/at", "timestamp_format"),
    ({**GOOD, "at": "2025-01-01T00:00:00+25:00"}, "/at", "timestamp_format"),
    ({**GOOD, "at": "99999-01-01T00:00:00Z"}, "/at", "timestamp_format"),
    ({**GOOD, "labels": {"ho\u00e0": "1", "hoa\u0300": "2"}}, "/labels/hoa\u0300", "key_collision"),
]


@pytest.mark.parametrize(("body", "pointer", "code"), WRONG_FIELDS)
@ONE_BUS
async def test_one_wrong_field_is_named_exactly(door: RunningBus, body: object, pointer: str, code: str) -> None:
    answer = await raw(door, json.dumps(body).encode())
    assert answer.status_code == 422
    errors = problem(answer)["errors"]
    assert isinstance(errors, list)
    assert [(error["pointer"], error["code"]) for error in errors] == [(pointer, code)]


WRONG_BYTES: list[tuple[bytes, str, str]] = [
    (b'{"text": "a", "number": 7, "number": 8}', NUMBER, "duplicate_key"),
    (b'{"text": "a", "number": 7, "n\\u0075mber": 8}', NUMBER, "duplicate_key"),
    (b'{"text": "a", "number": 7, "items": [{"code": "a", "code": "b", "size": 1}]}', "/items/0/code", "duplicate_key"),
    (b'{"text": "a", "number": 7, "labels": {"k": "1", "k": "2"}}', "/labels/k", "duplicate_key"),
    (b'{"text": "a", "number": ' + b"9" * 1500 + b"}", NUMBER, "out_of_range"),
    (b'{"text": "a", "number": -2147483649}', NUMBER, "out_of_range"),
    (b'{"text": "a", "number": 1e400}', NUMBER, "out_of_range"),
    (b'{"text": "a", "number": 7.0}', NUMBER, "wrong_type"),
    (b'{"text": "a", "number": 7, "items": [{"code": "a", "size": 1e400}]}', "/items/0/size", "not_finite"),
    (b'{"text": "a", "number": 7, "items": [{"code": "a", "size": -1e309}]}', "/items/0/size", "not_finite"),
    (b'{"text": "\\ud800", "number": 7}', "/text", "lone_surrogate"),
]


@pytest.mark.parametrize(("content", "pointer", "code"), WRONG_BYTES, ids=range(len(WRONG_BYTES)))
@ONE_BUS
async def test_what_only_the_bytes_can_have_wrong_is_named_exactly_too(
    door: RunningBus, content: bytes, pointer: str, code: str
) -> None:
    answer = await raw(door, content)
    assert answer.status_code == 422
    errors = problem(answer)["errors"]
    assert isinstance(errors, list)
    assert [(error["pointer"], error["code"]) for error in errors] == [(pointer, code)]


UNREADABLE = [
    b"",
    b" ",
    b"{",
    b"}",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"{'text': 'a'}",
    b'{"text": "a", "number": 7',
    b'{"text": "a", "number": 7}}',
    b'{"text": "a" "number": 7}',
    b'{"text": "a", "number": 7,}',
    b'{"text": "a", "number": 07}',
    b'{"text": "a", "number": +7}',
    b'{"text": "a", "number": NaN}',
    b'{"text": "a", "number": Infinity}',
    b'{"text": "a", "number": 0x7}',
    b'{"text": "a\nb", "number": 7}',
    b'{"text": "\\ud800", "number": 7}',
    b'{"text": "\\x41", "number": 7}',
    b'{"text": "\xff\xfe", "number": 7}',
    b'\xef\xbb\xbf{"text": "a", "number": 7, "x": 1}',
    b'{"text": "a", "number": 7, "number": 8}',
    b'{"text": "a", "number": 7, "n\\u0075mber": 8}',
    b'{"text": "a", "number": ' + b"9" * 1500 + b"}",
    b'{"text": "a", "number": 1e400}',
    b'{"text": "a", "number": ' + b"[" * 900 + b"]" * 900 + b"}",
    b"[" * 1900,
    b'{"a":' * 300 + b"1" + b"}" * 300,
    b"\x00" * 10,
    b'{"text": "a", "number": 7}\x00',
    b"<xml/>",
    b"text=a&number=7",
    b'{"text": "\xc3\x28", "number": 7}',
    b'{"text": "\xed\xa0\x80", "number": 7}',
    b'{"te\xffxt": "a", "number": 7}',
    b'{"text": "a", "number": 7}{"text": "a", "number": 7}',
    b'{"text": "a", "number": 7}//',
    b'{"text": "a",/**/"number": 7}',
    b'{"text": "a", "number": 1_000}',
    b'{"text": "a", "number": .5}',
    b'{"text": "a", "number": 5.}',
    b"True",
]


@pytest.mark.parametrize("content", UNREADABLE, ids=range(len(UNREADABLE)))
@ONE_BUS
async def test_what_cannot_be_read_is_a_problem_of_the_4xx_family(door: RunningBus, content: bytes) -> None:
    answer = await raw(door, content)
    assert 400 <= answer.status_code < 500
    assert problem(answer)["errors"]


@pytest.mark.parametrize("bits", range(40))
@ONE_BUS
async def test_a_record_cut_off_anywhere_is_a_problem(door: RunningBus, bits: int) -> None:
    whole = json.dumps({**GOOD, "labels": {"a": "b"}}).encode()
    answer = await raw(door, whole[: bits * len(whole) // 40])
    assert answer.status_code == 400
    problem(answer)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"idempotency_key": "x" * 201}, 400),
        ({"idempotency_key": "a b\u007f"}, 400),
        ({"to": "nobody"}, 422),
        ({"to": "../memo"}, 422),
        ({"purpose": "curiosity"}, 403),
        ({"prefer": "wait=soon"}, 400),
        ({"prefer": "wait=-1"}, 400),
        ({"prefer": "wait=99999999999999"}, 400),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": ""}, 415),
        ({"content_encoding": "gzip"}, 415),
        ({"end_user": "a" * 300}, 400),
        ({"end_user": "a%00b"}, 400),
        ({"end_user": "%ff"}, 400),
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer"}, 401),
        ({"authorization": "Bearer x.y.z"}, 401),
        ({"authorization": "Basic YTpi"}, 401),
        ({"authorization": "Negotiate " + "A" * 3000}, 401),
    ],
)
@ONE_BUS
async def test_a_wrong_header_is_named(door: RunningBus, headers: dict[str, str], status: int) -> None:
    answer = await raw(door, json.dumps(GOOD).encode(), **headers)
    assert answer.status_code == status
    problem(answer)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/nowhere", 404),
        ("GET", f"/exchange/{NOTE}", 405),
        ("DELETE", f"/exchange/{NOTE}", 405),
        ("PUT", "/oauth2/token", 405),
        ("POST", "/healthz", 405),
        ("POST", "/exchange/", 404),
        ("POST", "/exchange/nothing.here", 404),
        ("POST", f"/exchange/{NOTE}@9", 404),
        ("POST", f"/exchange/{NOTE}@x", 404),
        ("POST", f"/exchange/{NOTE}@", 202),
        ("POST", f"/exchange/{NOTE}/", 404),
        ("POST", f"/exchange/%2e%2e/{NOTE}", 404),
        ("POST", f"/exchange/..%2f{NOTE}", 404),
        ("POST", f"/exchange/{NOTE}%00", 404),
        ("POST", "/exchange/%ff", 404),
        ("GET", "/exchanges/1", 404),
        ("GET", "/exchanges/00000000-0000-8000-8000-000000000000", 404),
        ("GET", "/exchanges/%2e%2e%2foperate", 404),
        ("GET", "/exchanges/00000000-0000-8000-8000-000000000000?wait=x", 400),
        ("GET", "/exchanges/" + "a" * 5000, 414),
        ("GET", "/operate/dead", 403),
        ("POST", "/operate/dead/00000000-0000-8000-8000-000000000000/retry", 403),
    ],
)
@ONE_BUS
async def test_every_path_that_leads_nowhere_says_so(door: RunningBus, method: str, path: str, status: int) -> None:
    answer = await door.client.request(
        method, path, content=json.dumps(GOOD), headers={"content-type": "application/json", "to": "memo"}
    )
    assert answer.status_code == status
    if status >= 400:
        problem(answer)


async def test_a_method_that_is_not_allowed_names_those_that_are(bus: RunningBus) -> None:
    answer = await bus.client.get(f"/exchange/{NOTE}")
    assert answer.headers["allow"] == "POST"


async def test_a_body_over_the_contracts_limit_is_refused_without_reading_it_all(bus: RunningBus) -> None:
    answer = await raw(bus, json.dumps({**GOOD, "text": "x" * 5000}).encode())
    assert answer.status_code == 413
    problem(answer)


async def test_a_chunked_body_over_the_limit_is_refused(bus: RunningBus) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    answer = await bus.client.post(
        f"/exchange/{NOTE}", content=chunks(), headers={"content-type": "application/json", "to": "memo"}
    )
    assert answer.status_code == 413


SMUGGLING = [
    b"POST /exchange/test.note HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /operate/dead HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /exchange/test.note HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST /exchange/test.note HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    b"POST /exchange/test.note HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST /exchange/test.note HTTP/1.1\r\nHost: a\r\nContent-Length: 1e2\r\n\r\n",
    b"POST /exchange/test.note HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"POST /exchange/test.note HTTP/9.9\r\nHost: a\r\n\r\n",
    b"POST /exchange/test.note\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
    b"GET /exchange/../operate/dead HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /\x80\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    *(
        b"POST /exchange/test.note HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n" + body
        for head, body in (
            (b"Transfer-Encoding: xchunked", b"0\r\n\r\n"),
            (b"Transfer-Encoding: chunked, identity", b"0\r\n\r\n"),
            (b"Transfer-Encoding : chunked", b"0\r\n\r\n"),
            (b"Transfer-Encoding:\x0bchunked", b"0\r\n\r\n"),
            (b"Transfer-Encoding: chunked\r\nContent-Length: 0", b"5\r\nhello\r\n0\r\n\r\n"),
            (b"Transfer-Encoding: chunked", b"-1\r\nabc\r\n0\r\n\r\n"),
            (b"Transfer-Encoding: chunked", b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
            (b"Transfer-Encoding: chunked", b"3\r\nabcd\r\n0\r\n\r\n"),
            (b"Content-Length: +5", b"hello"),
            (b"Content-Length: 5, 5", b"hello"),
            (b"Content-Length: 0x5", b"hello"),
            (b"Content-Length:", b""),
            (b"Content-Length: 99999999999999999999999", b"hello"),
        )
    ),
    *(
        b"POST /oauth2/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 3\r\n\r\n" + form
        for form in (b"%%%", b"\xff=\xff")
    ),
]


@pytest.mark.parametrize("request_bytes", SMUGGLING, ids=range(len(SMUGGLING)))
@ONE_BUS
async def test_a_malformed_or_smuggled_request_gets_one_answer_of_the_4xx_family(
    door: RunningBus, request_bytes: bytes
) -> None:
    answer = await _speak(door.bus.port, request_bytes)
    lines = [line for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert len(lines) == 1
    assert lines[0].split()[1].startswith(b"4")
    assert b"application/problem+json" in answer
    assert (await door.client.get("/healthz")).status_code == 200


async def test_a_secret_that_is_no_basic_credentials_is_refused(bus: RunningBus) -> None:
    for credentials in ("=", "!", "YQ", "\u00ff", "/////w=="):
        answer = await bus.client.post(
            "/oauth2/token",
            data={"grant_type": "client_credentials"},
            headers=[(b"authorization", f"Basic {credentials}".encode("latin-1"))],
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_headers_without_end_are_cut_off(bus: RunningBus) -> None:
    answer = await _speak(bus.bus.port, b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 2_000_000)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"application/problem+json" in answer


async def _speak(port: int, request: bytes) -> bytes:
    def talk() -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
            answer = b""
            try:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it hung up before it had read all; what it said is there all the same
            try:
                while part := connection.recv(65536):
                    answer += part
            except OSError:
                pass
            return answer

    return await asyncio.to_thread(talk)


async def test_a_system_without_a_grant_gets_nothing(bus: RunningBus) -> None:
    headers = {"authorization": f"Bearer {bus.token('stranger')}", "to": "memo"}
    answer = await bus.client.post(f"/exchange/{NOTE}", json=GOOD, headers=headers)
    assert answer.status_code == 403
    assert str(problem(answer)["type"]).endswith("no-grant")
    assert bus.systems["memo"].calls == []


async def test_an_answer_speaks_the_language_that_was_asked_for(bus: RunningBus) -> None:
    answer = await raw(bus, b'{"text": "a"}', accept_language="vi-VN,vi;q=0.9")
    assert "Thiếu trường bắt buộc" in answer.text
    answer = await raw(bus, b'{"text": "a"}', accept_language="en")
    assert "is missing" in answer.text


async def test_what_is_wrong_within_a_sentence_is_said_in_its_language_too(bus: RunningBus) -> None:
    vi = {"accept_language": "vi"}
    answer = await bus.send(LOOKUP, {"person_id": "1"}, **vi)
    assert [error["remedy"] for error in answer.json()["errors"]] == [
        "Gửi tiêu đề End-User; ý nghĩa của nó ở /openapi.json.",
        "Gửi tiêu đề Case-Ref; ý nghĩa của nó ở /openapi.json.",
    ]
    answer = await raw(bus, json.dumps(GOOD).encode(), prefer="wait=soon", **vi)
    assert answer.json()["detail"] == "Yêu cầu không hợp lệ: Prefer: số giây chờ là số nguyên không âm."
    answer = await raw(bus, json.dumps(GOOD).encode(), authorization="Bearer x.y.z", **vi)
    assert "chữ ký không đúng" in answer.json()["detail"]


async def test_a_token_request_of_another_kind_is_told_which_kind_to_send(bus: RunningBus) -> None:
    answer = await bus.client.post("/oauth2/token", json={"grant_type": "client_credentials"})
    assert answer.status_code == 415
    assert "application/x-www-form-urlencoded" in str(problem(answer)["detail"])


async def test_a_token_is_given_for_the_right_secret_only(bus: RunningBus) -> None:
    form = {"grant_type": "client_credentials"}
    right = await bus.client.post("/oauth2/token", data=form, auth=("asker", "s3cret"))
    assert right.json()["token_type"] == "Bearer"
    assert right.json()["expires_in"] == 3600
    in_form = {**form, "client_id": "asker", "client_secret": "s3cret"}
    assert (await bus.client.post("/oauth2/token", data=in_form, headers={"authorization": ""})).status_code == 200
    for auth in (("asker", "wrong"), ("nobody", "s3cret"), ("asker", ""), ("", "")):
        wrong = await bus.client.post("/oauth2/token", data=form, auth=auth)
        assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    other = await bus.client.post("/oauth2/token", data={"grant_type": "password"}, auth=("asker", "s3cret"))
    assert other.json()["error"] == "unsupported_grant_type"


async def test_the_openapi_document_tells_each_contract_by_its_own_schema(bus: RunningBus) -> None:
    document = (await bus.client.get("/openapi.json")).json()
    operation = document["paths"][f"/exchange/{NOTE}"]["post"]
    media = operation["requestBody"]["content"]["application/json"]
    assert media["schema"]["properties"]["number"]["type"] == "integer"
    assert media["example"] == GOOD
    assert operation["x-max-bytes"] == 2000
    reply = document["paths"][f"/exchange/{LOOKUP}"]["post"]["responses"]["200"]["content"]["application/json"]
    assert "born" in json.dumps(reply["schema"])


async def test_the_openapi_document_names_every_route(bus: RunningBus) -> None:
    document = (await bus.client.get("/openapi.json")).json()
    named = set(document["paths"])
    for route in ROUTES:
        path = route.path.replace(":path}", "}")
        if not path.endswith("/{contract}"):
            assert path in named


async def test_metrics_and_health_are_told_without_a_token(bus: RunningBus) -> None:
    await bus.send(NOTE, GOOD, to="memo", prefer="wait=5")
    metrics = (await bus.client.get("/metrics", headers={"authorization": ""})).text
    assert 'lienthong_exchanges_total{contract="test.note",status="200"} 1.0' in metrics
    assert (await bus.client.get("/readyz", headers={"authorization": ""})).json()["status"] == "ready"
