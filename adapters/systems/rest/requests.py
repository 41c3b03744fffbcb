"""From a call to the request that goes out; what is always the same is made once."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Final
from urllib.parse import quote

import orjson
from yarl import URL

from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.credentials import Credentials
from adapters.systems.rest.headers import add_headers, compile_headers
from adapters.systems.rest.operation import Reads, RestOperation
from adapters.systems.rest.templates import Fill, Parts, only_hole, path_filler, query_filler
from contracts.errors import Origin, Permanent
from contracts.json_types import JsonValue
from contracts.ports import Call

_LONG_BYTES: Final = 2**19
_ACCEPTS: Final = {Reads.JSON: "application/json", Reads.TEXT: "*/*", Reads.IGNORED: "*/*"}


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out."""

    method: str
    url: URL
    headers: dict[str, str]
    body: bytes | BytesIO | None


class RequestMaker:
    """Makes the requests of one operation."""

    def __init__(self, connection: RestConnection, operation: RestOperation, shown: Credentials) -> None:
        self._method = operation.method
        self._sends_body = operation.sends_body
        # The operation's word counts where both name a header, whatever its letters' case.
        taken = {name.lower() for name in operation.headers}
        common = {name: text for name, text in connection.headers.items() if name.lower() not in taken}
        fixed, self._filled = compile_headers({**common, **operation.headers})
        defaults = {"Accept": _ACCEPTS[operation.answer_body], "Accept-Encoding": "identity", "User-Agent": "lienthong"}
        if self._sends_body:
            defaults["Content-Type"] = "application/json"
        named = {name.lower() for name in fixed} | {name.lower() for name, _, _ in self._filled}
        kept = {name: text for name, text in defaults.items() if name.lower() not in named}
        self._fixed = {**kept, **fixed, **dict(shown.headers)}
        self._path = path_filler(operation.path)
        self._query = _query(operation, shown.query)
        self._base = connection.base
        self._constant = None if operation.parts else self._url({})

    def __call__(self, call: Call) -> Request:
        """The request. Rejected, Permanent: as the templates."""
        headers = {**self._fixed, "Idempotency-Key": call.exchange, "traceparent": call.traceparent}
        add_headers(headers, self._filled, call.parts)
        url = self._constant or self._url(call.parts)
        return Request(self._method, url, headers, _written(call.body) if self._sends_body else None)

    def _url(self, parts: Parts) -> URL:
        query = "&".join([text for fill in self._query if (text := fill(parts))])
        return URL(f"{self._base}{self._path(parts)}{'?' if query else ''}{query}", encoded=True)


def _query(operation: RestOperation, shown: str) -> tuple[Fill, ...]:
    fills = [_parameter(name, template) for name, template in operation.query.items()]
    return (*fills, lambda _: shown) if shown else tuple(fills)


def _parameter(name: str, template: str) -> Fill:
    encoded, part, fill = quote(name, safe=""), only_hole(template), query_filler(template)

    def parameter(parts: Parts) -> str:
        if part is not None and parts.get(part) is None:
            return ""
        return f"{encoded}={fill(parts)}"

    return parameter


def _written(body: JsonValue) -> bytes | BytesIO | None:
    if body is None:
        return None
    try:
        written = orjson.dumps(body)
    except orjson.JSONEncodeError:
        raise Permanent("the request cannot be written as JSON", origin=Origin.BUS) from None
    # The client writes bytes in one go, and a stream bit by bit.
    return written if len(written) < _LONG_BYTES else BytesIO(written)
