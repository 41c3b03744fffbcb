"""From messages to what they tell the ledger."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from adapters.ledger.entries import ACCEPTED, BROUGHT_BACK, DEAD, REPLIED, SUPPLIED, Batch, DeadRecord, StepRecord
from adapters.ledger.fold import OTHER_RANK, REQUEST_RANK, About, Ended, ExchangeState, Facts, Place
from contracts import channels
from contracts.envelope import Envelope, MalformedMessage, header, rfc3339
from contracts.errors import BusError, LogError
from contracts.outcome import Outcome, Pattern
from contracts.ports import Stored
from contracts.records import OF_NO_EXCHANGE, MarkKind, StepKind

log = logging.getLogger(__name__)

Decode = Callable[[bytes], Awaitable[dict[str, Any]]]
"""One of the bus's own records from its wire format."""

_INBOX: Final = channels.inbox("")
_EVENT: Final = channels.event("")
_SETTLED: Final = channels.settled("")
_MAX_DETAIL: Final = 200
_TOLD_WITH_ORIGIN: Final = frozenset({Outcome.REFUSED, Outcome.FAILED, Outcome.EXPIRED, Outcome.IN_DOUBT})
_OUTCOMES: Final = frozenset(str(outcome) for outcome in Outcome)
_CHANGES_NOTHING: Final = OF_NO_EXCHANGE | {StepKind.WITHDRAWAL_ASKED}


async def read_into(batch: Batch, stored: Stored, decode: Decode) -> None:
    """Add what one message says. What is no message of ours is passed over, and told in the program's log. LogError."""
    channel = stored.position.channel
    try:
        if channel.startswith((_INBOX, _EVENT)):
            _request(batch, stored)
        elif channel.startswith(_SETTLED):
            await _mark(batch, stored, decode)
        elif channel == channels.REPLY:
            await _reply(batch, stored, decode)
        elif channel == channels.JOURNAL:
            await _journal(batch, stored, decode)
        elif channel == channels.DEAD:
            _dead(batch, stored)
    except (MalformedMessage, ValueError, LookupError, TypeError) as error:
        log.warning("passed over, not a message of the bus: %s: %s", stored.position, error)


def _request(batch: Batch, stored: Stored) -> None:
    envelope = Envelope.read(stored.message.headers)
    place = _place(stored)
    about = About(REQUEST_RANK, envelope.attempt, place, _facts(envelope))
    body_hash = envelope.body_hash or None
    state = ExchangeState(
        stored.time_ms,
        about,
        attempts=envelope.attempt,
        requested=envelope.attempt,
        hash_low=body_hash,
        hash_high=body_hash,
    )
    batch.say(envelope.exchange, state)
    kind = ACCEPTED if envelope.attempt == 1 else BROUGHT_BACK
    batch.steps.append(_step(stored, envelope, kind, place.channel))


async def _mark(batch: Batch, stored: Stored, decode: Decode) -> None:
    envelope = Envelope.read(stored.message.headers)
    kind = MarkKind(header(stored.message.headers, "ce_mark") or "")
    place = _place(stored)
    state = _worked(stored, envelope, place)
    outcome, detail = None, ""
    if kind is MarkKind.SETTLED:
        outcome = _outcome(stored)
        record = await _value(stored, decode) if outcome in _TOLD_WITH_ORIGIN else {}
        state = state._replace(ended=Ended(place, outcome, _origin(record.get("result"))))
        detail = str(record.get("detail", ""))
    elif kind is not MarkKind.STARTED:
        due = header(stored.message.headers, "ce_due")
        detail = str((await _value(stored, decode)).get("detail", ""))
        if kind is MarkKind.HANDED_ON and due is not None:
            state = state._replace(handed_on=envelope.attempt)
            detail = f"again at {rfc3339(int(due))}: {detail}".removesuffix(": ")
    batch.say(envelope.exchange, state)
    batch.steps.append(_step(stored, envelope, kind, place.channel, detail, outcome))


async def _reply(batch: Batch, stored: Stored, decode: Decode) -> None:
    """A query ends with its reply; to a submission the reply is but the news of its end."""
    envelope = Envelope.read(stored.message.headers)
    outcome = _outcome(stored)
    place = _place(stored)
    state = _worked(stored, envelope, place)
    if envelope.pattern is Pattern.QUERY:
        record = await _value(stored, decode) if outcome in _TOLD_WITH_ORIGIN else {}
        state = state._replace(ended=Ended(place, outcome, _origin(record)))
    batch.say(envelope.exchange, state)
    batch.steps.append(_step(stored, envelope, REPLIED, place.channel, "", outcome))


async def _journal(batch: Batch, stored: Stored, decode: Decode) -> None:
    kind = header(stored.message.headers, "ce_step") or ""
    record = await _value(stored, decode)
    if kind == SUPPLIED:
        _supplied(batch, stored, record)
        return
    envelope = Envelope.read(stored.message.headers)
    outcome = header(stored.message.headers, "ce_outcome")
    place = _place(stored)
    # A refusal is no exchange: nothing was accepted, and the sender may use the key again once the fault is mended.
    # What is done to a subscription, or to the configuration, is no exchange either; and an act that is only asked for
    # changes none.
    if kind not in _CHANGES_NOTHING:
        batch.say(envelope.exchange, _told(kind, outcome, _worked(stored, envelope, place)))
    detail = ": ".join(filter(None, (str(record.get("actor", "")), str(record.get("detail", "")))))
    pointers = " ".join(str(pointer) for pointer in record.get("pointers", ()))
    where = str(record.get("place") or place.channel)
    batch.steps.append(_step(stored, envelope, kind, where, f"{detail} {pointers}".strip(), outcome))


def _told(kind: str, outcome: str | None, state: ExchangeState) -> ExchangeState:
    """What a journal line of `kind` adds to the state that any message of a worker brings."""
    place = state.about.place if state.about is not None else None
    if kind == StepKind.CONFLICT:
        return state._replace(conflict_noted=True)
    if kind in {StepKind.DEAD_RETRIED, StepKind.DEAD_DROPPED}:
        state = state._replace(closed=state.attempts)
    if place is not None and kind == StepKind.DEAD_DROPPED:
        return state._replace(ended=Ended(place, str(Outcome.FAILED), None))
    if place is not None and kind == StepKind.RESOLVED and outcome in _OUTCOMES:
        return state._replace(resolved=Ended(place, str(outcome), None))
    return state


def _supplied(batch: Batch, stored: Stored, record: Mapping[str, Any]) -> None:
    position = stored.position
    for item, entry in enumerate(record.get("entries", ())):
        detail = f"{entry['system']}, grant {entry['grant']}"
        batch.steps.append(
            StepRecord(
                *position,
                item,
                exchange=entry["exchange"],
                time_ms=entry["time_ms"],
                kind=SUPPLIED,
                place="gateway",
                attempt=1,
                detail=detail,
                outcome=entry["outcome"],
            )
        )


def _dead(batch: Batch, stored: Stored) -> None:
    headers = stored.message.headers
    position = stored.position
    reason = header(headers, "ce_deadreason") or ""
    origin = header(headers, "ce_deadorigin") or "bus"
    unread = header(headers, "ce_deadfrom")
    if unread is not None:
        # It has no envelope that could be read: where it lay is its only name. Whose inbox that was, the worker said;
        # before there were ordered contracts it did not, and the channel's name told.
        system = header(headers, "ce_deadsystem") or unread.partition("/")[0].removeprefix(_INBOX)
        batch.say(unread, ExchangeState(stored.time_ms, attempts=1, dead=1, worked=True))
        step = StepRecord(*position, 0, unread, stored.time_ms, DEAD, channels.DEAD, 1, _short(reason))
        batch.steps.append(step)
        batch.lay_down(DeadRecord(unread, 1, *position[1:], stored.time_ms, "", system, reason, origin))
        return
    envelope = Envelope.read(headers)
    state = _worked(stored, envelope, _place(stored))._replace(dead=envelope.attempt)
    batch.say(envelope.exchange, state)
    batch.steps.append(_step(stored, envelope, DEAD, channels.DEAD, reason))
    whose = (envelope.exchange, envelope.attempt, *position[1:], stored.time_ms)
    batch.lay_down(DeadRecord(*whose, envelope.contract, envelope.receiver, reason, origin))


def _worked(stored: Stored, envelope: Envelope, place: Place) -> ExchangeState:
    about = About(OTHER_RANK, envelope.attempt, place, _facts(envelope))
    return ExchangeState(stored.time_ms, about, attempts=envelope.attempt, worked=True)


def _place(stored: Stored) -> Place:
    return Place(stored.time_ms, *stored.position)


def _facts(envelope: Envelope) -> Facts:
    return Facts(
        envelope.contract,
        envelope.major,
        str(envelope.pattern),
        envelope.sender,
        envelope.receiver,
        envelope.time_ms,
        envelope.deadline_ms,
        envelope.grant,
        envelope.purpose,
        envelope.end_user,
        envelope.case_key,
        envelope.trace.trace_id,
        envelope.body_hash,
        envelope.configuration,
        envelope.event,
        envelope.order_key,
    )


def _step(
    stored: Stored, envelope: Envelope, kind: str, place: str, detail: str = "", outcome: str | None = None
) -> StepRecord:
    trace = envelope.trace
    return StepRecord(
        *stored.position,
        item=0,
        exchange=envelope.exchange,
        time_ms=stored.time_ms,
        kind=str(kind),
        place=place,
        attempt=envelope.attempt,
        detail=_short(detail),
        outcome=outcome,
        trace_id=trace.trace_id,
        span_id=trace.span_id,
    )


def _outcome(stored: Stored) -> str:
    return str(Outcome(header(stored.message.headers, "ce_outcome") or ""))


def _origin(result: Mapping[str, Any] | None) -> str | None:
    return None if result is None else result.get("origin")


async def _value(stored: Stored, decode: Decode) -> Mapping[str, Any]:
    """The record in the value; empty where it cannot be read, for the headers have told the essential."""
    try:
        return await decode(stored.message.value)
    except LogError:
        raise
    except (BusError, ValueError) as error:
        log.warning("only the headers of %s could be read: %s", stored.position, error)
        return {}


def _short(detail: str) -> str:
    return detail.partition("\n")[0][:_MAX_DETAIL]
