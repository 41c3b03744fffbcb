"""From a call to the request that goes out; what is always the same is made once."""

from __future__ import annotations

from io import BytesIO
from typing import Final
from urllib.parse import quote

import orjson
from yarl import URL

from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.headers import add_headers, compile_headers
from adapters.systems.rest.operation import Reads, RestOperation
from adapters.systems.rest.places import Added, encoded, with_fields
from adapters.systems.rest.templates import Fill, Parts, only_hole, path_filler, query_filler
from adapters.systems.rest.wire import Request
from contracts.errors import Origin, Permanent
from contracts.json_types import JsonValue
from contracts.ports import Call

_LONG_BYTES: Final = 2**19
_ACCEPTS: Final = {Reads.JSON: "application/json", Reads.TEXT: "*/*", Reads.IGNORED: "*/*"}


class RequestMaker:
    """Makes the requests of one operation."""

    def __init__(self, connection: RestConnection, operation: RestOperation, fixed: Added) -> None:
        self._method = operation.method
        self._sends_body = operation.sends_body
        # The operation's word counts where both name a header, whatever its letters' case.
        taken = {name.lower() for name in operation.headers}
        common = {name: text for name, text in connection.headers.items() if name.lower() not in taken}
        always, self._filled = compile_headers({**common, **operation.headers})
        defaults = {"Accept": _ACCEPTS[operation.answer_body], "Accept-Encoding": "identity", "User-Agent": "lienthong"}
        if self._sends_body:
            defaults["Content-Type"] = "application/json"
        named = {name.lower() for name in always} | {name.lower() for name, _, _ in self._filled}
        kept = {name: text for name, text in defaults.items() if name.lower() not in named}
        self._fixed = {**kept, **always, **dict(fixed.headers)}
        self._fixed_query = fixed.query
        self._path = path_filler(operation.path)
        self._query = _query(operation, encoded(fixed.query))
        self._base = connection.base
        self._constant = None if operation.parts else self._url({})

    def __call__(self, call: Call, *added: Added, url: URL | None = None) -> Request:
        """The request, with what is added to this one; `url` comes in the place of its own. Rejected, Permanent."""
        headers = {**self._fixed, "Idempotency-Key": call.exchange, "traceparent": call.traceparent}
        if call.tracestate:
            headers["tracestate"] = call.tracestate
        add_headers(headers, self._filled, call.parts)
        if url is None:
            address = self._constant or self._url(call.parts)
        else:
            address = _with_query(url, self._fixed_query) if self._fixed_query else url
        body = call.body
        for each in added:
            headers.update(each.headers)
            address = _with_query(address, each.query) if each.query else address
            body = with_fields(body, each.fields) if each.fields else body
        sent = sendable(written(body)) if self._sends_body and body is not None else None
        return Request(self._method, address, headers, sent)

    def _url(self, parts: Parts) -> URL:
        query = "&".join([text for fill in self._query if (text := fill(parts))])
        return URL(f"{self._base}{self._path(parts)}{'?' if query else ''}{query}", encoded=True)


def _with_query(url: URL, query: tuple[tuple[str, str], ...]) -> URL:
    """The address with these parameters, in the place of those it has by the same names."""
    names = {quote(name, safe="") for name, _ in query} | {name for name, _ in query}
    kept = [each for each in url.raw_query_string.split("&") if each and each.partition("=")[0] not in names]
    bare = str(url).partition("?")[0]
    return URL(f"{bare}?{'&'.join([*kept, encoded(query)])}", encoded=True)


def _query(operation: RestOperation, fixed: str) -> tuple[Fill, ...]:
    fills = [_parameter(name, template) for name, template in operation.query.items()]
    return (*fills, lambda _: fixed) if fixed else tuple(fills)


def _parameter(name: str, template: str) -> Fill:
    encoded, part, fill = quote(name, safe=""), only_hole(template), query_filler(template)

    def parameter(parts: Parts) -> str:
        if part is not None and parts.get(part) is None:
            return ""
        return f"{encoded}={fill(parts)}"

    return parameter


def written(body: JsonValue) -> bytes:
    """The body as JSON. Permanent where it cannot be written."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        raise Permanent("the request cannot be written as JSON", origin=Origin.BUS) from None


def sendable(body: bytes) -> bytes | BytesIO:
    """The body in the form in which the client should get it."""
    # The client writes bytes in one go, and a stream bit by bit.
    return body if len(body) < _LONG_BYTES else BytesIO(body)
