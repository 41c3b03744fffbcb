"""Who asks the registry, and what it knows while it answers."""

from __future__ import annotations

import logging

from starlette.requests import Request

from contracts.errors import LogError
from contracts.ports import Subjects
from gateway.context import Gateway, gateway_of
from gateway.intake import Principal

log = logging.getLogger(__name__)


async def signed_in(request: Request) -> tuple[Gateway, Principal]:
    """Whoever can sign in. Problem `unauthenticated`, `invalid-token`, `too-many-logins`."""
    gateway = gateway_of(request)
    return gateway, await gateway.registry.sign_in.principal(request.headers.get("authorization", ""))


async def reader(request: Request) -> Subjects:
    """What is known, for whoever may read: everybody who can sign in."""
    gateway, _ = await signed_in(request)
    return gateway.registry.subjects


async def current(request: Request) -> Subjects:
    """As `reader`, with all that is on the log by now: so every gateway answers the same.

    While the log is away, what was known of it is answered: readers of Kafka need their schemas then too.
    """
    subjects = await reader(request)
    try:
        await subjects.caught_up()
    except LogError as error:
        log.warning("the registry answers from memory: %s", error)
    return subjects
