"""Figures for many: read once for all who watch, and not at all for nobody."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from contracts.errors import LedgerUnavailable
from gateway.console.live.feed import MOST_WATCHERS, Feed, Full, Seen


class Counter:
    """Figures that count how often they were read."""

    def __init__(self) -> None:
        self.reads = 0
        self.is_away = False

    async def __call__(self) -> int:
        if self.is_away:
            raise LedgerUnavailable("away")
        self.reads += 1
        return self.reads


async def _until(feed: Feed[int], seen: Seen[int], *, is_old: bool) -> Seen[int]:
    """The next figures that are old, or are not."""
    async with asyncio.timeout(5):
        while seen.is_old is not is_old:
            seen = await feed.newer(seen.version, wait_s=5) or seen
    return seen


async def test_nothing_is_read_while_nobody_watches() -> None:
    read = Counter()
    feed = Feed(read, every_s=0.001)
    async with feed.watch():
        assert await feed.newer(2, wait_s=5) is not None
    before = read.reads
    await asyncio.sleep(0.05)
    assert read.reads <= before + 1  # the reading that was under way may end
    assert feed.watchers == 0


async def test_all_who_watch_are_told_of_the_same_reading() -> None:
    read = Counter()
    feed = Feed(read, every_s=60)
    async with AsyncExitStack() as stack:
        for _ in range(MOST_WATCHERS):
            await stack.enter_async_context(feed.watch())
        seen = await asyncio.gather(*(feed.newer(0, wait_s=5) for _ in range(MOST_WATCHERS)))
    assert {each.figures for each in seen if each} == {1}
    assert len(seen) == MOST_WATCHERS
    assert read.reads == 1


async def test_one_more_than_may_watch_is_turned_away_until_somebody_leaves() -> None:
    feed = Feed(Counter(), every_s=60)
    async with AsyncExitStack() as stack:
        for _ in range(MOST_WATCHERS):
            await stack.enter_async_context(feed.watch())
        with pytest.raises(Full):
            async with feed.watch():
                pass
    async with feed.watch():
        assert feed.watchers == 1


async def test_figures_that_cannot_be_read_anew_are_shown_as_old_and_go_on_later() -> None:
    read = Counter()
    feed = Feed(read, every_s=0.001)
    async with feed.watch():
        first = await feed.newer(0, wait_s=5)
        assert first is not None
        read.is_away = True
        old = await _until(feed, first, is_old=True)
        assert old.figures == read.reads
        read.is_away = False
        assert (await _until(feed, old, is_old=False)).figures > old.figures


async def test_a_page_does_not_wait_for_a_slow_reading() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def read() -> str:
        begun.set()
        await go_on.wait()
        return "figures"

    feed = Feed(read, every_s=60)
    assert await feed.current(wait_s=0.001) is None
    assert begun.is_set()
    go_on.set()
    seen = await feed.current(wait_s=5)
    assert seen is not None
    assert seen.figures == "figures"


async def test_who_watches_is_let_go_when_the_process_ends() -> None:
    feed = Feed(Counter(), every_s=60)
    async with feed.watch():
        seen = await feed.newer(0, wait_s=5)
        assert seen is not None
        waiting = asyncio.create_task(feed.newer(seen.version, wait_s=600))
        await asyncio.sleep(0)
        feed.let_go()
        assert await waiting is None
    assert feed.is_over
