"""Ends submissions that are withdrawn before a call to their receiver has begun.

Whoever holds the partition of an exchange decides, alone and under the exchange's turn, so that the mark it writes is
the first one or none. What it cannot vouch for it leaves to `Once`, which sees the message itself when it comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from adapters.delivery.once import Last, Marks
from adapters.delivery.outbox import Outbox
from adapters.delivery.waiting import Waiting
from adapters.delivery.withdrawals import Withdrawals
from contracts.errors import LedgerUnavailable
from contracts.ports import Ledger, Partition
from contracts.records import Mark, MarkKind

log = logging.getLogger(__name__)

_DONE: Final = "withdrawn"


class Withdrawing:
    """The withdrawals in the partitions that one worker holds. Used from one event loop.

    `ended` is told of each exchange that was ended here.
    """

    def __init__(
        self,
        withdrawals: Withdrawals,
        waiting: Waiting,
        marks: Marks,
        outbox: Outbox,
        ledger: Ledger,
        ended: Callable[[str], None],
    ) -> None:
        self._withdrawals = withdrawals
        self._waiting = waiting
        self._marks = marks
        self._outbox = outbox
        self._ledger = ledger
        self._ended = ended
        self._held: set[Partition] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        withdrawals.tell(self._asked)

    def hold(self, inbox: Partition, since_ms: int) -> None:
        """The partition is this worker's; all its marks since `since_ms` are known.

        What was asked before that is decided when its message comes: a mark that is not known might say no.
        """
        self._held.add(inbox)
        for exchange in self._withdrawals.of(inbox, since_ms):
            self._decide_soon(inbox, exchange)

    def release(self, inbox: Partition) -> None:
        """The partition is somebody else's now."""
        self._held.discard(inbox)

    async def stop(self) -> None:
        """Leave what is not decided to the next one. Idempotent."""
        self._withdrawals.tell_no_more(self._asked)
        self._held.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _asked(self, inbox: Partition, exchange: str) -> None:
        if inbox in self._held:
            self._waiting.interrupt(exchange)
            self._decide_soon(inbox, exchange)

    def _decide_soon(self, inbox: Partition, exchange: str) -> None:
        task = asyncio.create_task(self._decide(inbox, exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _decide(self, inbox: Partition, exchange: str) -> None:
        # A call that is under way ends first, and its mark tells how.
        async with self._marks.serialised(exchange):
            last = self._marks.last(inbox, exchange)
            if _stands_against(last) or await self._is_settled(exchange):
                return
            withdrawal = await self._withdrawals.read(inbox, exchange)
            if withdrawal is None or inbox not in self._held:
                return
            request, result = withdrawal.request, withdrawal.result
            if last is not None:
                request = replace(request, attempt=max(request.attempt, last.attempt))
            position = await self._outbox.mark(request, Mark(MarkKind.SETTLED, _DONE, result))
            self._marks.fold(inbox, exchange, Last(MarkKind.SETTLED, request.attempt, position.offset))
            log.info("exchange %s is withdrawn", exchange)
            if request.reply_to:
                await self._outbox.reply(request, result)
        self._ended(exchange)

    async def _is_settled(self, exchange: str) -> bool:
        """Whether the ledger knows its end, perhaps by a mark that is older than those remembered here."""
        try:
            known = (await self._ledger.known([exchange])).get(exchange)
        except LedgerUnavailable:
            return False
        return known is not None and known.settled


def _stands_against(last: Last | None) -> bool:
    """Whether by this mark the receiver has the submission, or may have it, or a person decides."""
    if last is None:
        return False
    if last.kind is MarkKind.HANDED_ON:
        return last.firm or last.due_ms is None
    return last.kind in {MarkKind.SETTLED, MarkKind.STARTED}
