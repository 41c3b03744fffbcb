"""At least once to the provider, once in effect.

Queries are idempotent by definition and pass. A submission is judged by its marks; a provider that is not idempotent
is called only after `started` is durable (see there), so that a call whose end nobody saw is known as such.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from adapters.delivery.once import Last, Marks, Verdict
from adapters.delivery.outbox import Outbox
from adapters.delivery.waiting import Interrupted, Waiting
from adapters.delivery.withdrawals import Withdrawals
from adapters.delivery.work import Dropped, HandedOn, Handled, Handler, Repeated, Work
from contracts.errors import Indeterminate, LedgerUnavailable, Origin
from contracts.outcome import Outcome, Pattern, Result
from contracts.ports import Ledger
from contracts.records import Mark, MarkKind, Step, StepKind

log = logging.getLogger(__name__)

_ASK_AGAIN_S: Final = 1.0
_LOST: Final = (
    "the call was begun and its end was not seen; nobody but the receiving system knows whether it took effect"
)


class Once:
    """Lets each attempt through at most once, and puts its end beside the inbox. It has the exchange's turn."""

    def __init__(
        self,
        follow: Handler,
        marks: Marks,
        outbox: Outbox,
        ledger: Ledger,
        withdrawals: Withdrawals,
        waiting: Waiting,
    ) -> None:
        self._follow = follow
        self._marks = marks
        self._outbox = outbox
        self._ledger = ledger
        self._withdrawals = withdrawals
        self._waiting = waiting

    async def __call__(self, work: Work) -> Handled:
        """Judge and, where nothing stands against it, make the attempt."""
        if work.envelope.pattern is Pattern.QUERY:
            return await self._follow(work)
        if work.envelope.unverified and await self._known_before(work):
            return Dropped("its idempotency key was used before")
        return await self._judge(work)

    async def _known_before(self, work: Work) -> bool:
        """Whether the ledger knows this exchange from an earlier message; waits until it can say."""
        exchange, position = work.envelope.exchange, work.stored.position
        while True:
            try:
                if await self._ledger.position(position.where) > position.offset:
                    known = (await self._ledger.known([exchange])).get(exchange)
                    return known is not None and known.accepted != position
            except LedgerUnavailable as error:
                log.info("exchange %s waits for the ledger: %s", exchange, error)
            with self._waiting.idle():
                await asyncio.sleep(_ASK_AGAIN_S)

    async def _judge(self, work: Work) -> Handled:
        envelope = work.envelope
        match self._marks.judge(work.stored.position.where, envelope.exchange, envelope.attempt):
            case Verdict.DROP, _:
                return Dropped("this attempt was handed on before")
            case Verdict.SAME_AGAIN, Last() as mark:
                return await self._same_again(work, mark)
            case Verdict.IN_DOUBT, _:
                return await self._settle(work, Result(Outcome.IN_DOUBT, reason=_LOST, origin=Origin.BUS))
            case _:
                return await self._unless_withdrawn(work)

    async def _unless_withdrawn(self, work: Work) -> Handled:
        """The attempt; where its submission is withdrawn before the call begins, that is its end."""
        if work.firm or work.envelope.pattern is not Pattern.SUBMISSION:
            return await self._attempt(work)
        where, exchange = work.stored.position.where, work.envelope.exchange
        if self._withdrawals.asked(where, exchange) is None:
            try:
                with self._waiting.of(exchange):
                    return await self._attempt(work)
            except Interrupted:
                log.info("exchange %s is withdrawn while it waits for its call", exchange)
        withdrawal = await self._withdrawals.read(where, exchange)
        return await (self._attempt(work) if withdrawal is None else self._settle(work, withdrawal.result))

    async def _attempt(self, work: Work) -> Handled:
        try:
            handled = await self._follow(work)
        except Indeterminate as error:
            handled = Result(Outcome.IN_DOUBT, reason=error.detail, origin=error.origin)
        if isinstance(handled, Result):
            return await self._settle(work, handled)
        if isinstance(handled, HandedOn):
            await self._put(work, Mark(MarkKind.HANDED_ON, handled.detail), due_ms=handled.due_ms, firm=handled.firm)
        return handled

    async def _settle(self, work: Work, result: Result) -> Result:
        await self._put(work, Mark(MarkKind.SETTLED, result=result))
        return result

    async def _put(self, work: Work, mark: Mark, *, due_ms: int | None = None, firm: bool = False) -> None:
        envelope = work.envelope
        position = await self._outbox.mark(envelope, mark, due_ms=due_ms, firm=firm)
        last = Last(mark.kind, envelope.attempt, position.offset, due_ms, firm)
        self._marks.fold(work.stored.position.where, envelope.exchange, last)

    async def _same_again(self, work: Work, mark: Last) -> Handled:
        envelope = work.envelope
        channel, partition = envelope.inbox.settled, work.stored.position.partition
        read = await self._outbox.read_settled(channel, partition, mark.offset)
        if read is None:
            return Dropped("it is settled; its outcome is no longer in the log")
        first, result = read
        if first.body_hash != envelope.body_hash:
            log.warning("exchange %s came again with another body; the first outcome stands", envelope.exchange)
            detail = "the same idempotency key came with another body; the first outcome stands"
            await self._outbox.journal(envelope, Step(StepKind.CONFLICT, "worker", detail=detail))
        return Repeated(result)
