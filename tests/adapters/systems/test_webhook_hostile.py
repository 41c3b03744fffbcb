"""Subscribers that misbehave: what becomes of the push, and what the bus does not do for them."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator

import pytest

from contracts.errors import DeliveryError, Indeterminate, Permanent, Transient
from tests.adapters.systems.support import Answering, Asked, RawSystem, http, says
from tests.adapters.systems.test_rest_network import NAME, resolve_to
from tests.adapters.systems.webhooks import push, pushing

MEBIBYTE = 2**20
LONG = 100 * MEBIBYTE


@pytest.fixture
async def system() -> AsyncIterator[RawSystem]:
    made = RawSystem(says(http({})))
    await made.start()
    yield made
    await made.stop()


async def deliver(system: RawSystem, answer: Answering | bytes, *, deadline_s: float = 5.0) -> None:
    """One push to a subscriber that answers so."""
    system.answer = says(answer) if isinstance(answer, bytes) else answer
    async with pushing(system.port) as call, asyncio.timeout(20):
        await call(push({"pm25": 31.5}, deadline_s=deadline_s))


async def failing(system: RawSystem, answer: Answering | bytes, *, deadline_s: float = 5.0) -> DeliveryError:
    """The error of one push."""
    with pytest.raises(DeliveryError) as caught:
        await deliver(system, answer, deadline_s=deadline_s)
    return caught.value


async def hang(_asked: Asked, _writer: asyncio.StreamWriter) -> None:
    """No answer, ever."""
    await asyncio.sleep(60)


async def test_a_subscriber_that_hangs_is_given_up_in_time(system: RawSystem) -> None:
    error = await failing(system, hang, deadline_s=0.2)
    assert isinstance(error, Indeterminate)
    assert error.detail == "the system did not answer within 0.2 s"


async def test_a_subscriber_that_has_its_own_time_limit_is_given_up_after_it(system: RawSystem) -> None:
    system.answer = hang
    async with pushing(system.port, timeout_s="0.2") as call:
        with pytest.raises(Indeterminate, match=r"within 0\.2 s"):
            await call(push({}, deadline_s=300))


async def test_gone_is_for_a_person_and_says_what_to_do(system: RawSystem) -> None:
    error = await failing(system, http(b"", 410))
    assert isinstance(error, Permanent)
    assert "410 Gone: the subscriber wants no more of this" in error.detail
    assert "take the service out of its file in systems/" in error.detail


@pytest.mark.parametrize("status", [429, 503])
async def test_who_asks_for_a_pause_is_given_it(system: RawSystem, status: int) -> None:
    error = await failing(system, http(b"", status, Retry_After="120"))
    assert isinstance(error, Transient)
    assert error.retry_after_s == 120


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 413, 415, 418, 422, 499])
async def test_a_receiver_that_was_put_in_place_wrongly_loses_nothing(system: RawSystem, status: int) -> None:
    error = await failing(system, http("<html>no such page</html>", status))
    assert isinstance(error, Transient)
    assert str(status) in error.detail


@pytest.mark.parametrize("status", [500, 501, 502, 504, 599, 600, 999])
async def test_an_error_of_the_subscriber_leaves_open_what_it_did(system: RawSystem, status: int) -> None:
    error = await failing(system, http(b"", status))
    assert isinstance(error, Indeterminate)
    assert str(status) in error.detail


@pytest.mark.parametrize(
    ("status", "kind"),
    [(301, Permanent), (308, Permanent), (302, Transient), (303, Transient), (304, Transient), (307, Transient)],
)
async def test_a_redirect_to_a_private_address_is_never_followed(
    system: RawSystem, status: int, kind: type[DeliveryError]
) -> None:
    behind = RawSystem(says(http({"secret": 1})))
    await behind.start()
    for location in (f"http://127.0.0.1:{behind.port}/", "http://169.254.169.254/latest/meta-data/"):
        error = await failing(system, http(b"", status, Location=location))
        assert type(error) is kind
        assert "redirects are not followed" in error.detail
        assert location not in error.detail
    assert len(system.asked) == 2
    assert behind.connections == 0
    await behind.stop()


async def test_a_name_that_leads_to_a_private_address_is_not_called(
    system: RawSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    async with pushing(system.port, url=f"http://{NAME}:{system.port}", allow_private="false") as call:
        with pytest.raises(Permanent, match="allow_private: true"):
            await call(push({}))
    assert system.connections == 0


@pytest.mark.parametrize(
    "answer",
    [
        http("<!DOCTYPE html><html>Đăng nhập</html>", Content_Type="text/html"),
        http(b'{"error": "not stored at all"}'),
        http(b"\xff\xfe\x00"),
        http(b"", 204),
        http(b"not gzip", Content_Encoding="gzip"),
        http({}, 202),
    ],
    ids=["HTML", "a lie", "no text", "nothing", "badly packed", "accepted"],
)
async def test_a_good_status_is_the_subscribers_word_whatever_its_body_says(system: RawSystem, answer: bytes) -> None:
    await deliver(system, answer)
    assert len(system.asked) == 1


async def test_a_body_that_breaks_off_after_a_good_status_is_delivered_all_the_same(system: RawSystem) -> None:
    await deliver(system, says(http(b"{", length=500), close=True))
    assert len(system.asked) == 1


async def test_a_body_without_end_after_a_good_status_holds_nothing_up_beyond_the_limit(system: RawSystem) -> None:
    async def drip(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.01)

    await deliver(system, drip, deadline_s=0.3)
    async with asyncio.timeout(5):
        while system.under_way:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "head",
    [
        f"HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n".encode(),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    ],
    ids=["declared", "undeclared"],
)
async def test_a_hundred_megabytes_after_a_good_status_are_not_read(system: RawSystem, head: bytes) -> None:
    sent = 0

    async def at_length(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(head)
        for _ in range(LONG // 65_536):
            writer.write(b"x" * 65_536)
            await writer.drain()
            sent += 65_536

    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        await deliver(system, at_length, deadline_s=15)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 6 * MEBIBYTE
    assert sent < LONG / 2
