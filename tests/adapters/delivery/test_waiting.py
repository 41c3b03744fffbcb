"""An attempt is interrupted until its call begins, and not any more from then on."""

from __future__ import annotations

import asyncio

import pytest

from adapters.delivery.waiting import Interrupted, Waiting

ID = "one"


async def attempt(waiting: Waiting, may_call: asyncio.Event, answered: asyncio.Event) -> str:
    """Wait for the call, begin it, wait for its answer."""
    try:
        with waiting.of(ID):
            await may_call.wait()
            waiting.begun(ID)
            await answered.wait()
    except Interrupted:
        await asyncio.sleep(0)
        return "interrupted"
    return "called"


@pytest.fixture
def waiting() -> Waiting:
    """Nobody waits yet."""
    return Waiting()


async def test_who_waits_is_interrupted_and_goes_on_in_its_task(waiting: Waiting) -> None:
    task = asyncio.create_task(attempt(waiting, asyncio.Event(), asyncio.Event()))
    await asyncio.sleep(0)
    waiting.interrupt(ID)
    waiting.interrupt(ID)
    assert await task == "interrupted"


async def test_even_in_the_moment_in_which_it_might_have_begun(waiting: Waiting) -> None:
    may_call = asyncio.Event()
    task = asyncio.create_task(attempt(waiting, may_call, asyncio.Event()))
    await asyncio.sleep(0)
    may_call.set()
    waiting.interrupt(ID)
    assert await task == "interrupted"


async def test_a_call_that_has_begun_is_not_interrupted(waiting: Waiting) -> None:
    may_call, answered = asyncio.Event(), asyncio.Event()
    may_call.set()
    task = asyncio.create_task(attempt(waiting, may_call, answered))
    await asyncio.sleep(0)
    waiting.interrupt(ID)
    answered.set()
    assert await task == "called"


async def test_a_worker_that_leaves_in_the_same_moment_is_not_kept(waiting: Waiting) -> None:
    task = asyncio.create_task(attempt(waiting, asyncio.Event(), asyncio.Event()))
    await asyncio.sleep(0)
    waiting.interrupt(ID)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_was_asked_of_one_attempt_does_not_reach_the_next(waiting: Waiting) -> None:
    task = asyncio.create_task(attempt(waiting, asyncio.Event(), asyncio.Event()))
    await asyncio.sleep(0)
    waiting.interrupt(ID)
    await task
    ready = asyncio.Event()
    ready.set()
    assert await attempt(waiting, ready, ready) == "called"
