"""No more calls at a time than the system can take."""

from __future__ import annotations

import asyncio

from adapters.delivery.work import Attempt, Work
from contracts.outcome import Result


def limit(follow: Attempt, slots: asyncio.Semaphore) -> Attempt:
    """Wait for a free slot."""

    async def handle(work: Work) -> Result:
        async with slots:
            return await follow(work)

    return handle
