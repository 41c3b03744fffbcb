"""Taking a submission back that its receiver has not taken yet.

The worker that holds its inbox decides; here it is asked. Two may ask: who sent it, and operators.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from contracts.channels import WITHDRAWALS
from contracts.envelope import Envelope, Kind
from contracts.ledger import ExchangeRow
from contracts.outcome import Outcome, Pattern, State
from contracts.ports import Message, OwnCodec, Transport
from contracts.records import MarkKind, Step, StepKind, mark_from_avro
from contracts.trace import RandomBytes
from contracts.withdrawal import is_firm, is_withdrawn
from gateway.directory import Directory
from gateway.exchanges import Exchanges, is_party, is_same
from gateway.intake import Principal
from gateway.journal import Journal
from gateway.ledger_view import LedgerView
from gateway.problems import Problem

_WAIT_S: Final = 2.0
_POLL_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a withdrawal stands: `done`, or asked for and not yet decided."""

    state: State
    done: bool


class Withdrawing:
    """LogError and LedgerUnavailable pass through."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        transport: Transport,
        own: OwnCodec,
        ledger: LedgerView,
        exchanges: Exchanges,
        journal: Journal,
        now_ms: Callable[[], int],
        random_bytes: RandomBytes,
    ) -> None:
        self._directory = directory
        self._transport = transport
        self._own = own
        self._ledger = ledger
        self._exchanges = exchanges
        self._journal = journal
        self._now_ms = now_ms
        self._random_bytes = random_bytes

    async def withdraw(self, principal: Principal, exchange: str, reason: str) -> Asked:
        """Ask for it, and wait a short while for the decision.

        Problem `exchange-not-found`, `sender-only`, `not-a-submission`, `too-late-to-withdraw`, `gave-up-before`,
        `maybe-taken`, `ledger-behind`.
        """
        # Whether it is too late is asked of a ledger that has seen all that there was.
        await self._exchanges.ledger_caught_up()
        row = await self._row(principal, exchange)
        if row.state is not State.SETTLED:
            await self._check_not_taken(row)
            await self._ask(row, principal.id, reason)
            row = await self._decided(row)
        if row.waits_for_person:
            raise _gave_up(row)
        if row.state is not State.SETTLED:
            return Asked(row.state, done=False)
        if not await self._is_withdrawn(row):
            raise Problem("too-late-to-withdraw", id=exchange, outcome=row.outcome, members=_as_it_is(row))
        return Asked(row.state, done=True)

    async def _row(self, principal: Principal, exchange: str) -> ExchangeRow:
        known, row = self._directory(), await self._ledger.exchange(exchange)
        if row is None or row.accepted_at is None or not is_party(known, principal, row.sender, row.receiver):
            raise Problem("exchange-not-found", id=exchange)
        if not principal.operator and not is_same(known, principal, row.sender):
            raise Problem("sender-only", id=exchange)
        if row.pattern is not Pattern.SUBMISSION:
            raise Problem("not-a-submission", id=exchange, pattern=row.pattern)
        return row

    async def _check_not_taken(self, row: ExchangeRow) -> None:
        steps = await self._ledger.steps(row.id)
        if any(step.kind == "dead" for step in steps):
            raise _gave_up(row)
        for step in steps:
            if step.kind == MarkKind.HANDED_ON:
                stored = await self._transport.read(step.at)
                if stored is not None and is_firm(stored.message.headers):
                    raise Problem("maybe-taken", id=row.id, receiver=row.receiver, members=_as_it_is(row))

    async def _ask(self, row: ExchangeRow, actor: str, reason: str) -> None:
        stored = None if row.accepted_at is None else await self._transport.read(row.accepted_at)
        if stored is None:
            raise Problem("exchange-not-found", id=row.id)
        request = Envelope.read(stored.message.headers)
        trace = request.trace.child(self._random_bytes)
        about = replace(request, kind=Kind.STEP, attempt=row.attempts, time_ms=self._now_ms(), trace=trace)
        step = Step(StepKind.WITHDRAWAL_ASKED, "gateway", actor, reason)
        # The journal first: what is decided afterwards is never without who asked for it, and why.
        await self._journal.write(about, step)
        await self._transport.append(Message(WITHDRAWALS, row.id.encode(), self._own.step(step), about.headers()))

    async def _decided(self, row: ExchangeRow) -> ExchangeRow:
        """The row once it is settled or given up, or as it is after a short while."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _WAIT_S
        while row.state is not State.SETTLED and not row.waits_for_person and loop.time() < until:
            await asyncio.sleep(_POLL_S)
            row = await self._ledger.exchange(row.id) or row
        return row

    async def _is_withdrawn(self, row: ExchangeRow) -> bool:
        if row.outcome is not Outcome.FAILED or row.settled_at is None:
            return False
        stored = await self._transport.read(row.settled_at)
        record = {} if stored is None else await self._own.decode(stored.message.value)
        result = mark_from_avro(record).result if "mark" in record else None
        return result is not None and is_withdrawn(result)


def _gave_up(row: ExchangeRow) -> Problem:
    return Problem("gave-up-before", id=row.id, members=_as_it_is(row))


def _as_it_is(row: ExchangeRow) -> dict[str, str | None]:
    return {"id": row.id, "state": str(row.state), "outcome": None if row.outcome is None else str(row.outcome)}
