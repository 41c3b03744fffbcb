"""Counts for those who watch are counts of what is on the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.ledger.queries import LedgerQueries
from contracts.errors import LedgerUnavailable
from contracts.outcome import Outcome, State
from contracts.testkit.exchanges import Told, query, submission
from tests.adapters.ledger.support import Bench, open_bench

SEALED_MS = 1_790_000_000_000
MINUTE_MS = 60_000


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


async def test_flows_are_counted_by_who_sends_what_to_whom_and_how_it_stands(bench: Bench) -> None:
    told = Told(bench.encode)
    for key in ("one", "two", "three"):
        await bench.append(told.request(submission(key)))
    await bench.append(told.settled(submission("one"), Outcome.DELIVERED))
    await bench.append(told.settled(submission("two"), Outcome.DELIVERED))
    await bench.append(told.handed_on(submission("three"), "HTTP 500", due_ms=SEALED_MS + 5000))
    await bench.append(told.request(query("four")))
    await bench.catch_up()
    found = await bench.ledger.flows(SEALED_MS, SEALED_MS + 1, MINUTE_MS)
    counted = {(each.contract, each.receiver, each.state, each.outcome): each.count for each in found}
    assert counted == {
        ("education.student-transfer", "gddt", State.SETTLED, Outcome.DELIVERED): 2,
        ("education.student-transfer", "gddt", State.RETRYING, None): 1,
        ("population.person-lookup", "dancu", State.ACCEPTED, None): 1,
    }
    assert {each.slot for each in found} == {SEALED_MS // MINUTE_MS}


async def test_only_what_was_sealed_in_the_time_is_counted(bench: Bench) -> None:
    await bench.append(Told(bench.encode).request(submission("one")))
    await bench.catch_up()
    assert await bench.ledger.flows(SEALED_MS + 1, SEALED_MS + 10, MINUTE_MS) == ()
    assert await bench.ledger.flows(SEALED_MS - 10, SEALED_MS, MINUTE_MS) == ()


async def test_how_long_exchanges_took_is_told_of_those_that_ended(bench: Bench) -> None:
    told = Told(bench.encode)
    await bench.append(told.request(submission("one")))
    await bench.append(told.request(submission("two")))
    await bench.append(told.settled(submission("one"), Outcome.DELIVERED))
    await bench.catch_up()
    (took,) = await bench.ledger.took(SEALED_MS, limit=10)
    assert took.contract == "education.student-transfer"
    assert 0 < took.took_ms < MINUTE_MS
    assert await bench.ledger.took(SEALED_MS, limit=0) == ()


async def test_trouble_is_counted_however_old_it_is(bench: Bench) -> None:
    told = Told(bench.encode)
    for key in ("retried", "doubtful", "fine"):
        await bench.append(told.request(submission(key)))
    await bench.append(told.handed_on(submission("retried"), "HTTP 500", due_ms=SEALED_MS + 5000))
    await bench.append(told.settled(submission("doubtful"), Outcome.IN_DOUBT))
    await bench.append(told.settled(submission("fine"), Outcome.DELIVERED))
    await bench.catch_up()
    assert await bench.ledger.open_counts() == (1, 0, 1)


async def test_a_ledger_that_is_not_there_cannot_be_counted(tmp_path: Path) -> None:
    queries = LedgerQueries(tmp_path / "nothing.sqlite")
    for asked in (queries.flows(0, 1, 1), queries.took(0, limit=1), queries.open_counts()):
        with pytest.raises(LedgerUnavailable):
            await asked
    await queries.close()
