"""A span for each exchange that is asked for over HTTP; what follows from it hangs under that span."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.spans import Spans
from contracts.trace import TraceContext
from gateway.headers import sent_headers, trace_headers

_PREFIX: Final = "/exchange/"
_ROUTE: Final = "/exchange/{contract}"


def traced(app: ASGIApp, spans: Spans) -> ASGIApp:
    """`app`, that is told the span of each such request as if the client had sent it. Nothing where nobody asks."""
    if not spans.on:
        return app

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX) or scope["method"] != "POST":
            await app(scope, receive, send)
            return
        inner = {**scope, "headers": list(scope["headers"])}
        headers = MutableHeaders(scope=inner)
        parent = TraceContext.parse(*trace_headers(sent_headers(Request(scope))))
        with spans.serve("POST", _ROUTE, parent) as span:
            headers["traceparent"] = span.context.traceparent
            del headers["tracestate"]  # of a parent that counts for nothing, or in several headers
            if span.context.state:
                headers["tracestate"] = span.context.state

            async def tell(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.answered(message["status"])
                await send(message)

            await app(inner, receive, tell)

    return serve
