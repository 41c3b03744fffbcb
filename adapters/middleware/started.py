"""Before a call whose repetition could do harm, the log has it that the call was begun."""

from __future__ import annotations

from adapters.delivery.once import Last, Marks
from adapters.delivery.outbox import Outbox
from adapters.delivery.waiting import Waiting
from adapters.delivery.work import Attempt, Work
from contracts.outcome import Pattern, Result
from contracts.records import Mark, MarkKind


def started(follow: Attempt, outbox: Outbox, marks: Marks, waiting: Waiting) -> Attempt:
    """Put the mark `started` of a submission, or of a copy of an event, to a provider that is not idempotent.

    As late as can be: whoever ends while a call waits for its turn did not make it, and must not leave it in doubt.
    From here on nothing interrupts the attempt.
    """

    async def handle(work: Work) -> Result:
        envelope = work.envelope
        waiting.begun(envelope.exchange)
        if envelope.pattern is not Pattern.QUERY and not work.service.idempotent:
            position = await outbox.mark(envelope, Mark(MarkKind.STARTED))
            last = Last(MarkKind.STARTED, envelope.attempt, position.offset)
            marks.fold(work.stored.position.where, envelope.exchange, last)
            waiting.must_be_seen()
        return await follow(work)

    return handle
