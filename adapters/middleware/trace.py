"""Outermost: one log line for each attempt, with its ids, its end and how long it took; never a body."""

from __future__ import annotations

import logging
import time

from adapters.delivery.work import Arrival, ArrivalHandler, Handled, end_of
from adapters.metrics import WorkerMetrics
from contracts.channels import counted_as

log = logging.getLogger("lienthong.delivery")


def trace(follow: ArrivalHandler, metrics: WorkerMetrics) -> ArrivalHandler:
    """Tell what became of each arrival."""

    async def handle(arrival: Arrival) -> Handled:
        began = time.perf_counter()
        handled = await follow(arrival)
        took_s = time.perf_counter() - began
        end = end_of(handled)
        envelope = arrival.envelope
        metrics.handled(counted_as(envelope.receiver), end, took_s)
        log.info(
            "%s",
            end,
            extra={
                "exchange": envelope.exchange,
                "contract": envelope.contract,
                "system": envelope.receiver,
                "attempt": envelope.attempt,
                "trace_id": envelope.trace.trace_id,
                "span_id": envelope.trace.span_id,
                "took_ms": round(took_s * 1000, 1),
            },
        )
        return handled

    return handle
