"""One holder for each source, whatever the number of workers; and nothing is sent twice when it changes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.sources.fence import Fence, LeaseLost
from contracts.ports import Submitted
from tests.adapters.sources.support import Bus, bus, table, twice

LOGS = pytest.mark.parametrize("sqlite", [False, True], ids=["memory", "sqlite"])


async def holders(city: Bus) -> list[str]:
    """Who held the source, one after the other."""
    found = [await city.own.decode(each.message.value) for each in await city.all_of("sources")]
    return [f"{note['holder']} {note['note']}" for note in found if note["note"] in ("held", "released")]


async def until_held(city: Bus, count: int = 1) -> int:
    """Which of the running workers has the source, once one has noted so."""
    async with asyncio.timeout(60):
        while sum(each.endswith("held") for each in await holders(city)) < count:
            await asyncio.sleep(0.02)
    (holder,) = [at for at, leases in enumerate(city.running) if leases.holds("station/readings")]
    return holder


@LOGS
async def test_of_two_workers_one_has_the_source(tmp_path: Path, *, sqlite: bool) -> None:
    """The other does nothing, and takes over when the first one stops."""
    async with bus(tmp_path, sqlite=sqlite) as city:
        await city.start("one")
        await city.start("two")
        first = await until_held(city)
        city.drop("f.csv", table(500))
        await city.ended()
        await city.running[first].stop()
        second = await until_held(city, 2)
        assert second != first
        city.drop("g.csv", table(600))
        await city.ended(files=2)
        assert len(await city.events()) == 1100
        names = ["one", "two"]
        assert (await holders(city))[-3:] == [
            f"{names[first]} held",
            f"{names[first]} released",
            f"{names[second]} held",
        ]


@LOGS
async def test_a_lease_that_is_lost_in_the_middle_of_a_file_is_taken_over_there(
    tmp_path: Path, *, sqlite: bool
) -> None:
    """Who loses it begins nothing more; who takes it waits until nothing is in flight, and sends the rest."""
    senders: list[str] = []
    reached = asyncio.Event()

    async def slow(submitted: Submitted) -> None:
        senders.append(submitted.attributes[1][1])
        if len(senders) >= 1500:
            reached.set()
        await asyncio.sleep(0.005)

    async with bus(tmp_path, sqlite=sqlite) as city:
        city.intake.before = slow
        city.drop("f.csv", table(5000, bad=range(100, 5000, 500)))
        await city.start("one", note_s=0.1)
        await city.start("two", note_s=0.1)
        first = await until_held(city)
        await reached.wait()
        await city.running[first].stop()
        (done,) = await city.ended()
        assert done.holder == ["one", "two"][1 - first]
        assert done.detail == "rows 5000 = events 4990 + rejected 10"
        events = await city.events()
        assert len(events) == 4990
        assert not twice(events)
        assert [int(row["row"]) for row in city.rejected()] == list(range(100, 5000, 500))


@LOGS
async def test_leases_go_back_and_forth_without_loss(tmp_path: Path, *, sqlite: bool) -> None:
    """Workers come and go while files come in."""

    async def slow(_: Submitted) -> None:
        await asyncio.sleep(0.002)

    async with bus(tmp_path, sqlite=sqlite) as city:
        city.intake.before = slow
        for number in range(4):
            city.drop(f"f{number}.csv", table(1500 + number))
        for turn in range(5):
            leases = await city.start(f"worker-{turn}", note_s=0.05)
            await asyncio.sleep(0.35)
            if len(city.running) > 1:
                await city.running.pop(0).stop()
            assert leases in city.running
        await city.ended(files=4)
        events = await city.events()
        assert len(events) == sum(1500 + number for number in range(4))
        assert not twice(events)


async def test_nothing_is_begun_once_the_lease_is_lost() -> None:
    """Neither after waiting nor at once."""
    fence = Fence()
    fence.check()
    waiting = asyncio.create_task(fence.sleep(60))
    await asyncio.sleep(0)
    fence.shut()
    with pytest.raises(LeaseLost):
        await waiting
    with pytest.raises(LeaseLost):
        fence.check()


async def test_a_holder_that_died_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """It noted that it has the source, and never that it let it go."""
    async with bus(tmp_path) as city:
        leases = await city.start("dead")
        await until_held(city)
        _fence, task = leases._held.pop("station/readings")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await leases.stop()
        city.running.clear()
        await city.start("alive")
        city.drop("f.csv", table(10))
        await city.ended()
        assert await holders(city) == ["dead held", "alive held"]
