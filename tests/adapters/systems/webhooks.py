"""Pushing to receivers on loopback, which verify as a subscriber does: with the package of the specification."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from adapters.clock import Clock, wall_clock_ms
from adapters.systems.webhook.connection import WebhookConnection, WebhookOperation
from adapters.systems.webhook.provider import open_webhook
from contracts.json_types import JsonValue
from contracts.ports import Answer, Call, Provider
from tests.adapters.systems import support
from tests.adapters.systems.partner import Visit

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def secret(filling: str, size: int = 32) -> str:
    """A secret like those that subscribers are given."""
    return "whsec_" + b64encode(filling.encode() * size).decode()


NEW, OLD = secret("n"), secret("o")
SECRETS = {"env:NEW": NEW, "env:OLD": OLD}


def webhook(
    port: int,
    operation: dict[str, Any] | None = None,
    *,
    known: dict[str, str] | None = None,
    clock: Clock = wall_clock_ms,
    **more: Any,
) -> Provider:
    """A provider, not started. As in the YAML, plain values are text."""
    given = {"url": f"http://127.0.0.1:{port}/hooks", "allow_private": "true", "secrets": ["env:NEW"], **more}
    does = WebhookOperation.model_validate(operation or {})
    secrets = SECRETS if known is None else known
    connection = WebhookConnection.model_validate(given)
    return open_webhook(connection, {support.SERVICE: does}, Path(), secrets.__getitem__, clock)


def push(body: JsonValue = None, *, exchange: str = "copy-1", deadline_s: float = 5.0, **more: Any) -> Call:
    """A copy of the event `event-1`, taken in on 20 November 2026."""
    call = support.call(body, exchange=exchange, deadline_s=deadline_s)
    about = {"sender": "quantrac", "accepted_ms": 1_795_141_800_125, "event": "event-1", **more}
    return replace(call, contract="environment.air-observation", **about)


@asynccontextmanager
async def pushing(port: int, operation: dict[str, Any] | None = None, **more: Any) -> AsyncIterator[Pushing]:
    """Pushes to that port."""
    provider = webhook(port, operation, **more)
    await provider.start()
    try:
        yield provider.call
    finally:
        await provider.close()


Pushing = Callable[[Call], Awaitable[Answer]]


def verified(visit: Visit, whsec: str = NEW) -> Any:
    """What was pushed, as its receiver reads it. WebhookVerificationError."""
    return Webhook(whsec).verify(visit.text, dict(visit.headers))
