"""A process that listens to nobody tells its metrics on the log: every gateway shows them beside its own."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest

from adapters.clock import Clock
from adapters.own_records import OwnRecords
from contracts.channels import METRICS
from contracts.envelope import CONTENT_TYPE
from contracts.errors import LogError
from contracts.ports import ChannelSpec, Message, Transport

log = logging.getLogger(__name__)

CHANNEL: Final = ChannelSpec(METRICS, partitions=1, retention_ms=3_600_000)
_EVERY_S: Final = 1.0
_SHARE: Final = 50
"""Telling takes no more than one part in so many of the time: many metrics are told less often."""
_PART_CHARACTERS: Final = 400_000


class MetricsPublisher:
    """Tells the metrics of one process. `roles` are what it is. Used from one event loop."""

    def __init__(
        self,
        transport: Transport,
        own: OwnRecords,
        registry: CollectorRegistry,
        clock: Clock,
        instance: str,
        roles: tuple[str, ...],
    ) -> None:
        self._transport = transport
        self._own = own
        self._registry = registry
        self._clock = clock
        self._process = f"{'-'.join(roles)}@{instance}"

    async def run(self) -> None:
        """Tell until cancelled. A log that is away is nothing new to anybody: the next time tells."""
        while True:
            began_s = time.monotonic()
            text = (await asyncio.to_thread(generate_latest, self._registry)).decode()
            took_s = time.monotonic() - began_s
            try:
                await self._tell(list(parts_of(text)))
            except LogError as error:
                log.debug("metrics not told: %s", error)
            await asyncio.sleep(max(_EVERY_S, took_s * _SHARE))

    async def _tell(self, parts: list[str]) -> None:
        time_ms = self._clock()
        for number, part in enumerate(parts):
            value = self._own.metrics(
                {"process": self._process, "time_ms": time_ms, "part": number, "parts": len(parts), "text": part}
            )
            await self._transport.append(
                Message(METRICS, self._process.encode(), value, (("content-type", CONTENT_TYPE),))
            )


def parts_of(text: str) -> Iterator[str]:
    """The text of an exposition in parts that fit into a message, each with whole families."""
    part: list[str] = []
    size = 0
    for family in _families(text):
        if part and size + len(family) > _PART_CHARACTERS:
            yield "".join(part)
            part, size = [], 0
        part.append(family)
        size += len(family)
    yield "".join(part)


def _families(text: str) -> Iterator[str]:
    family: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("# HELP ") and family:
            yield "".join(family)
            family = []
        family.append(line)
    yield "".join(family)
