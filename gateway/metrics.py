"""What a gateway counts, for Prometheus. Labels are contracts, statuses and outcomes: all bounded by the workspace."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from contracts.outlook import Subject

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class GatewayMetrics:
    """The gateway's instruments in one registry."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        polls: Callable[[], int],
        lapsing: Callable[[], int] = lambda: 0,
        breaking: Callable[[Subject], int] = lambda _: 0,
    ) -> None:
        self.registry = registry
        self._exchanges = Counter(
            "lienthong_exchanges",
            "Requests to /exchange, by contract and status",
            ["contract", "status"],
            registry=registry,
        )
        self._took_s = Histogram(
            "lienthong_exchange_seconds",
            "From reading a request to answering it",
            ["contract"],
            registry=registry,
            buckets=_BUCKETS_S,
        )
        self._told: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._pulled = Counter(
            "lienthong_pulled_events", "Events given to those who pull, by contract", ["contract"], registry=registry
        )
        Gauge("lienthong_inbox_polls", "Requests that wait for an event", registry=registry).set_function(polls)
        Gauge(
            "lienthong_grants_on_lapsing_ground",
            "Grants whose legal ground is not in force, or ends within sixty days",
            registry=registry,
        ).set_function(lapsing)
        ahead = Gauge(
            "lienthong_breaks_ahead",
            "What will not work on a day within the next sixty, by kind; `lienthong check --on` names each",
            ["subject"],
            registry=registry,
        )
        for subject in Subject:
            ahead.labels(subject.value).set_function(partial(breaking, subject))

    def exchange(self, contract: str, status: int, took_s: float) -> None:
        """One request to /exchange was answered; `contract` is a known one or ``unknown``."""
        count, took = self._told.get((contract, status)) or self._tell(contract, status)
        count.inc()
        took.observe(took_s)

    def _tell(self, contract: str, status: int) -> tuple[Counter, Histogram]:
        """Looked up by their labels once: that takes longer than counting."""
        told = self._exchanges.labels(contract, str(status)), self._took_s.labels(contract)
        self._told[contract, status] = told
        return told

    def pulled(self, contract: str, count: int) -> None:
        """So many events of a known contract were given to somebody who pulls."""
        self._pulled.labels(contract).inc(count)
