"""The provider: a signed request for each call; a status decides what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from adapters.clock import Clock, wall_clock_ms
from adapters.systems.opening import Secrets
from adapters.systems.rest.budget import Budget
from adapters.systems.rest.operation import Reads
from adapters.systems.rest.requests import sendable, written
from adapters.systems.rest.wire import Request, Wire, trusted
from adapters.systems.webhook.answers import refusal
from adapters.systems.webhook.connection import WebhookConnection, WebhookOperation, WebhookTarget
from adapters.systems.webhook.payload import payload
from adapters.systems.webhook.signing import Sign, signer
from contracts.errors import Origin, Permanent, Transient
from contracts.ports import Answer, Call

_MOST_BYTES: Final = 65_536
"""So much of an answer's body is read, so that its connection can be used again; nobody looks at it."""

_ALWAYS: Final = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": "lienthong",
}


class WebhookProvider:
    """Pushes to one subscriber. Used from one event loop; any number of calls at a time."""

    def __init__(
        self,
        connection: WebhookTarget,
        operations: Mapping[str, WebhookOperation],
        wire: Wire,
        sign: Sign,
        clock: Clock,
    ) -> None:
        self._timeout_s = connection.timeout_s
        self._addresses = {service: operation.address(connection) for service, operation in operations.items()}
        self._wire = wire
        self._sign = sign
        self._clock = clock

    async def start(self) -> None:
        """Open the pool; the subscriber is not contacted."""
        self._wire.open()

    async def close(self) -> None:
        """Close all connections. Idempotent."""
        await self._wire.close()

    async def call(self, call: Call) -> Answer:
        """Push it. An answer never has data. Transient, Indeterminate, Permanent."""
        if not self._wire.is_open:
            raise Transient("the connection to the system is not open", sent=False, origin=Origin.BUS)
        budget = Budget(min(self._timeout_s, call.deadline_s), _MOST_BYTES, asyncio.get_running_loop().time)
        received = await self._wire.ask(self._request(call), Reads.IGNORED, budget.bounds())
        error = refusal(received)
        if error is not None:
            raise error
        return Answer(None)

    def _request(self, call: Call) -> Request:
        address = self._addresses.get(call.service)
        if address is None:
            raise Permanent(f"there is no operation for {call.service}", origin=Origin.BUS)
        body, timestamp_s = written(payload(call)), self._clock() // 1000
        headers = {
            **_ALWAYS,
            "webhook-id": call.exchange,
            "webhook-timestamp": str(timestamp_s),
            "webhook-signature": self._sign(call.exchange, timestamp_s, body),
            "traceparent": call.traceparent,
        }
        if call.tracestate:
            headers["tracestate"] = call.tracestate
        return Request("POST", address, headers, sendable(body))


def open_webhook(
    connection: WebhookConnection,
    operations: Mapping[str, WebhookOperation],
    base: Path,
    secrets: Secrets,
    clock: Clock = wall_clock_ms,
) -> WebhookProvider:
    """A provider, not started. CannotOpen; whatever `secrets` raises."""
    sign = signer(connection.secrets, secrets)
    return WebhookProvider(connection, operations, Wire(connection, trusted(connection, base)), sign, clock)
