"""No more calls at a time than the system can take."""

from __future__ import annotations

import asyncio

from adapters.delivery.waiting import Waiting
from adapters.delivery.work import Attempt, Work
from contracts.outcome import Result


def limit(follow: Attempt, slots: asyncio.Semaphore, waiting: Waiting) -> Attempt:
    """Wait for a free slot."""

    async def handle(work: Work) -> Result:
        with waiting.idle():
            await slots.acquire()
        try:
            return await follow(work)
        finally:
            slots.release()

    return handle
