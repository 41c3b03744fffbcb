"""Innermost: the call itself as a span, under the context that the system is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from contracts.envelope import Envelope
from contracts.errors import DeliveryError
from contracts.ports import Answer, Call
from contracts.spans import Spans
from contracts.trace import TraceContext

ToldCall: TypeAlias = Callable[[Call, Envelope, TraceContext], Awaitable[Answer]]


def told(follow: Callable[[Call], Awaitable[Answer]], address: tuple[str, int] | None, spans: Spans) -> ToldCall:
    """Tell of each call to the system at `address`: how long it took, and how it was answered."""

    async def call(request: Call, envelope: Envelope, context: TraceContext) -> Answer:
        with spans.call(envelope, context, request.service, address) as span:
            try:
                answer = await follow(request)
            except DeliveryError as error:
                span.answered(error.status)
                raise
            span.answered(answer.status)
            return answer

    return call
