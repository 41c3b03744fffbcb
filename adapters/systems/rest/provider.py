"""The provider: one request for each call, one answer, and a class of error for everything else."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from adapters.systems.opening import CannotOpen, Secrets, within
from adapters.systems.rest.addresses import public_socket
from adapters.systems.rest.answers import Judge, Received
from adapters.systems.rest.body import Unreadable, read, understood
from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.credentials import Credentials, credentials
from adapters.systems.rest.failures import LostConnection, failure, never_again
from adapters.systems.rest.operation import Reads, RestOperation
from adapters.systems.rest.requests import RequestMaker
from contracts.errors import Origin, Permanent, Transient
from contracts.ports import Answer, Call

_CONNECTING_SHARE: Final = 0.9
_NEVER: Final = 10.0**9


@dataclass(frozen=True, slots=True)
class _Operation:
    make: RequestMaker
    judge: Judge
    reads: Reads
    timeout_s: float


class RestProvider:
    """Calls a system's JSON interface. Used from one event loop; any number of calls at a time."""

    def __init__(
        self,
        connection: RestConnection,
        operations: Mapping[str, RestOperation],
        tls: ssl.SSLContext | None,
        shown: Credentials,
    ) -> None:
        self._connection = connection
        self._tls = tls
        self._most_bytes = connection.max_response_bytes
        self._session: aiohttp.ClientSession | None = None
        self._operations = {
            service: _Operation(
                RequestMaker(connection, operation, shown),
                Judge(operation, shown.scrub),
                operation.answer_body,
                operation.timeout_s or connection.timeout_s,
            )
            for service, operation in operations.items()
        }

    async def start(self) -> None:
        """Open the pool; the system is not contacted."""
        if self._session is None:
            self._session = _session(self._connection, self._tls)

    async def close(self) -> None:
        """Close all connections. Idempotent."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(self, call: Call) -> Answer:
        """Make the call. Transient, Indeterminate, Rejected, Withheld, Permanent."""
        operation = self._operations.get(call.service)
        if operation is None:
            raise Permanent(f"there is no operation for {call.service}", origin=Origin.BUS)
        if self._session is None:
            raise Transient("the connection to the system is not open", sent=False, origin=Origin.BUS)
        limit_s = min(operation.timeout_s, call.deadline_s)
        if limit_s <= 0:
            raise Transient("there was no time left for the call", sent=False, origin=Origin.BUS)
        received = await self._ask(self._session, operation, call, limit_s)
        return operation.judge(received)

    async def _ask(self, session: aiohttp.ClientSession, operation: _Operation, call: Call, limit_s: float) -> Received:
        request = operation.make(call)
        try:
            async with session.request(
                request.method,
                request.url,
                data=request.body,
                headers=request.headers,
                timeout=self._timeout(limit_s),
                allow_redirects=False,
            ) as response:
                return await self._receive(response, operation.reads, limit_s)
        except (aiohttp.ClientError, LostConnection, TimeoutError) as error:
            # Without its cause: the client's own texts may show the whole address.
            raise failure(error, limit_s) from None

    async def _receive(self, response: aiohttp.ClientResponse, reads: Reads, limit_s: float) -> Received:
        try:
            body = understood(await read(response, self._most_bytes), reads)
        except Unreadable as fault:
            response.close()
            return Received(response.status, response.headers, None, str(fault))
        except TimeoutError:
            return Received(response.status, response.headers, None, f"its body did not end within {limit_s:g} s")
        return Received(response.status, response.headers, body)

    def _timeout(self, limit_s: float) -> aiohttp.ClientTimeout:
        # Connecting ends earlier than the whole, so that what ends the whole means: it was sent.
        connect_s = min(self._connection.connect_timeout_s, limit_s * _CONNECTING_SHARE)
        return aiohttp.ClientTimeout(total=limit_s, connect=connect_s, ceil_threshold=_NEVER)


def _session(connection: RestConnection, tls: ssl.SSLContext | None) -> aiohttp.ClientSession:
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


def open_rest(
    connection: RestConnection, operations: Mapping[str, RestOperation], base: Path, secrets: Secrets
) -> RestProvider:
    """A provider, not started. CannotOpen; whatever `secrets` raises."""
    tls = None if connection.ca_file is None else _trusting(within(base, connection.ca_file), connection.ca_file)
    return RestProvider(connection, operations, tls, credentials(connection.auth, secrets))


def _trusting(path: Path, name: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(path))
    except (ssl.SSLError, OSError):
        raise CannotOpen(f"{name} holds no certificates that can be read: it should be a PEM file") from None
