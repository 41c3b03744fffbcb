"""Everything that a worker writes to the log while it delivers.

A worker that cannot write has nothing better to do than to wait: every append here is repeated until the log has it.
Repeats are harmless, because the first outcome wins, copies are dropped by their marks and an attempt is never put on
a retry channel twice with effect.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Final

from adapters.clock import Clock
from adapters.own_records import OwnRecords
from contracts import channels
from contracts.envelope import Envelope, Headers, Kind
from contracts.errors import LogError, Origin
from contracts.outcome import Result
from contracts.ports import Message, Position, Stored, Transport
from contracts.records import Mark, Step, mark_from_avro
from contracts.spans import NO_SPANS, Spans
from contracts.trace import RandomBytes, TraceContext
from contracts.withdrawal import firm_attribute

log = logging.getLogger(__name__)

_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0
_MAX_NOTES: Final = 1000
_MAX_REASON: Final = 2000


class Outbox:
    """Appends replies, marks, retries, dead letters and journal lines. Used from one event loop."""

    def __init__(
        self,
        transport: Transport,
        own: OwnRecords,
        clock: Clock,
        random_bytes: RandomBytes,
        spans: Spans = NO_SPANS,
    ) -> None:
        self._transport = transport
        self._own = own
        self._clock = clock
        self._random_bytes = random_bytes
        self._spans = spans
        self._notes: set[asyncio.Task[None]] = set()

    async def reply(self, request: Envelope, result: Result) -> None:
        """Tell the gateway that waits for `request`."""
        value = result.record if result.record is not None else self._own.result(result)
        told = self._told(request, Kind.REPLY)
        headers = told.headers(("outcome", result.outcome))
        message = Message(channels.REPLY, (request.reply_to or request.exchange).encode(), value, headers)
        await self._send(told, message, request.trace)

    async def mark(self, request: Envelope, mark: Mark, *, due_ms: int | None = None, firm: bool = False) -> Position:
        """Put a mark beside the inbox of `request`."""
        extra = [("mark", str(mark.kind))]
        if mark.result is not None:
            extra.append(("outcome", str(mark.result.outcome)))
        if due_ms is not None:
            extra.append(("due", str(due_ms)))
        told = self._told(request, Kind.MARK)
        message = Message(
            request.inbox.settled, request.key, self._own.mark(mark), told.headers(*extra, *firm_attribute(firm=firm))
        )
        return await self._send(told, message, request.trace)

    async def retry(self, request: Envelope, value: bytes, *, delay_s: int, firm: bool = False) -> int:
        """Send `request` to a retry channel as its next attempt; answers when it is due (ms since 1970)."""
        due_ms = self._clock() + delay_s * 1000
        told = replace(self._hop(request), attempt=request.attempt + 1)
        headers = told.headers(("due", str(due_ms)), *firm_attribute(firm=firm))
        message = Message(channels.retry(delay_s), request.exchange.encode(), value, headers)
        await self._send(told, message, request.trace)
        return due_ms

    async def again(
        self, request: Envelope, value: bytes, *, link: TraceContext | None = None, firm: bool = False
    ) -> None:
        """Bring a request to its inbox, once more or as a copy; then `link` is the event that it is a copy of."""
        told = self._hop(request)
        message = Message(request.inbox.channel, request.key, value, told.headers(*firm_attribute(firm=firm)))
        await self._send(told, message, request.trace, link)

    async def dead(self, request: Envelope, value: bytes, reason: str, origin: Origin, *extra: tuple[str, str]) -> None:
        """Lay `request` down for a person, with its body and its reason; `extra` are further attributes."""
        told = self._told(request, Kind.DEAD)
        headers = told.headers(("deadreason", reason[:_MAX_REASON]), ("deadorigin", str(origin)), *extra)
        await self._send(told, Message(channels.DEAD, request.exchange.encode(), value, headers), request.trace)

    async def dead_unread(self, stored: Stored, reason: str, *, system: str = "") -> None:
        """Lay down a message that is not one of ours: its headers as they are, where it lay, whose inbox it was."""
        position = stored.position
        extra: Headers = (
            ("ce_deadreason", reason[:_MAX_REASON].encode()),
            ("ce_deadorigin", str(Origin.BUS).encode()),
            ("ce_deadfrom", f"{position.channel}/{position.partition}/{position.offset}".encode()),
            *((("ce_deadsystem", system.encode()),) if system else ()),
        )
        message = stored.message
        await self._append(Message(channels.DEAD, message.key, message.value, message.headers + extra))

    async def journal(self, request: Envelope, step: Step) -> None:
        """Write down what leaves no message."""
        extra = [("step", str(step.kind))]
        if step.outcome is not None:
            extra.append(("outcome", str(step.outcome)))
        told = self._told(request, Kind.STEP)
        message = Message(channels.JOURNAL, request.exchange.encode(), self._own.step(step), told.headers(*extra))
        await self._send(told, message, request.trace)

    def note(self, request: Envelope, step: Step) -> None:
        """`journal`, not awaited. Where a thousand wait already, the line goes to the program's log only."""
        if len(self._notes) >= _MAX_NOTES:
            log.warning("journal is behind: %s of %s not written", step.kind, request.exchange)
            return
        self._keep(self.journal(request, step))

    async def drain(self) -> None:
        """Wait for what `note` left under way."""
        if self._notes:
            await asyncio.wait(self._notes, timeout=_LONGEST_PAUSE_S)

    async def read_settled(self, channel: str, partition: int, offset: int) -> tuple[Envelope, Result] | None:
        """The settled mark at that place with its envelope; None where retention took it or it is no such mark."""
        while True:
            try:
                stored = await self._transport.read(Position(channel, partition, offset))
                break
            except LogError as error:
                log.warning("cannot read a mark back yet: %s", error)
                await asyncio.sleep(_LONGEST_PAUSE_S)
        if stored is None:
            return None
        record = await self._own.decode(stored.message.value)
        if "mark" not in record:
            return None
        result = mark_from_avro(record).result
        return None if result is None else (Envelope.read(stored.message.headers), result)

    def _told(self, request: Envelope, kind: Kind) -> Envelope:
        return replace(self._hop(request), kind=kind, time_ms=self._clock())

    def _hop(self, request: Envelope) -> Envelope:
        """Every message has a span of its own."""
        return replace(request, trace=request.trace.child(self._random_bytes))

    async def _send(
        self, told: Envelope, message: Message, under: TraceContext, link: TraceContext | None = None
    ) -> Position:
        with self._spans.send(told, message.channel, under, link=link) as span:
            position = await self._append(message)
            span.stored(position)
            return position

    async def _append(self, message: Message) -> Position:
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                return await self._transport.append(message)
            except LogError as error:
                log.warning("append to %s waits for the log: %s", message.channel, error)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)
