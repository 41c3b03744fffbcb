"""Whoever waits for a query is let pass: by calls that tell of themselves, and by sources that hear of them."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from adapters.hurry import HurriedProvider, Hurry
from adapters.sources.pace import Pace
from contracts.errors import Transient
from contracts.ports import Answer, Call


class Asked:
    """A provider that sees, while it is called, whether there is hurry."""

    def __init__(self, hurry: Hurry) -> None:
        self._hurry = hurry
        self.saw: list[bool] = []

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def call(self, _: Call) -> Answer:
        """Always away."""
        self.saw.append(self._hurry.is_on)
        raise Transient("away")


def call_of(contract: str) -> Call:
    return Call("e", contract, f"{contract}@1", None, {}, "", 1, 5.0)


async def test_there_is_hurry_while_a_query_is_under_way_and_a_moment_after() -> None:
    """Also where it fails; whoever asks once a second keeps it up."""
    now_s = [100.0]
    hurry = Hurry(lambda: now_s[0])
    asked = Asked(hurry)
    provider = HurriedProvider(asked, {"a.query"}, hurry)
    before = hurry.is_on
    with pytest.raises(Transient):
        await provider.call(call_of("a.query"))
    assert (before, asked.saw) == (False, [True])
    seen = []
    for passed_s in (1.0, 60.0):
        now_s[0] += passed_s
        seen.append(hurry.is_on)
    assert seen == [True, False]


async def test_submissions_and_pushes_are_in_no_hurry() -> None:
    """Else a file would give way to its own events."""
    hurry = Hurry(lambda: 0.0)
    asked = Asked(hurry)
    with pytest.raises(Transient):
        await HurriedProvider(asked, {"a.query"}, hurry).call(call_of("a.reading"))
    assert asked.saw == [False]
    assert not hurry.is_on


async def test_a_source_rests_again_and_again_while_there_is_hurry() -> None:
    """All others have their turn after a few of its rows, however many it has."""
    hurry = Hurry(lambda: 0.0)
    pace, rows, seen = Pace(hurry), [0], set()

    async def watch() -> None:
        while rows[0] < 100:
            seen.add(rows[0])
            await asyncio.sleep(0)

    hurry.begun()
    watching = asyncio.create_task(watch())
    for _ in range(100):
        await pace.turn()
        rows[0] += 1
    await watching
    steps = sorted({*seen, 100})
    assert max(after - before for before, after in pairwise(steps)) <= 8
