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


async def idle_attempt(waiting: Waiting, may_call: asyncio.Event, answered: asyncio.Event) -> str:
    """Wait for a slot, as a worker that may leave; then call."""
    with waiting.idle():
        await may_call.wait()
    await answered.wait()
    return "called"


async def test_a_worker_that_rests_gives_up_whoever_is_idle_and_nobody_whose_call_has_begun(waiting: Waiting) -> None:
    may_call, answered = asyncio.Event(), asyncio.Event()
    may_call.set()
    begun = asyncio.create_task(idle_attempt(waiting, may_call, answered))
    idle = asyncio.create_task(idle_attempt(waiting, asyncio.Event(), answered))
    await asyncio.sleep(0)
    waiting.rest()
    with pytest.raises(asyncio.CancelledError):
        await idle
    answered.set()
    assert await begun == "called"


async def test_once_a_worker_rests_no_attempt_begins(waiting: Waiting) -> None:
    may_call = asyncio.Event()
    may_call.set()
    waiting.rest()
    with pytest.raises(asyncio.CancelledError):
        await idle_attempt(waiting, may_call, asyncio.Event())


async def test_a_call_that_must_be_seen_is_known_until_its_task_has_ended(waiting: Waiting) -> None:
    ends = asyncio.Event()

    async def call() -> None:
        waiting.must_be_seen()
        await ends.wait()

    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    assert waiting.unsure() == {task}
    ends.set()
    await task
    assert waiting.unsure() == set()
