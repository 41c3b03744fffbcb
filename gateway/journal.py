"""What the gateway writes down and nobody waits for: refusals, and who was given what."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
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
_IN_A_BATCH: Final = 2_000
"""So many lines stay well below the size that a message may have."""


class Journal:
    """Queues journal lines and writes them each second, in bounded memory."""

    def __init__(self, transport: Transport, own: OwnCodec, now_ms: Callable[[], int], instance: str) -> None:
        self._transport = transport
        self._own = own
        self._now_ms = now_ms
        self._instance = instance
        self._steps: list[tuple[Envelope, Step]] = []
        self._supplied: list[AvroRecord] = []
        self._full_batch = asyncio.Event()

    async def write(self, about: Envelope, step: Step) -> None:
        """One line, awaited until it is durable. LogError."""
        await self._transport.append(self._line(about, step))

    def refused(self, about: Envelope, detail: str, pointers: tuple[str, ...]) -> None:
        """A request that was turned away."""
        self.noted(about, Step(StepKind.REFUSED, "gateway", about.sender, detail, pointers=pointers))

    def noted(self, about: Envelope, step: Step) -> None:
        """A line that nobody waits for; while the log is behind, at most 10,000 of them are kept."""
        if len(self._steps) < _MAX_WAITING:
            self._steps.append((about, step))

    def has_room(self, count: int) -> bool:
        """Whether so many more lines of `supplied` can be queued."""
        return len(self._supplied) + count <= _MAX_WAITING

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
        if len(self._supplied) >= _IN_A_BATCH:
            self._full_batch.set()

    async def run(self) -> None:
        """Write what is queued each second, or once there is a batch, until cancelled; then once more."""
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_EVERY_S):
                        await self._full_batch.wait()
                self._full_batch.clear()
                if not await self._flush():
                    await asyncio.sleep(_EVERY_S)
        finally:
            await asyncio.shield(self._flush())

    async def _flush(self) -> bool:
        """Write all that is queued; False where the log has not taken it."""
        entries, self._supplied = self._supplied, []
        steps, self._steps = self._steps, []
        try:
            while entries:
                headers = (("ce_step", b"supplied"), ("content-type", CONTENT_TYPE))
                value = self._own.supplied(entries[:_IN_A_BATCH])
                await self._transport.append(Message(JOURNAL, self._instance.encode(), value, headers))
                del entries[:_IN_A_BATCH]
            while steps:
                await self._transport.append(self._line(*steps[0]))
                steps.pop(0)
        except LogError as error:
            log.warning("the journal waits for the log: %s", error)
            self._supplied = (entries + self._supplied)[:_MAX_WAITING]
            self._steps = (steps + self._steps)[:_MAX_WAITING]
            return False
        return True

    def _line(self, about: Envelope, step: Step) -> Message:
        extra = [("step", str(step.kind))]
        if step.outcome is not None:
            extra.append(("outcome", str(step.outcome)))
        headers = about.as_(Kind.STEP).headers(*extra)
        return Message(JOURNAL, about.exchange.encode(), self._own.step(step), headers)
