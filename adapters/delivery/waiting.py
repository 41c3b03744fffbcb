"""Attempts whose call has not begun: they wait at a breaker, for a slot or for their turn, and may be interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Interrupted(Exception):
    """The attempt was interrupted; its call had not begun, and will not."""


class Waiting:
    """The attempts of one worker. Used from one event loop; one attempt at a time for each exchange."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[object]] = {}
        self._interrupted: set[str] = set()
        self._idle: set[asyncio.Task[object]] = set()
        self._rests = False
        self._unsure: set[asyncio.Task[object]] = set()

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Around what is waited for before the call. CancelledError where the worker leaves before it came."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an attempt is made in a task")
        if self._rests:
            raise asyncio.CancelledError
        self._idle.add(task)
        try:
            yield
        finally:
            self._idle.discard(task)

    def rest(self) -> None:
        """The worker leaves: give up all attempts that are idle, now or later. What they were about comes again."""
        self._rests = True
        for task in self._idle:
            task.cancel()

    def must_be_seen(self) -> None:
        """The call of the current task is one of which nobody could tell whether it took effect, were it cut off."""
        task = asyncio.current_task()
        if task is not None and task not in self._unsure:
            self._unsure.add(task)
            task.add_done_callback(self._unsure.discard)

    def unsure(self) -> set[asyncio.Task[object]]:
        """The tasks of which `must_be_seen` was said and that have not ended."""
        return set(self._unsure)

    @contextmanager
    def of(self, exchange: str) -> Iterator[None]:
        """Around an attempt, in the task that makes it. Interrupted, in the place of the cancellation behind it."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an attempt is made in a task")
        before = task.cancelling()
        self._tasks[exchange] = task
        try:
            yield
        except asyncio.CancelledError:
            # The worker may be leaving at the same moment: its cancellation goes on.
            if exchange in self._interrupted and task.uncancel() <= before:
                raise Interrupted from None
            raise
        finally:
            self._tasks.pop(exchange, None)
            self._interrupted.discard(exchange)

    def begun(self, exchange: str) -> None:
        """The call begins now: the attempt is interrupted no more."""
        self._tasks.pop(exchange, None)

    def interrupt(self, exchange: str) -> None:
        """Interrupt the attempt at `exchange` where its call has not begun. Idempotent."""
        task = self._tasks.pop(exchange, None)
        if task is not None:
            self._interrupted.add(exchange)
            task.cancel()
