"""States as rows and rows as what the ledger shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Row

from adapters.ledger.entries import ACCEPTED, REPLIED, StepRecord
from adapters.ledger.fold import REQUEST_RANK, About, Ended, ExchangeState, Facts, Place
from contracts import channels
from contracts.errors import Origin
from contracts.ledger import DeadRow, ExchangeRow, StepRow
from contracts.outcome import Outcome, Pattern, State
from contracts.ports import Known, Position
from contracts.records import MarkKind, StepKind

LATE: Final = "late"
REPEATED: Final = "repeated"

_SETTLED: Final = channels.settled("")
_NO_ABOUT: Final = (None,) * (2 + len(Place._fields) + len(Facts._fields))
_NO_END: Final = (None,) * (len(Place._fields) + 2)
_CHANNEL_ORDER: Final = {"in": 0, "event": 0, channels.DEAD: 1, "settled": 2, channels.REPLY: 3}


def to_row(exchange: str, state: ExchangeState) -> tuple[Any, ...]:
    """The row of table `exchanges`, in the order of its columns."""
    about, ended, resolved, end = state.about, state.ended, state.resolved, state.end
    return (
        exchange,
        *(_NO_ABOUT if about is None else (about.rank, about.attempt, *about.place, *about.facts)),
        *(_NO_END if ended is None else (*ended.place, ended.outcome, ended.origin)),
        *(_NO_END[1:] if resolved is None else (*resolved.place, resolved.outcome)),
        state.attempts,
        state.requested,
        state.handed_on,
        state.dead,
        state.closed,
        state.seen_ms,
        state.worked,
        state.conflict_noted,
        state.hash_low,
        state.hash_high,
        str(state.state),
        None if end is None else end.outcome,
        state.waits_attempt,
    )


def to_state(row: Row[Any]) -> ExchangeState:
    """The state that `to_row` laid out."""
    about = ended = resolved = None
    if row.about_rank is not None:
        place = Place(row.about_log_ms, row.about_channel, row.about_partition, row.about_offset)
        about = About(row.about_rank, row.about_attempt, place, _facts(row))
    if row.ended_ms is not None:
        place = Place(row.ended_ms, row.ended_channel, row.ended_partition, row.ended_offset)
        ended = Ended(place, row.ended_outcome, row.ended_origin)
    if row.resolved_ms is not None:
        place = Place(row.resolved_ms, row.resolved_channel, row.resolved_partition, row.resolved_offset)
        resolved = Ended(place, row.resolved_outcome, None)
    return ExchangeState(
        row.seen_ms,
        about,
        ended,
        resolved,
        row.attempts,
        row.requested,
        row.handed_on,
        row.dead,
        row.closed,
        row.worked,
        row.conflict_noted,
        row.hash_low,
        row.hash_high,
    )


def to_exchange(row: Row[Any]) -> ExchangeRow:
    """What the ledger shows of an exchange. `row` has what `exchanges` has and `dead_origin`."""
    state = to_state(row)
    end = state.end
    accepted_at = None
    if row.about_rank == REQUEST_RANK:
        accepted_at = Position(row.about_channel, row.about_partition, row.about_offset)
    origin = _origin(row, state.ended, end)
    return ExchangeRow(
        id=row.id,
        contract=row.contract,
        major=row.major,
        pattern=Pattern(row.pattern),
        sender=row.sender,
        receiver=row.receiver,
        accepted_ms=row.seen_ms if accepted_at is None else row.sealed_ms,
        accepted_at=accepted_at,
        grant=row.grant_id,
        purpose=row.purpose,
        end_user=row.end_user,
        case_key=row.case_key,
        trace_id=row.trace_id,
        body_hash=row.body_hash,
        configuration=row.configuration,
        event=row.event,
        attempts=row.attempts,
        state=State(row.state),
        outcome=None if end is None else Outcome(end.outcome),
        origin=None if origin is None else Origin(origin),
        settled_ms=None if end is None else end.place.time_ms,
        settled_at=None if end is None else Position(*end.place[1:]),
        waits_for_person=row.waits_attempt is not None,
        conflict=state.conflict,
        sealed_ms=row.sealed_ms,
    )


def to_known(row: Row[*tuple[Any, ...]]) -> Known:
    """What intake asks. `row` is of an exchange whose request was seen."""
    accepted = Position(row.about_channel, row.about_partition, row.about_offset)
    is_settled = row.outcome is not None
    return Known(row.id, row.contract, row.major, row.sender, row.receiver, row.body_hash, accepted, is_settled)


def to_dead(row: Row[Any]) -> DeadRow:
    """A dead letter. `row` has what `dead` has and `waits_attempt` of its exchange."""
    return DeadRow(
        exchange=row.exchange,
        contract=row.contract,
        system=row.system,
        attempt=row.attempt,
        time_ms=row.time_ms,
        reason=row.reason,
        origin=row.origin,
        is_open=row.waits_attempt == row.attempt,
        at=Position(channels.DEAD, row.partition, row.offset),
    )


def in_order(steps: Iterable[StepRecord]) -> list[StepRecord]:
    """The steps of one exchange as they happened, and named for what they turned out to be.

    Of several ends the first in the log stands: another outcome after it is `late`, the same one `repeated`, as is a
    request that was accepted more than once. Within a millisecond the order is that in which the bus writes.
    """
    ordered = sorted(steps, key=_as_it_happened)
    # Only submissions have marks; there a reply is but the news of the end.
    has_marks = any(step.channel.startswith(_SETTLED) for step in ordered)
    ending = MarkKind.SETTLED if has_marks else REPLIED
    accepted = min((_log_place(step) for step in ordered if step.kind == ACCEPTED), default=None)
    end = min((step for step in ordered if step.kind in {ending, StepKind.DEAD_DROPPED}), key=_log_place, default=None)

    def named(step: StepRecord) -> StepRecord:
        if step.kind == ACCEPTED and _log_place(step) != accepted:
            return step._replace(kind=REPEATED)
        if step.kind == ending and end is not None and _log_place(step) != _log_place(end):
            return step._replace(kind=REPEATED if step.outcome == end.outcome else LATE)
        return step

    return [named(step) for step in ordered]


def to_step(step: StepRecord) -> StepRow:
    """What the ledger shows of a step."""
    at = Position(step.channel, step.partition, step.offset)
    detail = ": ".join(filter(None, (step.outcome, step.detail)))
    return StepRow(step.exchange, step.time_ms, step.kind, step.place, step.attempt, detail, at, step.outcome or "")


def _facts(row: Row[Any]) -> Facts:
    return Facts(
        row.contract,
        row.major,
        row.pattern,
        row.sender,
        row.receiver,
        row.sealed_ms,
        row.deadline_ms,
        row.grant_id,
        row.purpose,
        row.end_user,
        row.case_key,
        row.trace_id,
        row.body_hash,
        row.configuration,
        row.event,
        row.order_key,
    )


def _origin(row: Row[Any], ended: Ended | None, end: Ended | None) -> str | None:
    """Who failed. A dropped dead letter failed where its attempt did; what an operator found out has no origin."""
    if end is None or end is not ended:
        return None
    origin: str | None = row.dead_origin if end.place.channel == channels.JOURNAL else end.origin
    return origin


def _log_place(step: StepRecord) -> Place:
    return Place(step.time_ms, step.channel, step.partition, step.offset)


def _as_it_happened(step: StepRecord) -> tuple[int, int, int, StepRecord]:
    kind = step.channel.partition(".")[0]
    return step.time_ms, step.attempt, _CHANNEL_ORDER.get(kind, len(_CHANNEL_ORDER)), step
