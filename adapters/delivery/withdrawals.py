"""What senders and operators have asked to withdraw: a fold over the channel `withdrawals`, in every worker.

A record holds the envelope of the submission's request, and who asked and why. Only its place is kept in memory: it is
read again when it counts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from adapters.own_records import OwnRecords
from contracts.channels import WITHDRAWALS
from contracts.envelope import Envelope, Kind, MalformedMessage
from contracts.errors import LogError, LogUnavailable
from contracts.outcome import Pattern, Result
from contracts.ports import Partition, Position, Reader, Stored, Transport, partition_of
from contracts.records import step_from_avro
from contracts.withdrawal import withdrawn

log = logging.getLogger(__name__)

_PARTITION: Final = Partition(WITHDRAWALS, 0)
_START_S: Final = 120.0
_WAIT_S: Final = 5.0
_AGAIN_S: Final = 1.0
_FORGET_EVERY: Final = 1000

Told = Callable[[Partition, str], None]
"""Told of the inbox partition and the exchange that somebody asked to withdraw."""


class Asked(NamedTuple):
    """Where the first record about an exchange lies, and the log's time of it (milliseconds since 1970)."""

    offset: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A submission that is to be withdrawn, and how it ends where it is."""

    request: Envelope
    result: Result


class Withdrawals:
    """Used from one event loop. What retention takes from the channel is forgotten: so are the requests by then."""

    def __init__(self, transport: Transport, own: OwnRecords) -> None:
        self._transport = transport
        self._own = own
        self._asked: dict[Partition, dict[str, Asked]] = {}
        self._told: list[Told] = []
        self._read = 0
        self._folded = 0
        self._news = asyncio.Condition()
        self._reader: Reader | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read what the channel holds, and follow it from now on. LogUnavailable."""
        end = (await self._transport.extents([_PARTITION]))[_PARTITION].end
        self._reader = await self._transport.reader({_PARTITION: 0})
        self._task = asyncio.create_task(self._follow(self._reader), name="withdrawals")
        try:
            async with asyncio.timeout(_START_S), self._news:
                await self._news.wait_for(lambda: self._read >= end)
        except TimeoutError:
            raise LogUnavailable("the withdrawals could not be read to their end in time") from None

    async def close(self) -> None:
        """Stop following. Idempotent."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._reader is not None:
            await self._reader.close()
            self._reader = None

    def tell(self, told: Told) -> None:
        """Tell `told` of each that comes from now on, right after it counts."""
        self._told.append(told)

    def tell_no_more(self, told: Told) -> None:
        """Undo `tell`. Idempotent."""
        if told in self._told:
            self._told.remove(told)

    def asked(self, inbox: Partition, exchange: str) -> Asked | None:
        """Whether somebody asked to withdraw `exchange`, whose request lies in `inbox`."""
        return self._asked.get(inbox, {}).get(exchange)

    def of(self, inbox: Partition, since_ms: int) -> list[str]:
        """The exchanges in `inbox` that somebody asked to withdraw at or after `since_ms`."""
        return [exchange for exchange, asked in self._asked.get(inbox, {}).items() if asked.time_ms >= since_ms]

    async def read(self, inbox: Partition, exchange: str) -> Withdrawal | None:
        """The withdrawal of `exchange`; None where there is none (any more)."""
        asked = self.asked(inbox, exchange)
        while asked is not None:
            try:
                stored = await self._transport.read(Position(*_PARTITION, asked.offset))
                return None if stored is None else await self._withdrawal(stored)
            except LogError as error:
                log.warning("a withdrawal waits for the log: %s", error)
                await asyncio.sleep(_AGAIN_S)
        return None

    async def _withdrawal(self, stored: Stored) -> Withdrawal:
        step = step_from_avro(await self._own.decode(stored.message.value))
        request = Envelope.read(stored.message.headers).as_(Kind.REQUEST)
        return Withdrawal(request, withdrawn(step.actor, step.detail))

    async def _follow(self, reader: Reader) -> None:
        while True:
            for stored in await reader.take(wait_s=_WAIT_S):
                self._fold(stored)
            if self._folded >= _FORGET_EVERY:
                await self._forget()
            async with self._news:
                self._read = reader.positions()[_PARTITION]
                self._news.notify_all()

    def _fold(self, stored: Stored) -> None:
        try:
            envelope = Envelope.read(stored.message.headers)
            channel = envelope.inbox.channel
            inbox = Partition(channel, partition_of(envelope.key, self._transport.partitions(channel)))
        except (MalformedMessage, ValueError) as error:
            # Also that of a system which this workspace does not have (any more): nobody serves its inbox here.
            log.warning("passed over, no withdrawal: %s: %s", stored.position, error)
            return
        if envelope.pattern is not Pattern.SUBMISSION:
            return
        self._folded += 1
        known = self._asked.setdefault(inbox, {})
        if envelope.exchange not in known:
            known[envelope.exchange] = Asked(stored.position.offset, stored.time_ms)
            for told in self._told:
                told(inbox, envelope.exchange)

    async def _forget(self) -> None:
        try:
            first = (await self._transport.extents([_PARTITION]))[_PARTITION].first
        except LogError as error:
            log.info("old withdrawals are kept a little longer: %s", error)
            return
        self._folded = 0
        for inbox, known in list(self._asked.items()):
            kept = {exchange: asked for exchange, asked in known.items() if asked.offset >= first}
            self._asked[inbox] = kept
