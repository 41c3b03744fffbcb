"""The ways out of each dead end. Every act has a reason, and is written to the journal before it counts as done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from contracts.channels import is_subscription
from contracts.envelope import Envelope, Kind, MalformedMessage, header
from contracts.ingress import PLACE, once_more
from contracts.ledger import DeadRow, ExchangeRow
from contracts.outcome import Outcome, Pattern, State
from contracts.ports import Message, Stored, Transport
from contracts.records import Step, StepKind
from contracts.spans import NO_SPANS, Spans
from contracts.subscriptions import Subscriptions
from contracts.trace import RandomBytes, TraceContext
from contracts.withdrawal import firm_attribute
from gateway.journal import Journal
from gateway.ledger_view import LedgerView
from gateway.problems import Problem

RESOLUTIONS: Final = frozenset({Outcome.DELIVERED, Outcome.FAILED})


@dataclass(frozen=True, slots=True)
class Retried:
    """A dead letter that was sent on: its new attempt and whether it comes after what it should have come before,
    which is so where its contract is `ordered`."""

    attempt: int
    out_of_order: bool


class Operations:
    """What operators do. LogError and LedgerUnavailable pass through."""

    def __init__(
        self,
        transport: Transport,
        ledger: LedgerView,
        journal: Journal,
        now_ms: Callable[[], int],
        random_bytes: RandomBytes,
        subscriptions: Subscriptions,
        spans: Spans = NO_SPANS,
    ) -> None:
        self._transport = transport
        self._subscriptions = subscriptions
        self._ledger = ledger
        self._journal = journal
        self._now_ms = now_ms
        self._random_bytes = random_bytes
        self._spans = spans

    async def dead_letter(self, exchange: str) -> tuple[DeadRow, Stored]:
        """The open dead letter of an exchange, with its body. Problem `dead-letter-not-found`."""
        for row in await self._ledger.dead(exchange=exchange, limit=1):
            stored = await self._transport.read(row.at)
            if stored is not None:
                return row, stored
        raise Problem("dead-letter-not-found", id=exchange)

    async def retry(self, exchange: str, actor: str, reason: str) -> Retried:
        """Send a dead letter on as a new attempt. Problem `dead-letter-not-found`, `dead-letter-unreadable`,
        `subscription-deleted`."""
        row, stored = await self.dead_letter(exchange)
        laid_down = _envelope_of(stored)
        if laid_down is None:
            raise Problem("dead-letter-unreadable", id=exchange)
        dead = self._now(laid_down)
        place = header(stored.message.headers, f"ce_{PLACE}")
        if place is not None:
            await self._transport.append(once_more(place, row.attempt + 1, stored.message))
            await self._journal.write(dead, Step(StepKind.DEAD_RETRIED, "operator", actor, reason))
            return Retried(row.attempt + 1, out_of_order=False)
        if is_subscription(dead.receiver) and self._subscriptions.get(dead.receiver) is None:
            raise Problem("subscription-deleted", id=dead.receiver)
        request = replace(dead, kind=Kind.REQUEST, attempt=row.attempt + 1, reply_to="")
        # Append first: a crash before the journal line leaves the letter open, and a second retry of the same attempt
        # is dropped by its mark.
        headers = request.headers(*firm_attribute(firm=True))
        message = Message(request.inbox.channel, request.key, stored.message.value, headers)
        with self._spans.send(request, message.channel, laid_down.trace) as span:
            span.stored(await self._transport.append(message))
        await self._journal.write(dead, Step(StepKind.DEAD_RETRIED, "operator", actor, reason))
        return Retried(request.attempt, out_of_order=bool(request.order_key))

    async def drop(self, exchange: str, actor: str, reason: str) -> None:
        """Give a dead letter up: its exchange has failed. Problem `dead-letter-not-found`.

        Also one whose envelope nobody can read: the ledger knows it by where it lay.
        """
        row, stored = await self.dead_letter(exchange)
        dead = self._now(_envelope_of(stored) or self._stand_in(row))
        await self._journal.write(dead, Step(StepKind.DEAD_DROPPED, "operator", actor, reason, Outcome.FAILED))

    async def resolve(self, exchange: str, outcome: Outcome, actor: str, reason: str) -> None:
        """Say what became of an exchange in doubt. Problem `exchange-not-found`, `not-in-doubt`."""
        row = await self._ledger.exchange(exchange)
        if row is None or row.accepted_at is None:
            raise Problem("exchange-not-found", id=exchange)
        if row.outcome is not Outcome.IN_DOUBT:
            raise Problem("not-in-doubt", id=exchange, outcome=row.outcome or State.IN_PROGRESS)
        about = await self._request_of(row)
        await self._journal.write(about, Step(StepKind.RESOLVED, "operator", actor, reason, outcome))

    async def _request_of(self, row: ExchangeRow) -> Envelope:
        stored = None if row.accepted_at is None else await self._transport.read(row.accepted_at)
        if stored is None:
            raise Problem("exchange-not-found", id=row.id)
        return self._now(Envelope.read(stored.message.headers))

    def _stand_in(self, row: DeadRow) -> Envelope:
        """What is told of a message without an envelope: where it lay is its name."""
        return Envelope(
            kind=Kind.STEP,
            exchange=row.exchange,
            time_ms=self._now_ms(),
            contract="",
            major=0,
            pattern=Pattern.SUBMISSION,
            sender="",
            receiver=row.system,
            trace=TraceContext.start(self._random_bytes),
            configuration="",
            attempt=row.attempt,
        )

    def _now(self, envelope: Envelope) -> Envelope:
        return replace(envelope, time_ms=self._now_ms(), trace=envelope.trace.child(self._random_bytes))


def _envelope_of(stored: Stored) -> Envelope | None:
    """None where nobody can read it: a stranger wrote the message."""
    try:
        return Envelope.read(stored.message.headers)
    except MalformedMessage:
        return None
