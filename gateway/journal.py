"""What the gateway writes down and nobody waits for: refusals, and who was given what."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from contracts.channels import JOURNAL
from contracts.envelope import CONTENT_TYPE, Envelope, Kind
from contracts.errors import LogError
from contracts.outcome import Outcome
from contracts.ports import Message, OwnCodec, Transport
from contracts.records import AvroRecord, Step, StepKind

log = logging.getLogger(__name__)

_MAX_WAITING: Final = 10_000
_EVERY_S: Final = 1.0


class Journal:
    """Queues journal lines and writes them each second, in bounded memory."""

    def __init__(self, transport: Transport, own: OwnCodec, now_ms: Callable[[], int], instance: str) -> None:
        self._transport = transport
        self._own = own
        self._now_ms = now_ms
        self._instance = instance
        self._steps: list[tuple[Envelope, Step]] = []
        self._supplied: list[AvroRecord] = []

    async def write(self, about: Envelope, step: Step) -> None:
        """One line, awaited until it is durable. LogError."""
        await self._transport.append(self._line(about, step))

    def refused(self, about: Envelope, detail: str, pointers: tuple[str, ...]) -> None:
        """A request that was turned away."""
        if len(self._steps) < _MAX_WAITING:
            self._steps.append((about, Step(StepKind.REFUSED, "gateway", about.sender, detail, pointers=pointers)))

    def supplied(self, exchange: str, system: str, grant: str, outcome: Outcome) -> None:
        """`system` was given the outcome of `exchange` under `grant`."""
        if len(self._supplied) >= _MAX_WAITING:
            log.error("the journal is behind: that %s was given %s is in this line only", system, exchange)
            return
        self._supplied.append(
            {
                "exchange": exchange,
                "system": system,
                "grant": grant,
                "outcome": str(outcome),
                "time_ms": self._now_ms(),
            }
        )

    async def run(self) -> None:
        """Write what is queued each second until cancelled; then once more."""
        try:
            while True:
                await asyncio.sleep(_EVERY_S)
                await self._flush()
        finally:
            await asyncio.shield(self._flush())

    async def _flush(self) -> None:
        entries, self._supplied = self._supplied, []
        steps, self._steps = self._steps, []
        try:
            if entries:
                headers = (("ce_step", b"supplied"), ("content-type", CONTENT_TYPE))
                value = self._own.supplied(entries)
                await self._transport.append(Message(JOURNAL, self._instance.encode(), value, headers))
                entries = []
            while steps:
                await self._transport.append(self._line(*steps[0]))
                steps.pop(0)
        except LogError as error:
            log.warning("the journal waits for the log: %s", error)
            self._supplied = (entries + self._supplied)[:_MAX_WAITING]
            self._steps = (steps + self._steps)[:_MAX_WAITING]

    def _line(self, about: Envelope, step: Step) -> Message:
        extra = [("step", str(step.kind))]
        if step.outcome is not None:
            extra.append(("outcome", str(step.outcome)))
        headers = about.as_(Kind.STEP).headers(*extra)
        return Message(JOURNAL, about.exchange.encode(), self._own.step(step), headers)
