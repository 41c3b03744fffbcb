"""What gives up comes here: a submission waits for a person, a query is answered `failed`."""

from __future__ import annotations

import logging
import traceback

from adapters.delivery.once import Last, Marks
from adapters.delivery.outbox import Outbox
from adapters.delivery.work import Arrival, ArrivalHandler, HandedOn, Handled
from contracts.errors import Origin, Permanent
from contracts.outcome import Outcome, Pattern, Result
from contracts.records import Mark, MarkKind

log = logging.getLogger(__name__)

_MAX_TRACEBACK = 1500


def dead_letter(follow: ArrivalHandler, outbox: Outbox, marks: Marks) -> ArrivalHandler:
    """Turn what is permanent or unexpected into a dead letter, or into the end of a query."""

    async def handle(arrival: Arrival) -> Handled:
        try:
            return await follow(arrival)
        except Permanent as error:
            detail, origin = error.detail, error.origin
        except Exception as error:
            envelope = arrival.envelope
            ids = {
                "exchange": envelope.exchange,
                "contract": envelope.contract,
                "system": envelope.receiver,
                "attempt": envelope.attempt,
                "trace_id": envelope.trace.trace_id,
            }
            log.exception("unexpected while delivering", extra=ids)
            detail, origin = _unexpected(error), Origin.BUS
        return await lay_down(arrival, detail, origin)

    async def lay_down(arrival: Arrival, detail: str, origin: Origin) -> Handled:
        envelope = arrival.envelope
        if envelope.pattern is Pattern.QUERY:
            reason = detail.partition("\n")[0]
            return Result(Outcome.FAILED, reason=reason, origin=origin)
        await outbox.dead(envelope, arrival.stored.message.value, detail, origin)
        position = await outbox.mark(envelope, Mark(MarkKind.HANDED_ON, detail.partition("\n")[0]))
        last = Last(MarkKind.HANDED_ON, envelope.attempt, position.offset)
        marks.fold(arrival.stored.position.where, envelope.exchange, last)
        return HandedOn(None, detail)

    return handle


def _unexpected(error: Exception) -> str:
    # The message of an unexpected error may quote a record; its place in the code cannot.
    frames = "".join(traceback.format_tb(error.__traceback__)[-6:])
    return f"unexpected {type(error).__name__} in the bus\n{frames[-_MAX_TRACEBACK:]}"
