"""One request over HTTP, and its answer as it came."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import aiohttp
from yarl import URL

from adapters.systems.opening import CannotOpen, within
from adapters.systems.rest.addresses import public_socket
from adapters.systems.rest.answers import Received
from adapters.systems.rest.body import TooLong, Unreadable, read, understood
from adapters.systems.rest.connection import HttpConnection
from adapters.systems.rest.failures import LostConnection, failure, never_again
from adapters.systems.rest.operation import Reads
from contracts.errors import Origin, Transient

_CONNECTING_SHARE: Final = 0.9
_NEVER: Final = 10.0**9


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out."""

    method: str
    url: URL
    headers: dict[str, str]
    body: bytes | BytesIO | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one request may take: `left_s` from now on, of the `limit_s` that the whole call has; an answer's bytes."""

    left_s: float
    limit_s: float
    most_bytes: int


def trusted(connection: HttpConnection, base: Path) -> ssl.SSLContext | None:
    """The authorities that count, of a file in the workspace at `base`; None: those of the machine. CannotOpen."""
    name = connection.ca_file
    if name is None:
        return None
    path = within(base, name)
    try:
        return ssl.create_default_context(cafile=str(path))
    except (ssl.SSLError, OSError):
        raise CannotOpen(f"{name} holds no certificates that can be read: it should be a PEM file") from None


class Wire:
    """The connections to one system. Used from one event loop; any number of requests at a time."""

    def __init__(self, connection: HttpConnection, tls: ssl.SSLContext | None) -> None:
        self._connection = connection
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    @property
    def is_open(self) -> bool:
        """Whether requests can be made."""
        return self._session is not None

    def open(self) -> None:
        """Open the pool; the system is not contacted. Idempotent."""
        if self._session is None:
            self._session = _session(self._connection, self._tls)

    async def close(self) -> None:
        """Close all connections. Idempotent."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def ask(self, request: Request, reads: Reads, bounds: Bounds) -> Received:
        """Make the request. Transient, Indeterminate, Permanent, where no answer came."""
        if self._session is None:
            raise Transient("the connection to the system is not open", sent=False, origin=Origin.BUS)
        try:
            async with self._session.request(
                request.method,
                request.url,
                data=request.body,
                headers=request.headers,
                timeout=self._timeout(bounds.left_s),
                allow_redirects=False,
            ) as response:
                return await _receive(response, reads, bounds)
        except (aiohttp.ClientError, LostConnection, TimeoutError) as error:
            # Without its cause: the client's own texts may show the whole address.
            raise failure(error, bounds.limit_s) from None

    def _timeout(self, limit_s: float) -> aiohttp.ClientTimeout:
        # Connecting ends earlier than the whole, so that what ends the whole means: it was sent.
        connect_s = min(self._connection.connect_timeout_s, limit_s * _CONNECTING_SHARE)
        return aiohttp.ClientTimeout(total=limit_s, connect=connect_s, ceil_threshold=_NEVER)


async def _receive(response: aiohttp.ClientResponse, reads: Reads, bounds: Bounds) -> Received:
    try:
        body = await read(response, bounds.most_bytes)
        return Received(response.status, response.headers, understood(body, reads), size_bytes=len(body))
    except Unreadable as fault:
        response.close()
        return Received(response.status, response.headers, None, str(fault), too_long=isinstance(fault, TooLong))
    except TimeoutError:
        fault_ = f"its body did not end within {bounds.limit_s:g} s"
        return Received(response.status, response.headers, None, fault_)


def _session(connection: HttpConnection, tls: ssl.SSLContext | None) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=connection.max_connections,
            keepalive_timeout=connection.keepalive_s,
            ssl=True if tls is None else tls,
            socket_factory=None if connection.allow_private else public_socket,
            timeout_ceil_threshold=_NEVER,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(never_again,),
        trust_env=False,
        # The bus sets what it sends itself, and no more.
        skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept", "Content-Type"),
    )
