"""How an exchange stands, for those who are a party to it. A receipt is never a 404."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from starlette.responses import Response

from contracts.catalogue import inboxes_of
from contracts.channels import DEAD, JOURNAL, REPLY, event, is_subscription, owner_of
from contracts.envelope import Envelope, MalformedMessage, rfc3339
from contracts.errors import LedgerUnavailable, LogError
from contracts.ledger import ExchangeRow, StepRow
from contracts.outcome import Outcome, Pattern, Result, State
from contracts.partitions import all_partitions
from contracts.ports import Extent, OwnCodec, Partition, Transport
from contracts.reasons import known_reason
from contracts.records import AvroRecord, mark_from_avro, step_from_avro
from contracts.speech import speech
from contracts.subscriptions import Subscriptions, subscription_inboxes
from contracts.wording import Language
from gateway.answers import Answers, Reader, result_members
from gateway.board import Board
from gateway.directory import Directory
from gateway.intake import Principal
from gateway.ledger_view import LedgerView
from gateway.pointers import Pointers
from gateway.problems import Problem

Looked = TypeVar("Looked")

_POLL_S: Final = 0.05
_CATCH_UP_S: Final = 1.0
_MAX_POLLING: Final = 1000
_MAX_COPIES: Final = 1000


class Exchanges:
    """Reads exchanges from the ledger and, where that lags, from the log itself."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        ledger: LedgerView,
        transport: Transport,
        own: OwnCodec,
        answers: Answers,
        pointers: Pointers,
        board: Board,
        subscriptions: Subscriptions,
    ) -> None:
        self._directory = directory
        self._ledger = ledger
        self._transport = transport
        self._own = own
        self._answers = answers
        self._pointers = pointers
        self._board = board
        self._subscriptions = subscriptions
        self._polling = 0
        self._is_over = False

    def let_go(self) -> None:
        """Answer those who wait with what there is: the process is about to end."""
        self._is_over = True

    async def describe(
        self, principal: Principal, exchange: str, at: str, wait_s: float, language: Language
    ) -> dict[str, Any]:
        """The exchange as its party sees it. Problem `exchange-not-found`, `ledger-behind`."""
        row = await self._row(exchange, wait_s)
        if row is None:
            return await self._from_log(principal, exchange, at)
        if not is_party(self._directory(), principal, row.sender, row.receiver):
            raise Problem("exchange-not-found", id=exchange)
        document = _document(row)
        if row.pattern is Pattern.EVENT and not row.event:
            document.update(_deliveries(await self._copies(exchange, wait_s)))
        document["steps"] = [_step(step, language) for step in await self._ledger.steps(exchange)]
        away_s = self._board.away_for_s(row.receiver) if row.outcome is None else 0.0
        if away_s:
            # Nothing is wrong with the exchange: its inbox is paused, and this is when the next trial is due.
            document["receiver_away"] = {"next_trial_s": math.ceil(away_s)}
        if row.outcome is not None:
            document.update(await self._outcome(principal, row, language))
        return document

    async def answer_again(
        self, system: str, exchange: str, wait_s: float, headers: Mapping[str, str], language: Language
    ) -> Response | None:
        """The answer to a repeat of an exchange that is settled; None where it is not. Problem as the first time.

        None also for a submission whose sender does not wait: a receipt is the answer, as the first time.
        """
        row = await self._row(exchange, wait_s)
        if row is None or row.outcome is None or row.settled_at is None:
            return None
        if row.pattern is Pattern.SUBMISSION and not wait_s:
            return None
        stored = await self._transport.read(row.settled_at)
        if stored is None:
            return None
        reader = Reader(system, exchange, row.grant)
        if stored.position.channel != REPLY:
            result = _result_of(await self._own.decode(stored.message.value), row.outcome)
            return self._answers.respond_result(reader, result, headers, language)
        return await self._answers.respond(reader, row.outcome, stored.message.value, headers, language)

    async def _row(self, exchange: str, wait_s: float) -> ExchangeRow | None:
        """The row; waits up to `wait_s` for it to be settled. Problem `ledger-behind`, where there is no ledger now."""

        def ended(row: ExchangeRow | None) -> bool:
            # An event has no end of its own.
            return row is not None and (row.state is State.SETTLED or (row.pattern is Pattern.EVENT and not row.event))

        try:
            return await self._until(lambda: self._ledger.exchange(exchange), ended, wait_s)
        except LedgerUnavailable:
            return None

    async def _copies(self, event: str, wait_s: float) -> Sequence[ExchangeRow]:
        """The copies of an event; waits up to `wait_s` for all of them to be settled."""

        def ended(copies: Sequence[ExchangeRow]) -> bool:
            return bool(copies) and all(copy.state is State.SETTLED for copy in copies)

        return await self._until(lambda: self._ledger.copies(event, limit=_MAX_COPIES), ended, wait_s)

    async def _until(
        self, look: Callable[[], Awaitable[Looked]], ended: Callable[[Looked], bool], wait_s: float
    ) -> Looked:
        """What `look` finds: once it has ended, or when the time is over."""
        loop = asyncio.get_running_loop()
        until = loop.time() + (wait_s if self._polling < _MAX_POLLING else 0)
        self._polling += 1
        try:
            while True:
                found = await look()
                if ended(found) or self._is_over or loop.time() >= until:
                    return found
                await asyncio.sleep(_POLL_S)
        finally:
            self._polling -= 1

    async def _from_log(self, principal: Principal, exchange: str, at: str) -> dict[str, Any]:
        position = self._pointers.read(exchange, at) if at else None
        if position is None:
            await self.ledger_caught_up()
            row = await self._row(exchange, 0)
            if row is None or not is_party(self._directory(), principal, row.sender, row.receiver):
                raise Problem("exchange-not-found", id=exchange)
            return _document(row)
        try:
            stored = await self._transport.read(position)
            envelope = None if stored is None else Envelope.read(stored.message.headers)
        except (LogError, MalformedMessage):
            raise _behind() from None
        if envelope is None or envelope.exchange != exchange:
            raise Problem("exchange-not-found", id=exchange)
        if not is_party(self._directory(), principal, envelope.sender, envelope.receiver):
            raise Problem("exchange-not-found", id=exchange)
        return {**_of_envelope(envelope), "state": str(State.ACCEPTED), "outcome": None, "steps": []}

    async def ledger_caught_up(self, within_s: float = _CATCH_UP_S) -> None:
        """Return once the ledger has read all inboxes and dead letters as of now. Problem `ledger-behind`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        try:
            wanted = await self._extents()
            while True:
                read = await self._ledger.positions()
                if all(read.get(partition, 0) >= extent.end for partition, extent in wanted.items()):
                    return
                if loop.time() >= until:
                    raise _behind()
                await asyncio.sleep(_POLL_S)
        except (LedgerUnavailable, LogError):
            raise _behind() from None

    async def ledger_lag(self) -> int:
        """How many messages the ledger has not read yet. LedgerUnavailable, LogError."""
        wanted = await self._extents()
        read = await self._ledger.positions()
        return sum(max(0, extent.end - max(read.get(where, 0), extent.first)) for where, extent in wanted.items())

    async def _extents(self) -> Mapping[Partition, Extent]:
        """What the log holds of inboxes, their marks, dead letters, the journal and events."""
        directory = self._directory()
        inboxes = inboxes_of(directory.services, directory.contracts)
        for subscription in self._subscriptions.all():
            inboxes += subscription_inboxes(subscription, directory.contracts)
        events = (name for name, each in directory.contracts.items() if each.pattern is Pattern.EVENT)
        channels = [
            DEAD,
            JOURNAL,
            *(each.channel for each in inboxes),
            *(each.settled for each in inboxes),
            *(event(name) for name in events),
        ]
        return await self._transport.extents(
            [partition for channel in channels for partition in all_partitions(self._transport, channel)]
        )

    async def _outcome(self, principal: Principal, row: ExchangeRow, language: Language) -> dict[str, Any]:
        """What the record that ended the exchange says: to the sender, with the answer itself."""
        if row.settled_at is None:
            return {}
        try:
            stored = await self._transport.read(row.settled_at)
        except LogError:
            return {}
        if stored is None:
            return {"detail_expired": True}
        value = stored.message.value
        if stored.position.channel == REPLY:
            if row.outcome is Outcome.DATA and not is_same(self._directory(), principal, row.sender):
                return {}
            reader = Reader(row.sender, row.id, row.grant)
            return await self._answers.document(reader, row.outcome or Outcome.FAILED, value, language)
        record = await self._own.decode(value)
        if "step" in record:
            step = step_from_avro(record)
            return {"decided_by": step.actor, "reason": step.detail}
        result = mark_from_avro(record).result
        return {} if result is None else result_members(result, language)


def _result_of(record: AvroRecord, outcome: Outcome) -> Result:
    """What a mark, or an operator's step, says of an outcome."""
    if "step" in record:
        return Result(outcome, reason=step_from_avro(record).detail)
    return mark_from_avro(record).result or Result(outcome)


def is_party(directory: Directory, principal: Principal, sender: str, receiver: str) -> bool:
    """Whether the exchange is any of the principal's business: of who goes on with a system's work, its exchanges
    too."""
    return principal.operator or any(is_same(directory, principal, each) for each in (sender, owner_of(receiver)))


def is_same(directory: Directory, principal: Principal, system: str) -> bool:
    """Whether the principal is that system, or goes on with its work."""
    return principal.id == system or principal.id == directory.holder_of(system)


def _behind() -> Problem:
    return Problem("ledger-behind", retry_after_s=1, headers={"retry-after": "1"})


def _of_envelope(envelope: Envelope) -> dict[str, Any]:
    return {
        "id": envelope.exchange,
        "contract": f"{envelope.contract}@{envelope.major}",
        "pattern": str(envelope.pattern),
        "sender": envelope.sender,
        **_receiver(envelope.receiver),
        "accepted": rfc3339(envelope.time_ms),
        "trace_id": envelope.trace.trace_id,
    }


def _document(row: ExchangeRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "contract": f"{row.contract}@{row.major}",
        "pattern": str(row.pattern),
        "sender": row.sender,
        **_receiver(row.receiver),
        "state": str(row.state),
        "outcome": None if row.outcome is None else str(row.outcome),
        "accepted": rfc3339(row.accepted_ms),
        "settled": None if row.settled_ms is None else rfc3339(row.settled_ms),
        "attempts": row.attempts,
        "waits_for_person": row.waits_for_person,
        "conflict": row.conflict,
        "trace_id": row.trace_id,
        "configuration": row.configuration,
    }


def _deliveries(copies: Sequence[ExchangeRow]) -> dict[str, Any]:
    """What became of an event, by subscriber; its own state is that of its copies together."""
    if not copies:
        return {"deliveries": [], "delivered": "0 of 0"}
    delivered = sum(copy.outcome is Outcome.DELIVERED for copy in copies)
    counts = Counter(str(copy.outcome or copy.state) for copy in copies if copy.outcome is not Outcome.DELIVERED)
    others = "".join(f", {count} {what}" for what, count in sorted(counts.items()))
    settled = all(copy.state is State.SETTLED for copy in copies)
    return {
        "state": str(State.SETTLED if settled else State.IN_PROGRESS),
        "outcome": str(Outcome.DELIVERED) if delivered == len(copies) else None,
        "waits_for_person": any(copy.waits_for_person for copy in copies),
        "delivered": f"{delivered} of {len(copies)}{others}",
        "deliveries": [_delivery(copy) for copy in copies],
    }


def _delivery(copy: ExchangeRow) -> dict[str, Any]:
    return {
        "id": copy.id,
        **_receiver(copy.receiver),
        "state": str(copy.state),
        "outcome": None if copy.outcome is None else str(copy.outcome),
        "attempts": copy.attempts,
        "settled": None if copy.settled_ms is None else rfc3339(copy.settled_ms),
        "waits_for_person": copy.waits_for_person,
    }


def _receiver(receiver: str) -> dict[str, Any]:
    """The system that receives and, where it subscribed by itself, its subscription."""
    if is_subscription(receiver):
        return {"receiver": owner_of(receiver), "subscription": receiver}
    return {"receiver": receiver}


def _step(step: StepRow, language: Language) -> dict[str, Any]:
    return {
        "time": rfc3339(step.time_ms),
        "kind": step.kind,
        "place": step.place,
        "attempt": step.attempt,
        "detail": speech(language).say(known_reason(step.detail)),
    }
