"""What the workers told last about their inboxes: a fold of the `status` channel, a second or two old."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from contracts.channels import STATUS, Inbox
from contracts.errors import BusError
from contracts.outcome import Pattern
from contracts.partitions import all_partitions, reading_from_now
from contracts.ports import OwnCodec, Transport
from gateway.problems import Problem

log = logging.getLogger(__name__)

_STALE_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class InboxStatus:
    """One inbox partition as its worker saw it."""

    backlog: int
    breaker_open_s: float
    time_ms: int


class Board:
    """The latest status of every inbox partition. What nobody has told for ten seconds is not known."""

    def __init__(self, transport: Transport, own: OwnCodec, now_ms: Callable[[], int], max_backlog: int) -> None:
        self._transport = transport
        self._own = own
        self._now_ms = now_ms
        self._max_backlog = max_backlog
        self._inboxes: dict[Inbox, dict[int, InboxStatus]] = {}

    async def run(self) -> None:
        """Follow the channel until cancelled."""
        async with reading_from_now(self._transport, all_partitions(self._transport, STATUS)) as reader:
            while True:
                for stored in await reader.take(wait_s=5.0):
                    await self._fold(stored.message.value)

    def admit(self, inbox: Inbox, pattern: Pattern) -> None:
        """Let a message into `inbox`. Problem `backlog`, or `provider-away` for a query that nobody would answer."""
        system = inbox.system
        backlog = sum(status.backlog for status in self._fresh(inbox))
        if backlog > self._max_backlog:
            raise Problem("backlog", receiver=system, backlog=backlog, retry_after_s=10, headers={"retry-after": "10"})
        open_s = self.away_for_s(system)
        if pattern is Pattern.QUERY and open_s > 0:
            retry_after_s = math.ceil(open_s)
            raise Problem(
                "provider-away",
                receiver=system,
                retry_after_s=retry_after_s,
                headers={"retry-after": str(retry_after_s)},
            )

    def away_for_s(self, system: str) -> float:
        """How long the inboxes of `system` stay paused because it is away, as last told; 0 where they are not."""
        mine = (status for inbox in self._inboxes if inbox.system == system for status in self._fresh(inbox))
        return max((status.breaker_open_s for status in mine), default=0.0)

    def backlogs(self) -> dict[str, int]:
        """The known backlog of each system, over all its inboxes."""
        known: dict[str, int] = {}
        for inbox in self._inboxes:
            waiting = sum(status.backlog for status in self._fresh(inbox))
            known[inbox.system] = known.get(inbox.system, 0) + waiting
        return known

    def told(self) -> dict[str, InboxStatus]:
        """What is known of all inboxes of each system together. A system is absent of which nobody told lately."""
        known: dict[str, InboxStatus] = {}
        for inbox in self._inboxes:
            for status in self._fresh(inbox):
                so_far = known.get(inbox.system, InboxStatus(0, 0.0, status.time_ms))
                known[inbox.system] = InboxStatus(
                    so_far.backlog + status.backlog,
                    max(so_far.breaker_open_s, status.breaker_open_s),
                    min(so_far.time_ms, status.time_ms),
                )
        return known

    def _fresh(self, inbox: Inbox) -> list[InboxStatus]:
        since_ms = self._now_ms() - _STALE_MS
        return [status for status in self._inboxes.get(inbox, {}).values() if status.time_ms >= since_ms]

    async def _fold(self, value: bytes) -> None:
        try:
            status = await self._own.decode(value)
        except BusError as error:
            log.warning("a status cannot be read: %s", error)
            return
        for each in status["inboxes"]:
            told = InboxStatus(each["backlog"], each["breaker_open_s"], status["time_ms"])
            # A worker of an older version knows of no ordered inboxes.
            inbox = Inbox(each["system"], each.get("ordered"))
            self._inboxes.setdefault(inbox, {})[each["partition"]] = told
        await asyncio.sleep(0)
