"""No more calls a second than the system has agreed to take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from adapters.clock import Clock
from adapters.delivery.waiting import Waiting
from adapters.delivery.work import Attempt, Work
from contracts.outcome import Result


class TurnTooLate(TimeoutError):
    """The query's deadline would have passed before its turn came; its text says so, for people."""


class Bucket:
    """A token bucket: `per_second` tokens come in, at most `burst` are kept, each call takes one, in turn.

    Used from one event loop; `now_s` is any clock that runs on.
    """

    def __init__(self, per_second: float, burst: int, now_s: Callable[[], float]) -> None:
        self.per_second = per_second
        self._burst = burst
        self._now_s = now_s
        self._tokens = float(burst)
        self._as_of_s = now_s()
        self._waiting = 0
        self._turn = asyncio.Lock()

    def wait_s(self) -> float:
        """How long a call that came now would wait, behind all that wait already; 0 where it need not."""
        self._fill()
        return max(0.0, (self._waiting + 1 - self._tokens) / self.per_second)

    async def take(self) -> None:
        """Wait for a token and take it. Who is cancelled while waiting takes none."""
        self._waiting += 1
        try:
            async with self._turn:
                while (left_s := self._next_s()) > 0:  # noqa: ASYNC110 - nothing but time brings a token
                    await asyncio.sleep(left_s)
                self._tokens -= 1
        finally:
            self._waiting -= 1

    def _next_s(self) -> float:
        self._fill()
        return (1 - self._tokens) / self.per_second

    def _fill(self) -> None:
        now_s = self._now_s()
        self._tokens = min(self._burst, self._tokens + (now_s - self._as_of_s) * self.per_second)
        self._as_of_s = now_s


def rate(follow: Attempt, bucket: Bucket, clock: Clock, waiting: Waiting) -> Attempt:
    """Wait for the call's turn. TurnTooLate, at once, for a query whose turn would come after its deadline."""

    async def handle(work: Work) -> Result:
        due_ms = work.envelope.deadline_ms
        if due_ms is not None and clock() + bucket.wait_s() * 1000 >= due_ms:
            raise TurnTooLate(
                f"{work.envelope.receiver} takes {bucket.per_second:g} calls a second, and so many wait already "
                "that the query's turn would have come after its deadline"
            )
        with waiting.idle():
            await bucket.take()
        return await follow(work)

    return handle
