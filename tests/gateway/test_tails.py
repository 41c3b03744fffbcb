"""The newest events in memory, and readers for the older ones: both bounded, both right about what they hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.clock import wall_clock_ms
from adapters.transport.memory import MemoryTransport
from contracts.channels import event
from contracts.ports import ChannelSpec, Message, Position, Stored
from gateway import tails, warm_readers
from gateway.problems import Problem
from gateway.tails import Tails
from gateway.warm_readers import WarmReaders

CONTRACT = "test.reading"
CHANNEL = event(CONTRACT)


@pytest.fixture
async def log() -> MemoryTransport:
    transport = MemoryTransport(wall_clock_ms)
    await transport.start()
    await transport.ensure([ChannelSpec(CHANNEL, 1, None)])
    return transport


async def append(log: MemoryTransport, count: int, value: bytes = b"x") -> None:
    for number in range(count):
        await log.append(Message(CHANNEL, b"%d" % number, value))


@asynccontextmanager
async def following(log: MemoryTransport, max_waiting: int = 10) -> AsyncIterator[Tails]:
    held = Tails(log, [CONTRACT], max_waiting)
    running = asyncio.create_task(held.run())
    await held.ready.wait()
    yield held
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def caught_up(held: Tails, end: int) -> None:
    async with asyncio.timeout(10):
        while held.ends(CHANNEL) != [end]:
            await held.news(CHANNEL, held.ends(CHANNEL), 1)


def offsets(held: Tails, since: int) -> list[int] | None:
    found = held.after(CHANNEL, [since])
    return None if found is None else [stored.position.offset for stored in found]


async def test_what_was_there_before_it_followed_is_for_the_log_to_tell(log: MemoryTransport) -> None:
    await append(log, 3)
    async with following(log) as held:
        assert (offsets(held, 2), offsets(held, 3)) == (None, [])
        await append(log, 2)
        await caught_up(held, 5)
        assert (offsets(held, 2), offsets(held, 3), offsets(held, 4), offsets(held, 5)) == (None, [3, 4], [4], [])


async def test_it_holds_no_more_than_so_many(log: MemoryTransport) -> None:
    async with following(log) as held:
        await append(log, tails._MESSAGES + 10)
        await caught_up(held, tails._MESSAGES + 10)
        assert offsets(held, 9) is None
        assert offsets(held, 10) == list(range(10, tails._MESSAGES + 10))


async def test_it_holds_no_more_than_so_many_bytes(log: MemoryTransport) -> None:
    async with following(log) as held:
        await append(log, 10, b"x" * (tails._BYTES // 4))
        await caught_up(held, 10)
        assert (offsets(held, 6), offsets(held, 7)) == (None, [7, 8, 9])


async def test_one_that_is_larger_than_all_of_it_is_not_held(log: MemoryTransport) -> None:
    async with following(log) as held:
        await append(log, 1, b"x" * (tails._BYTES + 1))
        await caught_up(held, 1)
        assert (offsets(held, 0), offsets(held, 1)) == (None, [])


def test_where_retention_overtook_it_it_claims_nothing_of_what_is_missing() -> None:
    tail = tails._Tail(5, 10_000_000)
    for offset in (5, 6, 10, 11):
        tail.add(Stored(Message(CHANNEL, b"k", b"x"), Position(CHANNEL, 0, offset), 0))
    assert (tail.first, tail.end) == (10, 12)
    assert [stored.position.offset for stored in tail.since(10)] == [10, 11]


async def test_more_than_so_many_do_not_wait(log: MemoryTransport) -> None:
    async with following(log, max_waiting=2) as held:
        waiting = [asyncio.create_task(held.news(CHANNEL, [0], 60)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await held.news(CHANNEL, [0], 60)
        assert (refused.value.kind, refused.value.status) == ("too-many-polls", 503)
        await append(log, 1)
        await asyncio.gather(*waiting)
        assert held.waiting == 0


async def test_who_has_something_to_read_does_not_wait(log: MemoryTransport) -> None:
    async with following(log, max_waiting=0) as held:
        await append(log, 1)
        async with asyncio.timeout(10):
            while held.ends(CHANNEL) != [1]:
                await asyncio.sleep(0.01)
        await held.news(CHANNEL, [0], 60)


async def read(readers: WarmReaders, since: int, end: int, count: int) -> list[int]:
    found: list[int] = []
    async with readers.at(CHANNEL, [since]) as reading:
        reading.ends = [end]
        while len(found) < count and (stored := await reading.next()) is not None:
            found.append(stored.position.offset)
            reading.passed()
    return found


async def test_who_comes_back_finds_the_reader_that_stopped_there(log: MemoryTransport) -> None:
    await append(log, 20)
    readers = WarmReaders(log)
    assert await read(readers, 0, 20, 7) == list(range(7))
    opened = set(log._readers)
    assert await read(readers, 7, 20, 100) == list(range(7, 20))
    assert set(log._readers) == opened
    assert await read(readers, 7, 20, 2) == [7, 8]
    assert len(log._readers) == 2


async def cut_off(readers: WarmReaders) -> None:
    async with readers.at(CHANNEL, [0]) as reading:
        reading.ends = [5]
        await reading.next()
        raise asyncio.CancelledError


async def test_a_reader_that_was_cut_off_is_not_used_again(log: MemoryTransport) -> None:
    await append(log, 5)
    readers = WarmReaders(log)
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await cut_off(readers)
    assert readers.idle == 0
    assert await read(readers, 0, 5, 5) == [0, 1, 2, 3, 4]


async def test_no_more_than_so_many_readers_are_kept(log: MemoryTransport) -> None:
    await append(log, 100)
    readers = WarmReaders(log)
    for since in range(0, 99, 3):
        await read(readers, since, 100, 1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert readers.idle == warm_readers._IDLE
    assert len(log._readers) == warm_readers._IDLE


async def test_a_reader_to_which_nobody_comes_back_is_closed(
    log: MemoryTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_readers, "_IDLE_S", 0.05)
    await append(log, 5)
    readers = WarmReaders(log)
    running = asyncio.create_task(readers.run())
    await read(readers, 0, 5, 2)
    async with asyncio.timeout(10):
        while log._readers:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
