"""`/healthz`, `/readyz`, `/metrics`: for machines that watch."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from gateway.answers import json_response
from gateway.context import gateway_of


async def healthz(_request: Request) -> Response:
    """The process runs."""
    return json_response({"status": "ok"})


async def readyz(request: Request) -> Response:
    """It may be sent requests: the log answers and replies can be read; else 503 and why."""
    gateway = gateway_of(request)
    checks = {"log": gateway.transport.healthy(), "replies": gateway.waiting.ready.is_set()}
    ready = all(checks.values())
    return json_response({"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503)


async def metrics(request: Request) -> Response:
    """Prometheus' text format, with what processes tell that listen to nobody. No label carries an id."""
    gateway = gateway_of(request)
    together = CollectorRegistry()
    together.register(gateway.measured.beside(gateway.metrics.registry))
    return Response(generate_latest(together), media_type=CONTENT_TYPE_LATEST)
