"""A collector on loopback that takes OTLP over HTTP, as any other would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


@dataclass(frozen=True, slots=True)
class Seen:
    """A span as it came, ids in hex."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent: str
    attributes: dict[str, Any]
    failed: bool
    links: tuple[str, ...]
    took_ns: int
    service: str


@dataclass(slots=True)
class Collector:
    """Listens at `url`; `raw` is all that came."""

    spans: list[Seen] = field(default_factory=list)
    raw: bytes = b""
    port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """What `bus.yaml` names."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_post("/v1/traces", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Be away."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def has(self, wanted: Callable[[Seen], bool], count: int = 1) -> list[Seen]:
        """The spans that are wanted, once so many have come. TimeoutError after 20 s."""
        async with asyncio.timeout(20):
            while len(found := [each for each in self.spans if wanted(each)]) < count:
                await asyncio.sleep(0.05)
        return found

    async def _take(self, request: web.Request) -> web.Response:
        self.raw += (body := await request.read())
        told = ExportTraceServiceRequest.FromString(body)
        for resource in told.resource_spans:
            about = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [_seen(span, about["service.name"]) for span in scope.spans]
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")


def _seen(span: Span, service: str) -> Seen:
    return Seen(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        attributes={each.key: getattr(each.value, each.value.WhichOneof("value") or "") for each in span.attributes},
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        links=tuple(link.span_id.hex() for link in span.links),
        took_ns=span.end_time_unix_nano - span.start_time_unix_nano,
        service=service,
    )
