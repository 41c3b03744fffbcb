"""The log in a SQLite file passes the suite of the port, and what only a file can do is tried besides."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import wall_clock_ms
from adapters.transport.sqlite import MAX_IN_FLIGHT, SqliteStore, SqliteTransport
from adapters.transport.sqlite_file import connect, pack_headers, unpack_headers
from contracts.errors import LogOverloaded, LogUnavailable
from contracts.ports import ChannelSpec, Extent, Partition, Position, Transport, partition_of
from contracts.testkit.transport import (
    CHANNEL,
    DAY_MS,
    SPECS,
    TransportSuite,
    note,
    number_of,
    read_all,
    starts_of,
    take,
)

HOUR_MS = 3_600_000


class Clock:
    """The machine's time, unless a test moves it."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return wall_clock_ms() + self.ahead_ms


class SqliteBench:
    """A log in a file. A second connection that holds the file's writing lock takes it away."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = Clock()
        self._open: list[SqliteTransport] = []
        self._blocker: sqlite3.Connection | None = None

    async def open(self) -> SqliteTransport:
        """Open the file."""
        transport = SqliteTransport(self.path, clock=self.clock)
        await transport.start()
        self._open.append(transport)
        return transport

    async def crash(self, _transport: Transport) -> SqliteTransport:
        """Copy the file as it lies there, as a machine without power would find it, and go on with the copy."""
        crashed = self.path
        self.path = crashed.with_name(f"after-{crashed.name}")
        for suffix in ("", "-wal"):
            source = crashed.with_name(crashed.name + suffix)
            if source.exists():
                self.path.with_name(self.path.name + suffix).write_bytes(source.read_bytes())
        return await self.open()

    async def away(self) -> None:
        """Hold the writing lock."""
        self._blocker = sqlite3.connect(self.path, isolation_level=None)
        self._blocker.execute("BEGIN IMMEDIATE")

    async def back(self) -> None:
        """Let go of it."""
        assert self._blocker is not None
        self._blocker.rollback()
        self._blocker.close()
        self._blocker = None

    async def close(self) -> None:
        """Close what a test left open."""
        for transport in self._open:
            await transport.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[SqliteBench]:
    bench = SqliteBench(tmp_path / "log.db")
    yield bench
    await bench.close()


class TestSqlite(TransportSuite):
    """`sqlite:PATH`"""


async def _opened(bench: SqliteBench) -> SqliteTransport:
    transport = await bench.open()
    await transport.ensure(SPECS)
    return transport


async def test_a_second_writer_is_refused_with_the_first_ones_number(bench: SqliteBench) -> None:
    await _opened(bench)
    with pytest.raises(LogUnavailable, match=str(os.getpid())):
        await SqliteTransport(bench.path, clock=wall_clock_ms).start()


async def test_the_lock_is_free_again_after_closing(bench: SqliteBench) -> None:
    await (await _opened(bench)).close()
    assert (await bench.open()).partitions(CHANNEL) == SPECS[0].partitions


async def test_a_second_process_may_read_and_sees_what_is_appended(bench: SqliteBench) -> None:
    transport = await _opened(bench)
    await transport.append(note(1))
    other = SqliteTransport(bench.path, clock=wall_clock_ms, read_only=True)
    await other.start()
    reader = await other.reader(starts_of())
    assert [number_of(each) for each in await reader.take(wait_s=5)] == [1]
    position = await transport.append(note(2))
    assert [number_of(each) for each in await reader.take(wait_s=5)] == [2]
    assert await other.read(position) is not None
    with pytest.raises(LogUnavailable):
        await other.append(note(3))
    await other.close()


async def test_reading_a_log_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(LogUnavailable, match="there is no log"):
        await SqliteTransport(tmp_path / "none.db", clock=wall_clock_ms, read_only=True).start()


@pytest.mark.parametrize("make", ["database", "text"])
async def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path, make: str) -> None:
    path = tmp_path / "other.db"
    if make == "database":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE messages (id)")
        other.close()
    else:
        path.write_text("xin chào\n" * 1000, encoding="utf-8")
    with pytest.raises(LogUnavailable, match=r"other\.db"):
        await SqliteTransport(path, clock=wall_clock_ms).start()
    if make == "text":
        assert path.read_text(encoding="utf-8") == "xin chào\n" * 1000


async def test_what_is_old_goes_and_what_no_group_took_stays(bench: SqliteBench) -> None:
    transport = await _opened(bench)
    for number in range(1_500):
        await transport.append(note(number))
    for number in range(3):
        await transport.append(note(number, channel="in.dancu"))
    where = Partition(CHANNEL, partition_of(b"k", 4))
    consumer = await transport.consumer("g", [CHANNEL], max_in_flight=2_000)
    for delivery in (await take(consumer, 1_500))[:1_400]:
        delivery.settle()
    bench.clock.ahead_ms = 2 * DAY_MS
    await consumer.close()
    await transport.close()
    bench.clock.ahead_ms = 2 * DAY_MS
    again = await bench.open()
    async with asyncio.timeout(30):
        while (await again.extents([where]))[where].first < 1_400:
            await asyncio.sleep(0.05)
    assert (await again.extents([where]))[where] == Extent(1_400, 1_500)
    assert await again.read(Position(*where, 3)) is None
    assert number_of((await read_all(again, {where: 0}, 100))[0]) == 1_400
    assert len(await read_all(again, starts_of("in.dancu"), 3)) == 3


async def test_offsets_go_on_where_retention_took_everything(bench: SqliteBench) -> None:
    transport = await _opened(bench)
    last = [await transport.append(note(number)) for number in range(5)][-1]
    await transport.close()
    bench.clock.ahead_ms = 2 * DAY_MS
    again = await bench.open()
    async with asyncio.timeout(30):
        while (await again.extents([last.where]))[last.where].first < 5:
            await asyncio.sleep(0.05)
    await again.close()
    third = await bench.open()
    assert (await third.append(note(5))).offset == 5


async def test_the_file_shrinks_after_retention(bench: SqliteBench) -> None:
    transport = await _opened(bench)
    await asyncio.gather(*(transport.append(note(number, "k" * 5_000)) for number in range(2_000)))
    await transport.close()
    size_before = bench.path.stat().st_size
    bench.clock.ahead_ms = 2 * DAY_MS
    again = await bench.open()
    async with asyncio.timeout(60):
        while sum(extent.end - extent.first for extent in (await again.extents(list(starts_of()))).values()):
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
    await again.close()
    assert bench.path.stat().st_size < size_before / 4


async def test_more_than_memory_should_hold_is_refused_at_once(bench: SqliteBench) -> None:
    transport = await _opened(bench)
    await bench.away()
    waiting = [asyncio.create_task(transport.append(note(number))) for number in range(MAX_IN_FLIGHT)]
    await asyncio.sleep(0)
    with pytest.raises(LogOverloaded):
        await transport.append(note(0))
    await bench.back()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    # A machine that takes its time with so many leaves the log away for longer than the first of them wait.
    assert {type(each) for each in outcomes} <= {Position, LogUnavailable}
    await transport.append(note(0))


async def test_a_caller_who_goes_away_leaves_no_gap(bench: SqliteBench) -> None:
    """The message of a request that was cut off is stored and delivered like any other."""
    transport = await _opened(bench)
    consumer = await transport.consumer("g", [CHANNEL])
    going = asyncio.create_task(transport.append(note(0)))
    await asyncio.sleep(0)
    going.cancel()
    assert [number_of(delivery.stored) for delivery in await take(consumer, 1)] == [0]
    await transport.append(note(1))
    assert [number_of(delivery.stored) for delivery in await take(consumer, 1)] == [1]


async def test_a_full_disk_is_said_and_gone_on_from(bench: SqliteBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own limit on pages plays the disk: nothing is stored, and it goes on once there is room."""
    transport = await _opened(bench)
    await transport.append(note(0))
    connection = _writing_connection(transport)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 8}")
    outcomes = [await _is_stored(transport, number) for number in range(1, 30)]
    stored = outcomes.index(False)
    assert not any(outcomes[stored:])
    assert not transport.healthy()
    connection.execute("PRAGMA max_page_count = 1000000")
    await transport.append(note(1_000))
    assert transport.healthy()
    numbers = sorted(number_of(each) for each in await read_all(transport, starts_of(), stored + 2))
    assert numbers == [*range(stored + 1), 1_000]


async def _is_stored(transport: SqliteTransport, number: int) -> bool:
    try:
        await transport.append(note(number, "k" * 3_000))
    except LogUnavailable:
        return False
    return True


def _writing_connection(transport: SqliteTransport) -> Any:
    store = transport.store
    assert isinstance(store, SqliteStore)
    assert store._writer is not None
    return store._writer._connection


async def test_the_file_says_that_a_commit_is_durable(bench: SqliteBench) -> None:
    connection = _writing_connection(await _opened(bench))
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)


async def test_a_process_that_is_killed_loses_nothing_that_it_acknowledged(bench: SqliteBench) -> None:
    for _ in range(3):
        writer = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", _KILLED, str(bench.path)), stdout=asyncio.subprocess.PIPE
        )
        assert writer.stdout is not None
        acknowledged = [(await writer.stdout.readline()).split() for _ in range(300)]
        writer.kill()
        rest = await writer.stdout.read()
        acknowledged += [line.split() for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
        await writer.wait()
        transport = await bench.open()
        for number, partition, offset in acknowledged:
            found = await transport.read(Position(CHANNEL, int(partition), int(offset)))
            assert found is not None
            assert number_of(found) == int(number)
        await transport.close()


_KILLED = """
import asyncio, sys
from pathlib import Path
from adapters.clock import wall_clock_ms
from adapters.transport.sqlite import SqliteTransport
from contracts.testkit.transport import SPECS, note

async def client(transport, begin):
    for number in range(begin, begin + 100_000):
        position = await transport.append(note(number, f"k{number}"))
        sys.stdout.write(f"{number} {position.partition} {position.offset}\\n")
        sys.stdout.flush()

async def main():
    transport = SqliteTransport(Path(sys.argv[1]), clock=wall_clock_ms)
    await transport.start()
    await transport.ensure(SPECS)
    await asyncio.gather(*(client(transport, begin * 1_000_000) for begin in range(8)))

asyncio.run(main())
"""


def test_headers_survive_packing() -> None:
    headers = (("ce_id", b"1"), ("tên", "ă".encode()), ("empty", b""), ("big", b"\x00" * 70_000))
    assert unpack_headers(pack_headers(headers)) == headers
    assert unpack_headers(b"") == ()


async def test_another_channel_may_be_added_to_an_old_file(bench: SqliteBench) -> None:
    transport = await _opened(bench)
    await transport.ensure([ChannelSpec("in.new", 2, HOUR_MS)])
    await transport.append(note(1, channel="in.new"))
    await transport.close()
    reading = connect(bench.path, read_only=True)
    assert reading.execute("SELECT retention_ms FROM channels WHERE name = 'in.new'").fetchone() == (HOUR_MS,)
    reading.close()
