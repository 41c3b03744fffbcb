"""What `lienthong top` knows: two looks at a running bus, and what happened in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

from gateway.measured import PROCESS

_SERVER_ERROR: Final = 500
_CLIENT_ERROR: Final = 400
_ENDS: Final = frozenset({"end", "status"})

Labels = tuple[str, ...]
Buckets = Mapping[float, float]


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: the metrics by name and values of labels, and what `/readyz` and `/operate/status` say.

    `values` are those of all processes together, `by_process` those of each.
    """

    at_s: float
    ready: bool
    status: Mapping[str, Any]
    values: Mapping[tuple[str, Labels], float]
    buckets: Mapping[tuple[str, str], Buckets]
    by_process: Mapping[tuple[str, Labels], Mapping[str, float]]
    processes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One contract at this gateway. Per second: requests, those refused (4xx), those that failed (5xx)."""

    contract: str
    per_s: float
    refused_per_s: float
    failed_per_s: float
    p50_s: float | None
    p99_s: float | None
    total: int


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One receiving system. None: not known. `per_s` are deliveries by all workers."""

    system: str
    per_s: float | None
    p99_s: float | None
    backlog: int | None
    away_for_s: float
    waiting: int | None
    retrying: int | None
    dead: int | None
    in_doubt: int | None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source, in whichever worker: rows taken in and rejected, and the file that is read."""

    source: str
    per_s: float
    rows: int
    rejected: int
    file_rows: int
    held: bool
    waiting: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it. `lag` None: the ledger cannot be asked."""

    bus: str
    ready: bool
    lag: int | None
    contracts: tuple[ContractRow, ...]
    systems: tuple[SystemRow, ...]
    sources: tuple[SourceRow, ...] = field(default=())


def read_sample(metrics: str, status: Mapping[str, Any], *, ready: bool, at_s: float) -> Sample:
    """A sample from the texts that the gateway gave."""
    values: dict[tuple[str, Labels], float] = {}
    buckets: dict[tuple[str, str], dict[float, float]] = {}
    by_process: dict[tuple[str, Labels], dict[str, float]] = {}
    for family in text_string_to_metric_families(metrics):
        if not family.name.startswith("lienthong_"):
            continue
        for each in family.samples:
            labels = dict(each.labels)
            process = labels.pop(PROCESS, "")
            if each.name.endswith("_bucket"):
                limit = float(labels.pop("le"))
                so_far = buckets.setdefault((family.name, next(iter(labels.values()))), {})
                so_far[limit] = so_far.get(limit, 0.0) + each.value
            elif not each.name.endswith(("_created", "_sum", "_count")):
                key = each.name, _labels(labels)
                values[key] = values.get(key, 0.0) + each.value
                by_process.setdefault(key, {})[process] = each.value
    processes = frozenset(process for told in by_process.values() for process in told)
    return Sample(at_s, ready, status, values, buckets, by_process, processes)


def _labels(labels: Mapping[str, str]) -> Labels:
    """What is counted first, and then how it ended: the text has them by name."""
    return tuple(labels[name] for name in sorted(labels, key=lambda name: (name in _ENDS, name)))


def picture(before: Sample, now: Sample) -> Picture:
    """What happened between two samples, and how things stand. A counter that fell began anew."""
    ledger = now.status.get("ledger")
    rows = [_source(name, before, now) for name in _names(now, "lienthong_source_held")]
    return Picture(
        bus=str(now.status.get("bus", "")),
        ready=now.ready,
        lag=None if ledger is None else int(ledger["lag"]),
        contracts=tuple(_contract(name, before, now) for name in _names(now, "lienthong_exchanges_total")),
        systems=tuple(_system(each, before, now) for each in now.status.get("systems", ())),
        sources=tuple(rows),
    )


def quantile(share: float, before: Buckets, now: Buckets) -> float | None:
    """The time, in seconds, within which that share of what came in between was done; None where nothing came.

    Within a bucket all times count as equally likely. Above the last limit nothing is known but that limit.
    """
    counts = sorted((limit, max(0.0, count - before.get(limit, 0.0))) for limit, count in now.items())
    whole = counts[-1][1] if counts else 0.0
    if whole <= 0:
        return None
    low, below = 0.0, 0.0
    for limit, count in counts:
        if count >= share * whole:
            if limit == float("inf"):
                return low
            return low + (limit - low) * (share * whole - below) / max(count - below, 1e-9)
        low, below = limit, count
    return low


def _names(sample: Sample, metric: str) -> list[str]:
    return sorted({labels[0] for name, labels in sample.values if name == metric and labels})


def _per_s(metric: str, labels: Labels, before: Sample, now: Sample) -> float:
    """What the processes that are in both counted in between."""
    earlier = before.by_process.get((metric, labels), {})
    counted = 0.0
    for process, value in now.by_process.get((metric, labels), {}).items():
        if process not in before.processes:
            continue
        first = earlier.get(process, 0.0)
        counted += value - first if value >= first else value
    return counted / max(now.at_s - before.at_s, 1e-3)


def _contract(name: str, before: Sample, now: Sample) -> ContractRow:
    metric = "lienthong_exchanges_total"
    mine = [labels for each, labels in now.values if each == metric and labels[0] == name]
    rates = {int(labels[1]): _per_s(metric, labels, before, now) for labels in mine}
    key = ("lienthong_exchange_seconds", name)
    earlier, buckets = before.buckets.get(key, {}), now.buckets.get(key, {})
    return ContractRow(
        contract=name,
        per_s=sum(rates.values()),
        refused_per_s=sum(rate for status, rate in rates.items() if _CLIENT_ERROR <= status < _SERVER_ERROR),
        failed_per_s=sum(rate for status, rate in rates.items() if status >= _SERVER_ERROR),
        p50_s=quantile(0.5, earlier, buckets),
        p99_s=quantile(0.99, earlier, buckets),
        total=int(sum(now.values[metric, labels] for labels in mine)),
    )


def _system(told: Mapping[str, Any], before: Sample, now: Sample) -> SystemRow:
    name, metric = told["system"], "lienthong_deliveries_total"
    mine = [labels for each, labels in now.values if each == metric and labels[0] == name]
    key = ("lienthong_delivery_seconds", name)
    return SystemRow(
        system=name,
        per_s=sum(_per_s(metric, labels, before, now) for labels in mine) if mine else None,
        p99_s=quantile(0.99, before.buckets.get(key, {}), now.buckets.get(key, {})),
        backlog=told["backlog"],
        away_for_s=told["away_for_s"],
        waiting=told["waiting"],
        retrying=told["retrying"],
        dead=told["dead"],
        in_doubt=told["in_doubt"],
    )


def _source(name: str, before: Sample, now: Sample) -> SourceRow:
    metric = "lienthong_source_rows_total"
    mine = [labels for each, labels in now.values if each == metric and labels[0] == name]
    bad = [labels for labels in mine if labels[1] == "rejected"]
    return SourceRow(
        source=name,
        per_s=sum(_per_s(metric, labels, before, now) for labels in mine),
        rows=int(sum(now.values[metric, labels] for labels in mine)),
        rejected=int(sum(now.values[metric, labels] for labels in bad)),
        file_rows=int(now.values.get(("lienthong_source_file_rows", (name,)), 0)),
        held=bool(now.values.get(("lienthong_source_held", (name,)), 0)),
        waiting=bool(now.values.get(("lienthong_source_waiting", (name,)), 0)),
    )
