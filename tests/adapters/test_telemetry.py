"""What spans say of the log, by the conventions for messaging, and what becomes of them without a collector."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.clock import random_source
from adapters.telemetry import Messaging, OtlpSpans
from contracts.channels import event, inbox
from contracts.envelope import Envelope, Kind
from contracts.errors import Indeterminate, LogUnavailable, Withheld
from contracts.outcome import Pattern
from contracts.ports import Message, Position, Stored
from contracts.trace import TraceContext
from tests.collector import Collector

REQUEST = Envelope(
    kind=Kind.REQUEST,
    exchange="00000000-0000-8000-8000-000000000001",
    time_ms=1_750_000_000_000,
    contract="test.note",
    major=1,
    pattern=Pattern.SUBMISSION,
    sender="asker",
    receiver="memo",
    trace=TraceContext("4b" * 16, "0a" * 8),
    configuration="c" * 64,
    end_user="canbo.07",
    case_ref="HS-0042",
)
STORED = Stored(
    Message(inbox("memo"), b"k", "xin chào".encode(), REQUEST.headers()),
    Position(inbox("memo"), 3, 42),
    1_750_000_000_000,
)


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    collector = Collector()
    await collector.start()
    yield collector
    await collector.stop()


def _spans(collector: Collector, messaging: Messaging) -> OtlpSpans:
    return OtlpSpans(f"{collector.url}/v1/traces", {"service.name": "x"}, messaging, time.time_ns, random_source())


async def test_on_kafka_a_span_names_topic_group_partition_and_offset_as_kafka_does(collector: Collector) -> None:
    spans = _spans(collector, Messaging("kafka", "tphcm"))
    with spans.process(STORED, REQUEST, "worker") as process:
        assert process.context.trace_id == REQUEST.trace.trace_id
    await spans.close()
    (seen,) = collector.spans
    assert (
        seen.attributes.items()
        >= {
            "messaging.system": "kafka",
            "messaging.destination.name": "tphcm.in.memo",
            "messaging.consumer.group.name": "tphcm.worker",
            "messaging.destination.partition.id": "3",
            "messaging.kafka.offset": 42,
        }.items()
    )
    for secret in ("xin chào", REQUEST.end_user, REQUEST.case_ref):
        assert secret.encode() not in collector.raw


async def test_what_raises_is_an_error_named_by_its_class_and_what_is_withheld_is_none(collector: Collector) -> None:
    spans = _spans(collector, Messaging("memory"))
    for error in (Indeterminate("999314000017 was asked for"), Withheld("closed", "law")):
        with pytest.raises(type(error)), spans.call(REQUEST, REQUEST.trace.child(random_source()), "s", None):
            raise error
    with pytest.raises(LogUnavailable), spans.send(REQUEST, event("test.note"), None):
        raise LogUnavailable("away")
    await spans.close()
    found = [(seen.failed, seen.attributes.get("error.type")) for seen in sorted(collector.spans, key=lambda s: s.name)]
    assert sorted(found, key=str) == [(False, None), (True, "Indeterminate"), (True, "LogUnavailable")]
    assert b"999314000017" not in collector.raw


async def test_more_spans_than_the_queue_holds_are_dropped_and_nothing_waits(collector: Collector) -> None:
    await collector.stop()
    spans = _spans(collector, Messaging("memory"))
    for attempt in range(20_000):
        with spans.process(STORED, replace(REQUEST, attempt=attempt), "worker"):
            pass
    waiting = spans._processor._batch_processor._queue
    assert len(waiting) <= 8192
    await spans.close()
    await spans.close()
    assert collector.spans == []
