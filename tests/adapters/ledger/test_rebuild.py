"""Making the ledger anew: the same rows for what the log holds, and nothing lost of what it no longer holds."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.ledger.identity import WrongLedger
from adapters.ledger.rebuild import rebuild
from adapters.ledger.tables import metadata
from contracts.errors import LogUnavailable
from contracts.outcome import Outcome, State
from contracts.records import StepKind
from contracts.testkit.exchanges import Told, query, submission
from tests.adapters.ledger.support import FOLLOWED, TABLES, Bench, OtherView, open_bench, rows
from tests.adapters.ledger.test_projector import everything


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        for message in everything(Told(bench.encode)):
            await bench.append(message)
        await bench.catch_up()
        yield bench


async def rebuilt(bench: Bench, view: OtherView | None = None) -> int:
    """Rebuild the ledger of `bench`."""
    transport = bench.transport if view is None else view.transport
    return await rebuild(transport, bench.path, FOLLOWED, bench.own.decode)


def execute(path: Path, *statements: str) -> None:
    """Tamper with the ledger."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


async def test_a_rebuilt_ledger_is_the_same_ledger(bench: Bench) -> None:
    before = rows(bench.path)
    assert all(before.values())
    assert await rebuilt(bench) == len(everything(Told(bench.encode)))
    assert rows(bench.path) == before
    assert [path.name for path in bench.path.parent.iterdir() if "rebuild" in path.name] == []


async def test_a_ledger_that_was_lost_is_made_from_the_log(bench: Bench) -> None:
    before = rows(bench.path)
    await bench.projector.close()
    await bench.ledger.close()
    for path in bench.path.parent.glob("ledger.sqlite*"):
        path.unlink()
    await rebuilt(bench)
    assert rows(bench.path) == before


async def test_what_is_wrong_is_put_right(bench: Bench) -> None:
    before = rows(bench.path)
    execute(
        bench.path,
        "UPDATE exchanges SET ended_outcome = 'delivered', outcome = 'delivered', attempts = 99",
        "UPDATE steps SET kind = 'nonsense' WHERE kind = 'accepted'",
        "DELETE FROM dead",
        "UPDATE positions SET next = 0",
        "INSERT INTO exchanges SELECT 'invented', * FROM (SELECT "
        + ", ".join(f"{'NULL' if name is None else name}" for name in _columns_but_id(bench.path))
        + " FROM exchanges LIMIT 1)",
    )
    assert rows(bench.path) != before
    await rebuilt(bench)
    assert rows(bench.path) == before


def _columns_but_id(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(exchanges)")][1:]


async def test_what_the_log_no_longer_holds_is_kept(bench: Bench) -> None:
    before = rows(bench.path)
    view = OtherView(bench.transport)
    extents = await bench.transport.extents(FOLLOWED)
    view.firsts = {where: extent.end for where, extent in extents.items()}
    assert await rebuilt(bench, view) == 0
    assert rows(bench.path) == before


@pytest.mark.parametrize("channel", ["in.gddt", "settled.gddt", "reply", "journal", "dead"])
@pytest.mark.parametrize("lost", [1, 2])
async def test_an_exchange_of_which_the_log_holds_a_part_is_whole_again(bench: Bench, channel: str, lost: int) -> None:
    before = rows(bench.path)
    view = OtherView(bench.transport)
    extents = await bench.transport.extents(FOLLOWED)
    view.firsts = {
        where: min(lost, extent.end) for where, extent in extents.items() if where.channel == channel and extent.end
    }
    assert view.firsts
    await rebuilt(bench, view)
    assert rows(bench.path) == before
    await rebuilt(bench, view)
    assert rows(bench.path) == before


async def test_what_the_log_tells_alone_is_put_right_beside_what_is_kept(bench: Bench) -> None:
    told = Told(bench.encode)
    old, new = submission("old"), submission("new")
    position = await bench.append(told.request(old))
    await bench.append(told.settled(old, Outcome.DELIVERED))
    await bench.append(told.request(new))
    await bench.append(told.settled(new, Outcome.REFUSED))
    await bench.catch_up()
    execute(bench.path, "UPDATE exchanges SET purpose = 'tampered'")
    view = OtherView(bench.transport)
    view.firsts = {position.where: position.offset + 1}
    await rebuilt(bench, view)
    shown = [await bench.ledger.exchange(request.exchange) for request in (old, new)]
    assert [row.purpose for row in shown if row is not None] == ["tampered", "student-transfer"]


async def test_partitions_that_are_no_longer_followed_keep_their_rows(bench: Bench) -> None:
    asked = query("gone", receiver="dancu")
    await bench.append(Told(bench.encode).request(asked))
    await bench.catch_up()
    before = rows(bench.path)
    followed = [partition for partition in FOLLOWED if partition.channel not in {"in.dancu", "settled.dancu"}]
    await rebuild(bench.transport, bench.path, followed, bench.own.decode)
    assert rows(bench.path) == before


async def test_rows_of_what_a_restored_log_has_lost_go(bench: Bench, tmp_path: Path) -> None:
    before = rows(bench.path)
    told, lost = Told(bench.encode), submission("lost")
    for message in (told.request(lost), told.dead(lost, "a fault"), told.decided(lost, StepKind.DEAD_RETRIED)):
        await bench.append(message)
    await bench.catch_up()
    assert rows(bench.path) != before
    async with open_bench(tmp_path / "restored") as restored:
        for message in everything(Told(restored.encode)):
            await restored.append(message)
        await rebuild(restored.transport, bench.path, FOLLOWED, restored.own.decode)
    assert rows(bench.path) == before


async def test_a_projector_that_runs_meanwhile_goes_on(bench: Bench) -> None:
    told, request = Told(bench.encode), submission("later")
    await rebuilt(bench)
    await bench.append(told.request(request))
    await bench.catch_up()
    row = await bench.ledger.exchange(request.exchange)
    assert row is not None
    assert row.state is State.ACCEPTED


async def test_it_tells_how_far_it_is(bench: Bench) -> None:
    heard: list[tuple[int, int]] = []
    count = await rebuild(
        bench.transport, bench.path, FOLLOWED, bench.own.decode, progress=lambda *told: heard.append(told)
    )
    assert heard
    assert heard[-1] == (count, count)


async def test_a_rebuild_that_fails_leaves_the_old_ledger(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(bench.path)

    async def away(_value: bytes) -> dict[str, object]:
        raise LogUnavailable("the log is away")

    with pytest.raises(LogUnavailable):
        await rebuild(bench.transport, bench.path, FOLLOWED, away)
    assert rows(bench.path) == before

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("adapters.ledger.rebuild._join", broken)
    with pytest.raises(Exception, match="disk full"):
        await rebuilt(bench)
    assert rows(bench.path) == before
    assert [path.name for path in bench.path.parent.iterdir() if "rebuild" in path.name] == []


async def test_the_ledger_of_another_log_is_not_overwritten(bench: Bench, tmp_path: Path) -> None:
    before = rows(bench.path)
    async with open_bench(tmp_path / "other", begin_ms=1_800_000_000_000) as other:
        with pytest.raises(WrongLedger, match="the ledger of another log"):
            await rebuild(other.transport, bench.path, FOLLOWED, other.own.decode)
    assert rows(bench.path) == before


def test_the_tables_that_are_compared_are_all_there_are() -> None:
    assert {*TABLES, "meta"} == set(metadata.tables)
