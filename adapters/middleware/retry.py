"""What has not taken effect is tried again: a query at once, a submission through the retry channels or, where its
contract is `ordered`, where it lies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from adapters.clock import Clock
from adapters.delivery.outbox import Outbox
from adapters.delivery.work import Attempt, HandedOn, Handled, Work
from contracts.errors import DeliveryError, Indeterminate, Permanent, Transient
from contracts.outcome import Pattern
from contracts.records import Mark, MarkKind, Step, StepKind

_QUERY_PAUSES_S: Final = (0.0, 0.2)


class Retry:
    """Tries again by the schedule `delays_s`; Permanent once that is used up."""

    def __init__(self, follow: Attempt, outbox: Outbox, delays_s: Sequence[int], clock: Clock) -> None:
        self._follow = follow
        self._outbox = outbox
        self._delays_s = delays_s
        self._clock = clock

    async def __call__(self, work: Work) -> Handled:
        """Make the attempt. Permanent; Indeterminate where the provider is not idempotent."""
        if work.envelope.pattern is Pattern.QUERY:
            return await self._in_place(work)
        try:
            return await self._follow(work)
        except Indeterminate as error:
            if not work.service.idempotent:
                raise
            return await self._later(work, error)
        except Transient as error:
            return await self._later(work, error)

    async def _in_place(self, work: Work) -> Handled:
        for pause_s in _QUERY_PAUSES_S:
            try:
                return await self._follow(work)
            except (Transient, Indeterminate) as error:
                step = Step(StepKind.ATTEMPT_FAILED, "worker", work.envelope.receiver, error.detail)
                self._outbox.note(work.envelope, step)
            await asyncio.sleep(pause_s)
        try:
            return await self._follow(work)
        except (Transient, Indeterminate) as error:
            raise Permanent(error.detail, origin=error.origin) from error

    async def _later(self, work: Work, error: DeliveryError) -> HandedOn:
        envelope = work.envelope
        wanted_s = error.retry_after_s if isinstance(error, Transient) else None
        delay_s = next_delay_s(self._delays_s, envelope.attempt, wanted_s)
        if delay_s is None:
            raise Permanent(f"gave up after {envelope.attempt} attempts: {error.detail}", origin=error.origin)
        firm = work.firm or isinstance(error, Indeterminate)
        if not work.service.idempotent:
            # Between here and `handed_on` a crash must not read as "called, end unknown".
            await self._outbox.mark(envelope, Mark(MarkKind.NOT_SENT, error.detail))
        if envelope.order_key:
            # Nothing of the same key may pass it, so it goes nowhere: its lane waits with it.
            return HandedOn(self._clock() + delay_s * 1000, error.detail, firm)
        due_ms = await self._outbox.retry(envelope, work.stored.message.value, delay_s=delay_s, firm=firm)
        return HandedOn(due_ms, error.detail, firm)


def next_delay_s(delays_s: Sequence[int], attempt: int, wanted_s: float | None) -> int | None:
    """How long to wait after `attempt`; None where the schedule is used up.

    `wanted_s`, what the provider asked for, rounds up to the next delay there is; beyond the longest, the longest.
    """
    if attempt > len(delays_s):
        return None
    delay_s = delays_s[attempt - 1]
    if wanted_s is None or wanted_s <= delay_s:
        return delay_s
    return min((each for each in delays_s if each >= wanted_s), default=max(delays_s))
