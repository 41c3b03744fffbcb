"""Before work is taken from an inbox partition: read from its partner what was done there before."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from adapters.clock import Clock
from adapters.delivery.once import WINDOW_MS, Last, Marks
from contracts.channels import Inbox
from contracts.envelope import Envelope, MalformedMessage, header
from contracts.errors import LedgerUnavailable
from contracts.ports import Assignment, Ledger, Partition, Stored, Transport
from contracts.records import MarkKind
from contracts.withdrawal import is_firm

log = logging.getLogger(__name__)


class Replay:
    """Fills `Marks` for a partition that was just assigned.

    `inboxes` are those that may be assigned, by channel. `reach_ms` tells by system how much further back than the
    window marks may matter: the longest retry delay where a provider is not idempotent.
    """

    def __init__(
        self,
        transport: Transport,
        marks: Marks,
        ledger: Ledger,
        clock: Clock,
        inboxes: Mapping[str, Inbox],
        reach_ms: Mapping[str, int],
    ) -> None:
        self._inboxes = inboxes
        self._transport = transport
        self._marks = marks
        self._ledger = ledger
        self._clock = clock
        self._reach_ms = reach_ms

    async def prepare(self, assignment: Assignment) -> None:
        """Read the partner of the assigned inbox partition up to its end as of now. LogError."""
        inbox = assignment.partition
        whose = self._inboxes[inbox.channel]
        partner = Partition(whose.settled, inbox.number)
        begin = await self._begin(assignment, partner, whose.system)
        end = (await self._transport.extents([partner]))[partner].end
        read = 0
        reader = await self._transport.reader({partner: begin})
        try:
            while reader.positions()[partner] < end:
                for stored in await reader.take(wait_s=0.5):
                    self._fold(inbox, stored)
                    read += 1
        finally:
            await reader.close()
        log.debug("inbox %s/%d: %d marks read", inbox.channel, inbox.number, read)

    def since_ms(self, assignment: Assignment) -> int:
        """All marks since then are read, at least, for a partition that is assigned so."""
        oldest_ms = assignment.oldest_ms if assignment.oldest_ms is not None else self._clock()
        return min(oldest_ms, self._clock()) - WINDOW_MS

    async def _begin(self, assignment: Assignment, partner: Partition, system: str) -> int:
        since_ms = self.since_ms(assignment) - self._reach_ms.get(system, 0)
        begin = await self._transport.offset_at(partner, since_ms)
        try:
            return min(begin, await self._ledger.position(partner))
        except LedgerUnavailable as error:
            log.warning("the ledger cannot say how far it is: %s; the window alone decides", error)
            return begin

    def _fold(self, inbox: Partition, stored: Stored) -> None:
        try:
            envelope = Envelope.read(stored.message.headers)
            kind = MarkKind(header(stored.message.headers, "ce_mark") or "")
            due = header(stored.message.headers, "ce_due")
            due_ms, firm = None if due is None else int(due), is_firm(stored.message.headers)
            last = Last(kind, envelope.attempt, stored.position.offset, due_ms, firm)
        except (MalformedMessage, ValueError) as error:
            log.warning("not a mark at %s: %s", stored.position, error)
            return
        self._marks.fold(inbox, envelope.exchange, last)
