"""Queries are in a hurry: past its deadline one is not called at all, and no call outlives it."""

from __future__ import annotations

import asyncio
from typing import Final

from adapters.clock import Clock
from adapters.delivery.work import Handled, Handler, Work
from adapters.middleware.rate import TurnTooLate
from contracts.errors import Origin
from contracts.outcome import Outcome, Result

_TOO_LATE: Final = "the query's deadline had passed before its turn came"
_CUT: Final = "no answer before the query's deadline"


def deadline(follow: Handler, clock: Clock) -> Handler:
    """End what is past its deadline as `expired`."""

    async def handle(work: Work) -> Handled:
        due_ms = work.envelope.deadline_ms
        if due_ms is None:
            return await follow(work)
        left_s = (due_ms - clock()) / 1000
        if left_s <= 0:
            return Result(Outcome.EXPIRED, reason=_TOO_LATE, origin=Origin.BUS)
        try:
            async with asyncio.timeout(left_s):
                return await follow(work)
        except TurnTooLate as late:
            return Result(Outcome.EXPIRED, reason=str(late), origin=Origin.BUS)
        except TimeoutError:
            return Result(Outcome.EXPIRED, reason=_CUT, origin=Origin.PROVIDER)

    return handle
