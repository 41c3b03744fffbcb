"""Whether spans are wanted, and by whom: the environment says it, else `bus.yaml`; with neither nothing is loaded."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.clock import random_source
from adapters.workspace.snapshot import Workspace
from contracts.spans import NO_SPANS, Spans

_TRACES: Final = "/v1/traces"
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


async def _nothing() -> None:
    """What there is to close where nothing was opened."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where spans go, and how that ends."""

    spans: Spans = NO_SPANS
    close: Callable[[], Awaitable[None]] = _nothing


def open_telemetry(workspace: Workspace, roles: str, environment: Mapping[str, str] = os.environ) -> Telemetry:
    """The telemetry of a process that runs `roles`; the collector is not contacted."""
    by_environment = any(environment.get(name) for name in _ENDPOINTS)
    is_off = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if is_off or environment.get("OTEL_TRACES_EXPORTER", "").strip() == "none":
        return Telemetry()
    if not by_environment and workspace.bus.otlp is None:
        return Telemetry()
    # A bus that nobody watches does without the SDK and its memory.
    from adapters.telemetry import Messaging, OtlpSpans  # noqa: PLC0415

    endpoint = None if by_environment or workspace.bus.otlp is None else workspace.bus.otlp + _TRACES
    service = {"service.namespace": workspace.bus.name, "service.instance.id": random_source()(8).hex()}
    if not environment.get("OTEL_SERVICE_NAME"):
        service["service.name"] = f"lienthong-{roles}" if roles else "lienthong"
    kind = workspace.bus.transport.partition(":")[0]
    spans = OtlpSpans(endpoint, service, Messaging(kind, workspace.bus.prefix), time.time_ns, random_source())
    return Telemetry(spans, spans.close)
