"""Systems that misbehave: what becomes of the call, and what the bus keeps of it in memory."""

from __future__ import annotations

import asyncio
import gzip
import struct
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from socket import SO_LINGER, SOL_SOCKET

import pytest

from contracts.errors import DeliveryError, Indeterminate, Permanent, Rejected, Transient
from contracts.ports import Answer
from tests.adapters.systems.support import (
    Answering,
    Asked,
    RawSystem,
    call,
    connection,
    http,
    operation,
    provider,
    says,
)

MEBIBYTE = 2**20
LONG = 100 * MEBIBYTE


@pytest.fixture
async def system() -> AsyncIterator[RawSystem]:
    made = RawSystem(says(http({})))
    await made.start()
    yield made
    await made.stop()


async def ask(system: RawSystem, answer: Answering | bytes, *, deadline_s: float = 5.0) -> Answer:
    """One call to a system that answers so."""
    system.answer = says(answer) if isinstance(answer, bytes) else answer
    calls = provider(connection(system.port), operation())
    await calls.start()
    try:
        async with asyncio.timeout(20):
            return await calls.call(call({"id": "1"}, deadline_s=deadline_s))
    finally:
        await calls.close()


async def failing(system: RawSystem, answer: Answering | bytes, *, deadline_s: float = 5.0) -> DeliveryError:
    """The error of one call."""
    with pytest.raises(DeliveryError) as caught:
        await ask(system, answer, deadline_s=deadline_s)
    return caught.value


async def reset(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """The connection is reset, not closed."""
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def hang(_asked: Asked, _writer: asyncio.StreamWriter) -> None:
    """No answer, ever."""
    await asyncio.sleep(60)


def slowly(answer: bytes) -> Answering:
    """One byte after the other."""

    async def behave(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        for byte in answer:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.03)

    return behave


def at_length(head: bytes, chunk: bytes, times: int) -> Answering:
    """A long body, made while it is sent."""

    async def behave(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        for _ in range(times):
            writer.write(chunk)
            await writer.drain()

    return behave


async def test_a_system_that_hangs_is_given_up_in_time_and_nobody_knows_what_it_did(system: RawSystem) -> None:
    error = await failing(system, hang, deadline_s=0.2)
    assert isinstance(error, Indeterminate)
    assert error.detail == "the system did not answer within 0.2 s"


async def test_a_connection_that_is_reset_after_the_request_is_indeterminate(system: RawSystem) -> None:
    error = await failing(system, reset)
    assert isinstance(error, Indeterminate)
    assert "closed the connection" in error.detail


@pytest.mark.parametrize("cut", [b"HTTP/1.1 20", b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_an_answer_that_ends_in_its_head_is_indeterminate(system: RawSystem, cut: bytes) -> None:
    assert isinstance(await failing(system, says(cut, close=True)), Indeterminate)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n",
    ],
)
async def test_what_is_no_http_is_indeterminate(system: RawSystem, nonsense: bytes) -> None:
    error = await failing(system, says(nonsense, close=True))
    assert isinstance(error, Indeterminate)
    assert error.detail == "what the system answered is not HTTP"


async def test_preliminary_answers_without_end_do_not_hold_the_call_up(system: RawSystem) -> None:
    error = await failing(system, slowly(b"HTTP/1.1 102 Processing\r\n\r\n" * 10), deadline_s=0.3)
    assert isinstance(error, Indeterminate)


async def test_one_byte_a_moment_ends_with_the_deadline(system: RawSystem) -> None:
    error = await failing(system, slowly(http({"name": "x" * 500})), deadline_s=0.4)
    assert isinstance(error, Indeterminate)
    assert error.detail == "the system did not answer within 0.4 s"


async def test_a_body_of_one_byte_a_moment_ends_with_the_deadline_and_says_so(system: RawSystem) -> None:
    head, _, body = http({"name": "x" * 500}).partition(b"\r\n\r\n")

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head + b"\r\n\r\n")
        await slowly(body)(asked, writer)

    error = await failing(system, behave, deadline_s=0.4)
    assert isinstance(error, Indeterminate)
    assert error.detail == "the system answered 200 OK, but its body did not end within 0.4 s"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"<!DOCTYPE html><html><body>Login</body></html>", "its body is HTML or XML, not JSON"),
        (b"\n  <html></html>", "its body is HTML or XML, not JSON"),
        (b"OK", "its body is not JSON"),
        (b'{"a": ', "its body is not JSON"),
        (b"{} {}", "its body is not JSON"),
        (b'{"a": NaN}', "its body is not JSON"),
        (b"   ", "its body is empty"),
        (b'{"name": "\xc3\x28"}', "its body is not UTF-8 (byte 10)"),
        ("{'name': 'Nguyễn'}".encode("utf-16"), "its body is not UTF-8 (byte 0)"),
        (b"[" * 100_000, "its body is not JSON"),
    ],
)
async def test_a_good_status_with_a_body_that_cannot_be_read_is_indeterminate(
    system: RawSystem, body: bytes, fault: str
) -> None:
    error = await failing(system, http(body))
    assert isinstance(error, Indeterminate)
    assert error.detail == f"the system answered 200 OK, but {fault}"


@pytest.mark.parametrize(
    ("status", "kind"), [(503, Transient), (403, Permanent), (422, Rejected), (500, Indeterminate)]
)
async def test_a_bad_status_counts_whatever_its_body_is(
    system: RawSystem, status: int, kind: type[DeliveryError]
) -> None:
    for body in (b"<html>", b"\xff\xfe", b"", b"x" * 2 * MEBIBYTE):
        error = await failing(system, http(body, status))
        assert type(error) is kind
        assert str(status) in error.detail
    cut = await failing(system, says(http(b"<html>", status, length=500), close=True))
    assert type(cut) is kind


@pytest.mark.parametrize(
    "broken",
    [
        http({"a": 1}, length=100),
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        http(b"\x1f\x8b\x08 not gzip", Content_Encoding="gzip"),
        http(b"{}", Content_Encoding="br"),
    ],
    ids=["too short", "chunk missing", "chunk size", "bad gzip", "not asked for"],
)
async def test_a_body_that_breaks_off_is_indeterminate(system: RawSystem, broken: bytes) -> None:
    error = await failing(system, says(broken, close=True))
    assert isinstance(error, Indeterminate)


async def test_more_than_the_declared_length_is_not_taken_for_the_next_answer(system: RawSystem) -> None:
    smuggled = http({"a": 1}) + http({"stolen": True})
    system.answer = says(smuggled)
    calls = provider(connection(system.port), operation())
    await calls.start()
    assert (await calls.call(call({}))).body == {"a": 1}
    system.answer = says(http({"a": 2}))
    assert (await calls.call(call({}))).body == {"a": 2}
    await calls.close()


@pytest.mark.parametrize(
    "head",
    [
        f"HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n".encode(),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        f"HTTP/1.1 500 Error\r\nContent-Length: {LONG}\r\n\r\n".encode(),
    ],
    ids=["declared", "undeclared", "with an error"],
)
async def test_a_hundred_megabytes_are_never_held(system: RawSystem, head: bytes) -> None:
    chunk = b"x" * 65_536
    peak, error = await peak_of(system, at_length(head, chunk, LONG // len(chunk)))
    assert isinstance(error, Indeterminate)
    assert peak < 6 * MEBIBYTE


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_is_not_unpacked_beyond_the_limit(system: RawSystem, encoding: str) -> None:
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    packed = pack(b'{"a": "' + b"0" * LONG + b'"}')
    assert len(packed) < MEBIBYTE
    peak, error = await peak_of(system, says(http(packed, Content_Encoding=encoding)))
    assert isinstance(error, Indeterminate)
    assert "longer than 1048576 bytes" in error.detail
    assert peak < 6 * MEBIBYTE


async def peak_of(system: RawSystem, answer: Answering) -> tuple[int, DeliveryError]:
    """How much more memory a failing call took at its peak, in bytes, the system's side included."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        error = await failing(system, answer, deadline_s=15)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before, error


async def test_the_limit_is_for_the_unpacked_body_and_may_be_set(system: RawSystem) -> None:
    system.answer = says(http(gzip.compress(b'"' + b"0" * 98 + b'"'), Content_Encoding="gzip"))
    for limit, fits in ((100, True), (99, False)):
        calls = provider(connection(system.port, max_response_bytes=str(limit)), operation())
        await calls.start()
        if fits:
            assert (await calls.call(call({}))).body == "0" * 98
        else:
            with pytest.raises(Indeterminate, match="longer than 99 bytes"):
                await calls.call(call({}))
        await calls.close()


async def test_the_length_that_a_head_is_told_is_not_that_of_a_body(system: RawSystem) -> None:
    system.answer = says(http(length=LONG))
    calls = provider(connection(system.port), operation(method="HEAD"))
    await calls.start()
    assert await calls.call(call()) == Answer(None)
    await calls.close()


async def test_a_system_that_does_not_take_the_request_is_given_up_in_time() -> None:
    gone = asyncio.Event()

    async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.transport.abort()

    server = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1)
    calls = provider(connection(server.sockets[0].getsockname()[1]), operation())
    await calls.start()
    before = asyncio.all_tasks()
    with pytest.raises(Indeterminate, match=r"within 0\.3 s"):
        await calls.call(call({"long": "x" * 20 * MEBIBYTE}, deadline_s=0.3))
    await calls.close()
    gone.set()
    server.close()
    async with asyncio.timeout(5):
        while asyncio.all_tasks() - before:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(system: RawSystem, status: int) -> None:
    elsewhere = RawSystem(says(http({"secret": 1})))
    await elsewhere.start()
    error = await failing(system, http(b"", status, Location=f"http://127.0.0.1:{elsewhere.port}/"))
    assert isinstance(error, Permanent)
    assert "redirects are not followed" in error.detail
    assert elsewhere.connections == 0
    await elsewhere.stop()


async def test_cookies_are_not_carried_from_one_call_to_the_next(system: RawSystem) -> None:
    system.answer = says(http({}, Set_Cookie="session=of-somebody-else"))
    calls = provider(connection(system.port), operation())
    await calls.start()
    await calls.call(call({}))
    await calls.call(call({}))
    await calls.close()
    assert all("cookie" not in asked.headers for asked in system.asked)


async def test_a_system_that_fails_a_hundred_times_leaves_no_connection_and_no_task(system: RawSystem) -> None:
    system.answer = says(http(b"<html>", length=9_999_999))
    calls = provider(connection(system.port), operation())
    await calls.start()
    before = asyncio.all_tasks()
    for _ in range(100):
        with pytest.raises(Indeterminate):
            await calls.call(call({}))
    await calls.close()
    async with asyncio.timeout(5):
        while system.under_way or asyncio.all_tasks() - before:
            await asyncio.sleep(0.01)
