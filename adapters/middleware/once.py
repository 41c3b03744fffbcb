"""At least once to the provider, once in effect.

Queries are idempotent by definition and pass. A submission is judged by its marks; a provider that is not idempotent
is called only after `started` is durable, so that a call whose end nobody saw is known as such.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from adapters.delivery.once import Last, Marks, Verdict
from adapters.delivery.outbox import Outbox
from adapters.delivery.work import Dropped, HandedOn, Handled, Handler, Repeated, Work
from contracts.channels import settled
from contracts.errors import Indeterminate, LedgerUnavailable, Origin
from contracts.outcome import Outcome, Pattern, Result
from contracts.ports import Ledger
from contracts.records import Mark, MarkKind, Step, StepKind

log = logging.getLogger(__name__)

_ASK_AGAIN_S: Final = 1.0
_LOST: Final = (
    "the call was begun and its end was not seen; nobody but the receiving system knows whether it took effect"
)


def once(follow: Handler, marks: Marks, outbox: Outbox, ledger: Ledger) -> Handler:
    """Let each attempt through at most once, and put its end beside the inbox."""

    async def handle(work: Work) -> Handled:
        envelope = work.envelope
        if envelope.pattern is Pattern.QUERY:
            return await follow(work)
        async with marks.serialised(envelope.exchange):
            if envelope.unverified and await _known_before(work, ledger):
                return Dropped("its idempotency key was used before")
            verdict, last = marks.judge(work.stored.position.where, envelope.exchange, envelope.attempt)
            match verdict, last:
                case Verdict.DROP, _:
                    return Dropped("this attempt was handed on before")
                case Verdict.SAME_AGAIN, Last() as mark:
                    return await same_again(work, mark)
                case Verdict.IN_DOUBT, _:
                    return await settle(work, Result(Outcome.IN_DOUBT, reason=_LOST, origin=Origin.BUS))
                case _:
                    return await attempt(work)

    async def attempt(work: Work) -> Handled:
        if not work.service.idempotent:
            await put(work, Mark(MarkKind.STARTED))
        try:
            handled = await follow(work)
        except Indeterminate as error:
            handled = Result(Outcome.IN_DOUBT, reason=error.detail, origin=error.origin)
        if isinstance(handled, Result):
            return await settle(work, handled)
        if isinstance(handled, HandedOn):
            await put(work, Mark(MarkKind.HANDED_ON, handled.detail), due_ms=handled.due_ms)
        return handled

    async def settle(work: Work, result: Result) -> Result:
        await put(work, Mark(MarkKind.SETTLED, result=result))
        return result

    async def put(work: Work, mark: Mark, *, due_ms: int | None = None) -> None:
        envelope = work.envelope
        position = await outbox.mark(envelope, mark, due_ms=due_ms)
        marks.fold(work.stored.position.where, envelope.exchange, Last(mark.kind, envelope.attempt, position.offset))

    async def same_again(work: Work, mark: Last) -> Handled:
        envelope = work.envelope
        read = await outbox.read_settled(settled(envelope.receiver), work.stored.position.partition, mark.offset)
        if read is None:
            return Dropped("it is settled; its outcome is no longer in the log")
        first, result = read
        if first.body_hash != envelope.body_hash:
            log.warning("exchange %s came again with another body; the first outcome stands", envelope.exchange)
            detail = "the same idempotency key came with another body; the first outcome stands"
            await outbox.journal(envelope, Step(StepKind.CONFLICT, "worker", detail=detail))
        return Repeated(result)

    return handle


async def _known_before(work: Work, ledger: Ledger) -> bool:
    """Whether the ledger knows this exchange from an earlier message; waits until it can say."""
    envelope = work.envelope
    while True:
        try:
            read_to = await ledger.position(work.stored.position.where)
            if read_to > work.stored.position.offset:
                known = (await ledger.known([envelope.exchange])).get(envelope.exchange)
                return known is not None and known.accepted != work.stored.position
        except LedgerUnavailable as error:
            log.info("exchange %s waits for the ledger: %s", envelope.exchange, error)
        await asyncio.sleep(_ASK_AGAIN_S)
