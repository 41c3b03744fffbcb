"""Spans for a collector that speaks OTLP over HTTP, by OpenTelemetry's conventions for HTTP and messaging.

The bus makes its own ids, so spans are handed over finished, under these ids, and no tracer is used. They wait in a
bounded queue and go out by a thread of their own; what the collector does not take in time is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from contracts.channels import counted_as, is_subscription
from contracts.envelope import Envelope
from contracts.errors import Withheld
from contracts.ports import Position, Stored
from contracts.spans import OpenSpan, Spans
from contracts.trace import RandomBytes, TraceContext

_SCOPE: Final = InstrumentationScope("lienthong")
_QUEUE: Final = 8192
_EXPORT_S: Final = 5.0
_CLOSE_S: Final = 2.0
_SERVER_ERROR: Final = 500
_CLIENT_ERROR: Final = 400
# The conventions know offsets of Kafka's alone.
_OFFSETS: Final = {"kafka": "messaging.kafka.offset"}

Attributes = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Messaging:
    """What the log is called in spans: `system` is ``kafka``, ``sqlite`` or ``memory``, `prefix` begins its topics."""

    system: str
    prefix: str = ""

    def destination(self, channel: str) -> str:
        """The name under which others know a channel."""
        return f"{self.prefix}.{channel}" if self.system == "kafka" and self.prefix else channel


class OtlpSpans:
    """Spans for the collector at `endpoint` (``…/v1/traces``; None: as the standard environment variables say).

    `service` are the attributes of the process. `close` when done. `now_ns` is the time since 1970.
    """

    on: Final = True

    def __init__(
        self,
        endpoint: str | None,
        service: dict[str, str],
        messaging: Messaging,
        now_ns: Callable[[], int],
        random_bytes: RandomBytes,
    ) -> None:
        self._messaging = messaging
        self._now_ns = now_ns
        self._random_bytes = random_bytes
        self._resource = Resource.create(dict(service))
        self._exporter = OTLPSpanExporter(endpoint=endpoint, timeout=_EXPORT_S)
        self._processor = BatchSpanProcessor(self._exporter, max_queue_size=_QUEUE)
        self._closed = False

    async def close(self) -> None:
        """Send what waits, for two seconds, or five where the collector hangs; then drop it. Idempotent."""
        if self._closed:
            return
        self._closed = True
        sending = asyncio.ensure_future(asyncio.to_thread(self._processor.force_flush))
        await asyncio.wait([sending], timeout=_CLOSE_S)
        # Ends its waiting between attempts, so that nobody waits for a collector that is away.
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the SDK says nothing
        await sending
        await asyncio.to_thread(self._processor.shutdown)

    def serve(self, method: str, route: str, parent: TraceContext | None) -> OpenSpan:
        """SERVER"""
        context = TraceContext.start(self._random_bytes) if parent is None else parent.child(self._random_bytes)
        attributes: Attributes = {"http.request.method": method, "http.route": route, "url.scheme": "http"}
        return self._open(f"{method} {route}", SpanKind.SERVER, context, parent, attributes)

    def send(
        self, told: Envelope, channel: str, under: TraceContext | None, *, link: TraceContext | None = None
    ) -> OpenSpan:
        """PRODUCER"""
        attributes = self._about(told, channel, "send")
        return self._open(f"send {_bounded(channel, told)}", SpanKind.PRODUCER, told.trace, under, attributes, link)

    def process(self, stored: Stored, envelope: Envelope, group: str) -> OpenSpan:
        """CONSUMER"""
        channel = stored.position.channel
        attributes = self._about(envelope, channel, "process")
        attributes["messaging.consumer.group.name"] = self._messaging.destination(group)
        context = envelope.trace.child(self._random_bytes)
        span = self._open(
            f"process {_bounded(channel, envelope)}", SpanKind.CONSUMER, context, envelope.trace, attributes
        )
        span.stored(stored.position)
        return span

    def call(
        self, envelope: Envelope, context: TraceContext, service: str, address: tuple[str, int] | None
    ) -> OpenSpan:
        """CLIENT"""
        attributes: Attributes = _ids(envelope) | {"lienthong.service": service}
        if address is not None:
            attributes |= {"server.address": address[0], "server.port": address[1]}
        return self._open(f"call {counted_as(envelope.receiver)}", SpanKind.CLIENT, context, envelope.trace, attributes)

    def _about(self, told: Envelope, channel: str, operation: str) -> Attributes:
        bounded = _bounded(channel, told)
        template = (
            {"messaging.destination.template": self._messaging.destination(bounded)} if bounded != channel else {}
        )
        return (
            _ids(told)
            | template
            | {
                "messaging.system": self._messaging.system,
                "messaging.operation.name": operation,
                "messaging.operation.type": operation,
                "messaging.destination.name": self._messaging.destination(channel),
                "messaging.message.id": told.id,
                "messaging.message.conversation_id": told.event or told.exchange,
            }
        )

    def _open(
        self,
        name: str,
        kind: SpanKind,
        context: TraceContext,
        parent: TraceContext | None,
        attributes: Attributes,
        link: TraceContext | None = None,
    ) -> _Open:
        began_ns = self._now_ns()

        def end(error: str) -> None:
            self._processor.on_end(
                ReadableSpan(
                    name,
                    _span_context(context, is_remote=False),
                    None if parent is None else _span_context(parent, is_remote=kind in _FROM_AFAR),
                    self._resource,
                    attributes,
                    links=() if link is None else (Link(_span_context(link, is_remote=True)),),
                    kind=kind,
                    status=Status(StatusCode.ERROR if error else StatusCode.UNSET),
                    start_time=began_ns,
                    end_time=self._now_ns(),
                    instrumentation_scope=_SCOPE,
                )
            )

        return _Open(context, kind, attributes, self._messaging.system, end)


_FROM_AFAR: Final = frozenset({SpanKind.SERVER, SpanKind.CONSUMER})


class _Open:
    """A span under way."""

    __slots__ = ("_attributes", "_end", "_kind", "_system", "context")

    def __init__(
        self, context: TraceContext, kind: SpanKind, attributes: Attributes, system: str, end: Callable[[str], None]
    ) -> None:
        self.context = context
        self._kind = kind
        self._attributes = attributes
        self._system = system
        self._end = end

    def stored(self, position: Position) -> None:
        """Partition and offset."""
        self._attributes["messaging.destination.partition.id"] = str(position.partition)
        self._attributes[_OFFSETS.get(self._system, "lienthong.offset")] = position.offset

    def answered(self, status: int | None) -> None:
        """The status; who serves answers for errors from 500 on, who calls has one from 400 on."""
        if status is None:
            return
        self._attributes["http.response.status_code"] = status
        if status >= (_SERVER_ERROR if self._kind is SpanKind.SERVER else _CLIENT_ERROR):
            self._attributes["error.type"] = str(status)

    def ended(self, how: str, *, well: bool) -> None:
        """The outcome."""
        self._attributes["lienthong.end"] = how
        if not well:
            self._attributes["error.type"] = how

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # The class alone: the text of an error may quote what it is about. What is withheld is an answer.
        if kind is not None and not isinstance(error, Withheld):
            self._attributes.setdefault("error.type", kind.__name__)
        self._end(str(self._attributes.get("error.type", "")))


def _ids(about: Envelope) -> Attributes:
    found: Attributes = {
        "lienthong.exchange": about.exchange,
        "lienthong.contract": f"{about.contract}@{about.major}",
        "lienthong.kind": str(about.kind),
        "lienthong.sender": about.sender,
        "lienthong.attempt": about.attempt,
    }
    if about.receiver:
        found["lienthong.receiver"] = about.receiver
    if about.event:
        found["lienthong.event"] = about.event
    return found


def _span_context(context: TraceContext, *, is_remote: bool) -> SpanContext:
    return SpanContext(
        int(context.trace_id, 16),
        int(context.span_id, 16),
        is_remote,
        TraceFlags(int(context.flags, 16)),
        TraceState.from_header([context.state]) if context.state else None,
    )


def _are_spans(spans: OtlpSpans) -> Spans:
    return spans


def _bounded(channel: str, told: Envelope) -> str:
    """The channel as spans are named after it: a system's subscriptions together, for their ids are names without
    end. The id is told as `lienthong.receiver`."""
    if not is_subscription(told.receiver):
        return channel
    return channel.replace(told.receiver, counted_as(told.receiver), 1)
