"""What it means when there is no answer. What may have left this process may have taken effect."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import Final

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from adapters.systems.rest.addresses import PrivateAddress
from adapters.systems.rest.answers import Received, retry_after_s
from contracts.errors import DeliveryError, Indeterminate, Origin, Permanent, Transient

_LATER: Final = frozenset({408, 425, 429})


class LostConnection(Exception):
    """The connection ended after the request may have been sent."""


async def never_again(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Keep the client from sending a request twice on its own. LostConnection.

    It repeats GET, PUT and DELETE when a kept connection turns out to be closed; a system that is not idempotent would
    be called twice, and the bus would not know. Whether to repeat is the bus's decision.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        raise LostConnection from None


def failure(error: Exception, limit_s: float) -> DeliveryError:
    """The error of the bus for one of the client's. Its text holds no address with secrets in it."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return Transient("the system could not be connected to in time", sent=False)
        case aiohttp.ClientConnectorError():
            return _not_connected(error)
        case TimeoutError():
            return Indeterminate(f"the system did not answer within {limit_s:g} s")
        case LostConnection():
            return Indeterminate("the system closed the connection without an answer")
        case aiohttp.ClientResponseError():
            return Indeterminate("what the system answered is not HTTP")
        case aiohttp.InvalidURL():
            return Permanent("the address that the request would go to is not valid", origin=Origin.BUS)
        case _:
            return Indeterminate(f"the call broke off ({type(error).__name__})")


def unanswered(error: DeliveryError, what: str) -> DeliveryError:
    """The error of a call whose login got no answer: whatever became of the login, the call itself was not sent."""
    detail = f"{what}: {error.detail}"
    return error if isinstance(error, Permanent) else Transient(detail, sent=False, origin=error.origin)


def not_let_in(received: Received, what: str, said: str) -> DeliveryError:
    """The error of a call whose login was answered with no good status; `said` is what the answer says of it."""
    detail = f"{what}: {received.title}" + (f": {said}" if said else "")
    if received.status in _LATER or received.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient(detail, retry_after_s=retry_after_s(received.headers), sent=False)
    return Permanent(detail)


def _not_connected(error: aiohttp.ClientConnectorError) -> DeliveryError:
    cause = error.os_error
    host = error.host
    if isinstance(cause, PrivateAddress):
        remedy = "write allow_private: true in its connection, if that is meant"
        return Permanent(f"{host} is at a private address and was not called: {remedy}", origin=Origin.BUS)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Transient(f"the name {host} cannot be resolved", sent=False)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Transient(f"the certificate of {host} is not accepted: {cause.verify_message}", sent=False)
    if isinstance(cause, ssl.SSLError):
        return Transient(f"no secure connection to {host} came about ({cause.reason or 'TLS'})", sent=False)
    return Transient(f"{host} cannot be connected to: {cause.strerror or 'unreachable'}", sent=False)
