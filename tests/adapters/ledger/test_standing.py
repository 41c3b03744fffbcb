"""What is open at each receiver, for those who watch; and the latest exchanges, for those who type an id."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite

from adapters.ledger import queries
from adapters.ledger.database import open_writer
from contracts.errors import Origin
from contracts.ledger import StandingRow
from contracts.outcome import Outcome
from contracts.records import Mark, MarkKind
from contracts.testkit.exchanges import Told, query, submission
from tests.adapters.ledger.support import Bench, open_bench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


async def test_what_has_not_ended_is_counted_by_receiver_and_by_what_it_waits_for(bench: Bench) -> None:
    told = Told(bench.encode)
    waits, retried, given_up, doubted, done, asked = (submission(key) for key in ("w", "r", "g", "i", "d", "a"))
    asked = query("a")
    for message in (
        *(told.request(each) for each in (waits, retried, given_up, doubted, done, asked)),
        told.mark(retried, Mark(MarkKind.NOT_SENT, "connection refused")),
        told.handed_on(retried, "connection refused", due_ms=1_790_000_005_000),
        told.dead(given_up, "no such school"),
        told.settled(doubted, Outcome.IN_DOUBT, Origin.BUS),
        told.settled(done, Outcome.DELIVERED),
    ):
        await bench.append(message)
    await bench.catch_up()
    assert await bench.ledger.standing() == (
        StandingRow("dancu", waiting=1, retrying=0, dead=0, in_doubt=0),
        StandingRow("gddt", waiting=1, retrying=1, dead=1, in_doubt=1),
    )


def test_counting_what_is_open_does_not_read_what_has_ended(tmp_path: Path) -> None:
    """However much lies in the ledger: only the indexes of what is open are read."""
    open_writer(tmp_path / "l.sqlite").dispose()
    statement = str(queries._STANDING.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with closing(sqlite3.connect(tmp_path / "l.sqlite")) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    reads = [step for step in plan if "exchanges" in step]
    of_what_is_open = ("ix_exchanges_open", "ix_exchanges_in_doubt", "ix_exchanges_outcome (outcome=?)")
    assert len(reads) == 2, plan
    assert all(step.startswith("SEARCH") and any(index in step for index in of_what_is_open) for step in reads), plan


async def test_the_latest_exchanges_are_found_by_how_their_ids_begin(bench: Bench) -> None:
    told, requests = Told(bench.encode), [submission(str(number)) for number in range(30)]
    for each in requests:
        await bench.append(told.request(each))
    await bench.catch_up()
    wanted = requests[7].exchange
    assert [row.id for row in await bench.ledger.recent(wanted[:8], limit=5)] == [wanted]
    assert await bench.ledger.recent("zz", limit=5) == ()
