"""The metrics of processes that listen to nobody, as they tell them on the log, beside those of this one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from contracts.channels import METRICS
from contracts.errors import BusError
from contracts.partitions import all_partitions, reading_from_now
from contracts.ports import OwnCodec, Transport

log = logging.getLogger(__name__)

PROCESS: Final = "process"
"""The label of what another process told; what is this process's own has none."""
_STALE_MS: Final = 10_000


@dataclass(slots=True)
class _Told:
    """What one process told last: its parts by number."""

    time_ms: int = 0
    parts: dict[int, str] = field(default_factory=dict)


class Measured:
    """Follows what others tell. Who said nothing for ten seconds is gone. Used from one event loop."""

    def __init__(self, transport: Transport, own: OwnCodec, now_ms: Callable[[], int]) -> None:
        self._transport = transport
        self._own = own
        self._now_ms = now_ms
        self._told: dict[str, _Told] = {}

    async def run(self) -> None:
        """Follow the channel until cancelled."""
        async with reading_from_now(self._transport, all_partitions(self._transport, METRICS)) as reader:
            while True:
                for stored in await reader.take(wait_s=5.0):
                    await self._fold(stored.message.value)

    async def _fold(self, value: bytes) -> None:
        try:
            record = await self._own.decode(value)
        except BusError as error:
            log.warning("metrics cannot be read: %s", error)
            return
        told = self._told.setdefault(record["process"], _Told())
        told.time_ms = record["time_ms"]
        told.parts[record["part"]] = record["text"]
        for number in [each for each in told.parts if each >= record["parts"]]:
            del told.parts[number]

    def beside(self, registry: CollectorRegistry) -> Collector:
        """Everything in `registry` and everything that others told, a family once, theirs with the label `process`."""
        since_ms = self._now_ms() - _STALE_MS
        self._told = {process: told for process, told in self._told.items() if told.time_ms >= since_ms}
        texts = [(process, text) for process, told in sorted(self._told.items()) for text in told.parts.values()]
        return _Together(registry, texts)


class _Together(Collector):
    def __init__(self, registry: CollectorRegistry, texts: Iterable[tuple[str, str]]) -> None:
        self._registry = registry
        self._texts = texts

    def collect(self) -> Iterator[Metric]:
        """The families."""
        # Copied: some collectors keep what they give, and it would grow with each look.
        families = {family.name: _copied(family) for family in self._registry.collect()}
        for process, text in self._texts:
            for told in text_string_to_metric_families(text):
                family = families.setdefault(told.name, Metric(told.name, told.documentation, told.type))
                family.samples.extend(each._replace(labels={**each.labels, PROCESS: process}) for each in told.samples)
        yield from families.values()


def _copied(family: Metric) -> Metric:
    copied = Metric(family.name, family.documentation, family.type)
    copied.samples = list(family.samples)
    return copied
