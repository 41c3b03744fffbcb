"""What a worker counts, for Prometheus. Labels are systems and outcomes: both are bounded by the workspace.

The subscriptions of a system are counted together: their ids would be labels without end.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from contracts.catalogue import Ingress
from contracts.channels import counted_as
from contracts.subscriptions import SubscriptionState

_BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class WorkerMetrics:
    """The worker's instruments in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._handled = Counter(
            "lienthong_deliveries", "Attempts at a delivery, by how they ended", ["system", "end"], registry=registry
        )
        self._took_s = Histogram(
            "lienthong_delivery_seconds",
            "From taking a message to having dealt with it",
            ["system"],
            registry=registry,
            buckets=_BUCKETS_S,
        )
        self._told: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        self._backlog = Gauge(
            "lienthong_inbox_backlog", "Messages in an inbox that are not dealt with", ["system"], registry=registry
        )
        self._breaker = Gauge(
            "lienthong_breaker_open",
            "How many inboxes are paused because their system is away",
            ["system"],
            registry=registry,
        )
        self._subscriptions = Gauge(
            "lienthong_subscriptions", "Subscriptions that systems made, by state", ["state"], registry=registry
        )

    def handled(self, system: str, end: str, took_s: float) -> None:
        """One attempt is over."""
        count, took = self._told.get((system, end)) or self._tell(system, end)
        count.inc()
        took.observe(took_s)

    def _tell(self, system: str, end: str) -> tuple[Counter, Histogram]:
        """Looked up by their labels once: that takes longer than counting."""
        told = self._handled.labels(system, end), self._took_s.labels(system)
        self._told[system, end] = told
        return told

    def subscriptions(self, state: SubscriptionState, count: int) -> None:
        """How many subscriptions are in that state."""
        self._subscriptions.labels(str(state)).set(count)

    def backlog(self, system: str, messages: int) -> None:
        """How many messages of `system` wait, as of now."""
        self._backlog.labels(system).set(messages)

    def breaker(self, system: str, *, is_open: bool) -> None:
        """The inbox of `system` was paused, or goes on."""
        self._breaker.labels(counted_as(system)).inc(1 if is_open else -1)


class SourceMetrics:
    """What sources count. Labels are sources and ends: both are bounded by the workspace."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._rows = Counter(
            "lienthong_source_rows",
            "Rows that were dealt with, by how they ended",
            ["source", "end"],
            registry=registry,
        )
        self._files = Counter(
            "lienthong_source_files",
            "Files that were dealt with, by how they ended",
            ["source", "end"],
            registry=registry,
        )
        self._held = Gauge(
            "lienthong_source_held", "1 where this process has the source's lease", ["source"], registry=registry
        )
        self._size = Gauge(
            "lienthong_source_file_bytes",
            "Size of the file that is read; 0 where none is",
            ["source"],
            registry=registry,
        )
        self._at_row = Gauge(
            "lienthong_source_file_rows", "Rows of that file that were dealt with", ["source"], registry=registry
        )
        self._waiting = Gauge(
            "lienthong_source_waiting", "1 while rows wait for the log or for intake", ["source"], registry=registry
        )

    def rows(self, source: str, end: str, count: int) -> None:
        """So many more rows have ended so."""
        self._rows.labels(source, end).inc(count)

    def file(self, source: str, end: str) -> None:
        """One file has ended."""
        self._files.labels(source, end).inc()

    def held(self, source: str, *, is_held: bool) -> None:
        """Whether this process has the source."""
        self._held.labels(source).set(1 if is_held else 0)

    def reading(self, source: str, size_bytes: int, rows: int) -> None:
        """How far the file is that is read now."""
        self._size.labels(source).set(size_bytes)
        self._at_row.labels(source).set(rows)

    def waiting(self, source: str, *, is_waiting: bool) -> None:
        """Whether rows wait for somebody else."""
        self._waiting.labels(source).set(1 if is_waiting else 0)


class IngressMetrics:
    """What comes in over topics that systems write to. Labels are systems, contracts and ends."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._records = Counter(
            "lienthong_ingress_records",
            "Records of ingress topics that were dealt with, by how they ended: event, repeated, dead",
            ["system", "contract", "end"],
            registry=registry,
        )
        self._waiting = Gauge(
            "lienthong_ingress_waiting",
            "Records of ingress topics that wait for the log or for intake",
            ["system", "contract"],
            registry=registry,
        )

    def record(self, topic: Ingress, end: str) -> None:
        """One more has ended so."""
        self._records.labels(topic.system, topic.contract, end).inc()

    def waiting(self, topic: Ingress, more: int) -> None:
        """So many more wait, or fewer."""
        self._waiting.labels(topic.system, topic.contract).inc(more)
