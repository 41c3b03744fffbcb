"""Asking the ledger: merged, bounded, beside a writer, and clear where it cannot be asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.ledger.database import open_writer
from adapters.ledger.lookups import Lookups
from adapters.ledger.queries import LedgerQueries, padded
from contracts.errors import LedgerUnavailable
from contracts.ports import Partition
from contracts.testkit.exchanges import Told, submission
from tests.adapters.ledger.support import FOLLOWED, Bench, open_bench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


async def test_whatever_is_asked_of_a_ledger_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    queries = LedgerQueries(tmp_path / "nothing.sqlite")
    for asked in (
        queries.known(["x"]),
        queries.position(Partition("reply", 0)),
        queries.positions(),
        queries.lag({}),
        queries.exchange("x"),
        queries.steps("x"),
        queries.dead(limit=1),
        queries.in_doubt(limit=1),
        queries.waiting(limit=1),
        queries.standing(),
    ):
        with pytest.raises(LedgerUnavailable, match=r"nothing.sqlite cannot be used now"):
            await asked
    await queries.close()
    assert not (tmp_path / "nothing.sqlite").exists()


async def test_a_ledger_that_appears_later_is_found(bench: Bench, tmp_path: Path) -> None:
    late = tmp_path / "late.sqlite"
    queries = LedgerQueries(late)
    with pytest.raises(LedgerUnavailable):
        await queries.known(["x"])
    open_writer(late).dispose()
    assert await queries.known(["x"]) == {}
    await queries.close()


async def test_a_file_that_is_no_ledger_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "l.sqlite").write_text("this is no database, but long enough to look like something" * 20)
    queries = LedgerQueries(tmp_path / "l.sqlite")
    with pytest.raises(LedgerUnavailable, match="not a database"):
        await queries.known(["x"])
    await queries.close()


async def test_a_closed_ledger_is_unavailable(bench: Bench) -> None:
    await bench.ledger.close()
    with pytest.raises(LedgerUnavailable, match="was closed"):
        await bench.ledger.known(["x"])
    with pytest.raises(LedgerUnavailable, match="was closed"):
        await bench.ledger.exchange("x")


async def test_it_answers_while_a_writer_holds_a_transaction(bench: Bench) -> None:
    request = submission("one")
    await bench.append(Told(bench.encode).request(request))
    await bench.catch_up()
    engine = open_writer(bench.path)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM exchanges")
        assert (await bench.ledger.known([request.exchange])).keys() == {request.exchange}
    assert await bench.ledger.known([request.exchange]) == {}
    engine.dispose()


async def test_it_cannot_write(bench: Bench) -> None:
    with pytest.raises(LedgerUnavailable, match="readonly"):
        await bench.ledger._read(lambda connection: connection.exec_driver_sql("DELETE FROM exchanges"))


async def test_the_lag_is_what_the_log_has_beyond_what_was_read(bench: Bench) -> None:
    told = Told(bench.encode)
    for number in range(5):
        await bench.append(told.request(submission(str(number))))
    assert await bench.ledger.lag(await bench.transport.extents(FOLLOWED)) == 5
    await bench.catch_up()
    assert await bench.ledger.lag(await bench.transport.extents(FOLLOWED)) == 0


async def test_thousands_of_lookups_at_once_find_each_its_own(bench: Bench) -> None:
    told = Told(bench.encode)
    requests = [submission(str(number)) for number in range(700)]
    for request in requests[::2]:
        await bench.append(told.request(request))
    await bench.catch_up()
    found = await asyncio.gather(*(bench.ledger.known([request.exchange]) for request in requests))
    assert [list(each) for each in found] == [
        [request.exchange] if number % 2 == 0 else [] for number, request in enumerate(requests)
    ]


class Slow:
    """A query that waits until it is let go, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []
        self.go = threading.Event()

    def __call__(self, keys: Collection[str]) -> dict[str, str]:
        self.asked.append(set(keys))
        self.go.wait(10)
        return {key: key.upper() for key in keys if key != "nobody"}


async def test_lookups_of_one_turn_and_those_that_come_while_a_query_runs_are_two_queries() -> None:
    slow = Slow()
    with ThreadPoolExecutor(1) as threads:
        lookups = Lookups(slow, threads, wait_s=10)
        first = [asyncio.create_task(lookups.get([key])) for key in ("a", "b", "nobody")]
        while not slow.asked:
            await asyncio.sleep(0.001)
        second = [asyncio.create_task(lookups.get([key])) for key in ("c", "a", "d")]
        await asyncio.sleep(0.01)
        slow.go.set()
        assert await asyncio.gather(*first) == [{"a": "A"}, {"b": "B"}, {}]
        assert await asyncio.gather(*second) == [{"c": "C"}, {"a": "A"}, {"d": "D"}]
    assert slow.asked == [{"a", "b", "nobody"}, {"c", "a", "d"}]


async def test_a_lookup_that_takes_too_long_is_unavailable_and_the_next_one_is_not_harmed() -> None:
    slow = Slow()
    with ThreadPoolExecutor(1) as threads:
        lookups = Lookups(slow, threads, wait_s=0.05)
        with pytest.raises(LedgerUnavailable, match=r"within 0.05 s"):
            await lookups.get(["a"])
        slow.go.set()
        async with asyncio.timeout(10):
            while True:
                try:
                    assert await lookups.get(["b"]) == {"b": "B"}
                    break
                except LedgerUnavailable:
                    continue


async def test_one_who_gives_up_takes_nobody_along() -> None:
    slow = Slow()
    with ThreadPoolExecutor(1) as threads:
        lookups = Lookups(slow, threads, wait_s=10)
        gives_up, waits = (asyncio.create_task(lookups.get([key])) for key in "ab")
        while not slow.asked:
            await asyncio.sleep(0.001)
        gives_up.cancel()
        slow.go.set()
        assert await waits == {"b": "B"}


async def test_a_query_that_fails_fails_for_those_who_asked_and_not_for_the_next() -> None:
    broken = [True]

    def find(keys: Collection[str]) -> dict[str, str]:
        if broken.pop():
            raise LedgerUnavailable("disk full")
        return dict.fromkeys(keys, "found")

    with ThreadPoolExecutor(1) as threads:
        lookups = Lookups(find, threads, wait_s=10)
        with pytest.raises(LedgerUnavailable, match="disk full"):
            await lookups.get(["a"])
        broken.append(False)
        assert await lookups.get(["a"]) == {"a": "found"}


async def test_a_fault_in_a_query_is_told_and_does_not_block_what_follows() -> None:
    broken = [True]

    def find(keys: Collection[str]) -> dict[str, str]:
        if broken.pop():
            raise RuntimeError("a fault in the bus")
        return dict.fromkeys(keys, "found")

    with ThreadPoolExecutor(1) as threads:
        lookups = Lookups(find, threads, wait_s=10)
        with pytest.raises(RuntimeError, match="a fault in the bus"):
            await lookups.get(["a"])
        broken.append(False)
        assert await lookups.get(["a"]) == {"a": "found"}


async def test_lookups_that_wait_are_bounded() -> None:
    slow = Slow()
    with ThreadPoolExecutor(1) as threads:
        lookups = Lookups(slow, threads, wait_s=10)
        running = asyncio.create_task(lookups.get(["a"]))
        while not slow.asked:
            await asyncio.sleep(0.001)
        waiting = asyncio.create_task(lookups.get([str(number) for number in range(20_000)]))
        await asyncio.sleep(0)
        with pytest.raises(LedgerUnavailable, match="too many"):
            await lookups.get(["b"])
        slow.go.set()
        assert await running == {"a": "A"}
        assert len(await waiting) == 20_000


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (2, 2), (3, 4), (5, 8), (255, 256), (256, 256)])
def test_lists_of_ids_are_filled_up_to_a_power_of_two(count: int, expected: int) -> None:
    ids = [str(number) for number in range(count)]
    assert len(padded(ids)) == expected
    assert set(padded(ids)) == set(ids)
