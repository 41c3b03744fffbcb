"""Every second each worker tells how long its inboxes are; every gateway listens, and turns senders away in time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from adapters.clock import Clock
from adapters.metrics import WorkerMetrics
from adapters.own_records import OwnRecords
from contracts import channels
from contracts.channels import Inbox
from contracts.envelope import CONTENT_TYPE
from contracts.errors import LogError
from contracts.ports import Message, Partition, Transport
from contracts.records import AvroRecord

log = logging.getLogger(__name__)

_EVERY_S: Final = 1.0


class Served(Protocol):
    """Inboxes that this process serves."""

    @property
    def inboxes(self) -> Mapping[str, Inbox]:
        """All that it may be given, by channel."""

    def backlog(self) -> Mapping[Partition, int]:
        """Messages that wait, for each inbox partition held."""

    def breaker_open_s(self, system: str) -> float:
        """How long the inboxes of `system` stay paused; 0 where they are not."""


class StatusPublisher:
    """Publishes the status of one worker process."""

    def __init__(
        self,
        transport: Transport,
        own: OwnRecords,
        served: Sequence[Served],
        metrics: WorkerMetrics,
        clock: Clock,
        instance: str,
    ) -> None:
        self._transport = transport
        self._own = own
        self._served = served
        self._metrics = metrics
        self._clock = clock
        self._instance = instance

    async def run(self) -> None:
        """Publish until cancelled. A log that is away is nothing new to anybody: the next second tells."""
        while True:
            await asyncio.sleep(_EVERY_S)
            record = self._record()
            message = Message(
                channels.STATUS, self._instance.encode(), self._own.status(record), (("content-type", CONTENT_TYPE),)
            )
            try:
                await self._transport.append(message)
            except LogError as error:
                log.debug("status not published: %s", error)

    def _record(self) -> AvroRecord:
        inboxes = []
        totals: dict[str, int] = {}
        for served in self._served:
            for partition, backlog in served.backlog().items():
                inbox = served.inboxes[partition.channel]
                counted = channels.counted_as(inbox.system)
                totals[counted] = totals.get(counted, 0) + backlog
                inboxes.append(
                    {
                        "system": inbox.system,
                        "ordered": inbox.ordered,
                        "partition": partition.number,
                        "backlog": backlog,
                        "breaker_open_s": served.breaker_open_s(inbox.system),
                    }
                )
        for system, backlog in totals.items():
            self._metrics.backlog(system, backlog)
        return {"instance": self._instance, "time_ms": self._clock(), "inboxes": inboxes}
