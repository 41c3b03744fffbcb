"""Every second each worker tells how long its inboxes are; every gateway listens, and turns senders away in time."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from adapters.clock import Clock
from adapters.delivery.worker import Worker
from adapters.metrics import WorkerMetrics
from adapters.own_records import OwnRecords
from contracts import channels
from contracts.envelope import CONTENT_TYPE
from contracts.errors import LogError
from contracts.ports import Message, Transport
from contracts.records import AvroRecord

log = logging.getLogger(__name__)

_EVERY_S: Final = 1.0


class StatusPublisher:
    """Publishes the status of one worker."""

    def __init__(
        self, transport: Transport, own: OwnRecords, worker: Worker, metrics: WorkerMetrics, clock: Clock, instance: str
    ) -> None:
        self._transport = transport
        self._own = own
        self._worker = worker
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
        for partition, backlog in self._worker.backlog().items():
            inbox = self._worker.inboxes[partition.channel]
            system = inbox.system
            totals[system] = totals.get(system, 0) + backlog
            inboxes.append(
                {
                    "system": system,
                    "ordered": inbox.ordered,
                    "partition": partition.number,
                    "backlog": backlog,
                    "breaker_open_s": self._worker.breaker_open_s(system),
                }
            )
        for system, backlog in totals.items():
            self._metrics.backlog(system, backlog)
        return {"instance": self._instance, "time_ms": self._clock(), "inboxes": inboxes}
