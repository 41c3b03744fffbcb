"""A system that keeps failing is left alone for a while; its inbox is paused, and that is not an attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import Final

from adapters.delivery.waiting import Waiting
from adapters.delivery.work import Attempt, Work
from contracts.errors import Indeterminate, Transient
from contracts.outcome import Pattern, Result

_LONGEST_FACTOR: Final = 8


class BreakerState(Enum):
    """Whether calls may be made."""

    CLOSED = "closed"
    OPEN = "open"


class Breaker:
    """Counts failures in a row. Closed → open after `failures` → half open after `pause_s`: one trial decides.

    Each trial that fails doubles the pause, up to eight times. `changed` is told each time it opens, also again after
    a trial, and when it closes. Used from one event loop; `now_s` is any clock that runs on.
    """

    def __init__(
        self, failures: int, pause_s: float, now_s: Callable[[], float], changed: Callable[[BreakerState], None]
    ) -> None:
        self._failures = failures
        self._pause_s = pause_s
        self._now_s = now_s
        self._changed = changed
        self._in_a_row = 0
        self._trials = 0
        self._open_until: float | None = None
        self._on_trial = False
        self._retired = False
        self._closed = asyncio.Event()
        self._closed.set()

    def open_for_s(self) -> float:
        """How long it still stays open before a trial; 0 where it is closed."""
        return 0.0 if self._open_until is None else max(0.1, self._open_until - self._now_s())

    @property
    def is_open(self) -> bool:
        """Whether calls have to wait."""
        return self._open_until is not None

    async def passage(self) -> None:
        """Wait until a call may be made: at once where closed, else until closed or as the one trial."""
        while self._open_until is not None:
            left_s = self._open_until - self._now_s()
            if left_s <= 0 and not self._on_trial:
                self._on_trial = True
                return
            try:
                async with asyncio.timeout(max(left_s, 0.05)):
                    await self._closed.wait()
            except TimeoutError:
                continue

    def succeeded(self) -> None:
        """The system answered; whatever it said, it is there."""
        self._in_a_row = self._trials = 0
        self._on_trial = False
        if self._open_until is not None:
            self._open_until = None
            self._closed.set()
            self._changed(BreakerState.CLOSED)

    def failed(self) -> None:
        """The system was away, or did not answer as one that is well."""
        if self._retired:
            return
        self._in_a_row += 1
        was_open = self._open_until is not None
        if was_open and not self._on_trial:
            return
        if self._on_trial or self._in_a_row >= self._failures:
            factor = min(2**self._trials, _LONGEST_FACTOR)
            self._trials += 1
            self._on_trial = False
            self._open_until = self._now_s() + self._pause_s * factor
            self._closed.clear()
            self._changed(BreakerState.OPEN)

    def retire(self) -> None:
        """Its system is served by another from now on: nobody is held back by this one any more."""
        self._retired = True
        self._open_until = None
        self._closed.set()

    def abandoned(self) -> None:
        """A call ended without telling anything about the system (it was cancelled)."""
        self._on_trial = False


def breaker(follow: Attempt, guard: Breaker, waiting: Waiting) -> Attempt:
    """Hold submissions back while the breaker is open; tell queries at once."""

    async def handle(work: Work) -> Result:
        if guard.is_open and work.envelope.pattern is Pattern.QUERY and guard.open_for_s() > 0.1:
            raise Transient(f"{work.envelope.receiver} is away; its breaker is open", sent=False)
        with waiting.idle():
            await guard.passage()
        verdict = guard.abandoned
        try:
            result = await follow(work)
            verdict = guard.succeeded
        except (Transient, Indeterminate):
            verdict = guard.failed
            raise
        finally:
            verdict()
        return result

    return handle
