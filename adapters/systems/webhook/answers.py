"""What a subscriber's answer means: its status says it all."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from adapters.systems.rest.answers import Received, retry_after_s
from contracts.errors import DeliveryError, Gone, Indeterminate, Permanent, Transient

_MOVED: Final = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})


def refusal(received: Received) -> DeliveryError | None:
    """The error that an answer stands for; None where what was pushed has been taken.

    A body counts for nothing: what a 2xx has for one, and whether it ends, is the subscriber's own business.
    """
    status, said = received.status, received.title
    if 200 <= status < 300:
        return None
    if status == HTTPStatus.GONE:
        remedy = "take the service out of its file in systems/, or correct the url and retry what was laid down"
        return Gone(f"{said}: the subscriber wants no more of this; {remedy}")
    if status in _MOVED:
        return Permanent(f"{said}: redirects are not followed; write the new address as url, after asking its owner")
    if 300 <= status < 500 or status == HTTPStatus.SERVICE_UNAVAILABLE:
        more = ": redirects are not followed" if status < 400 else ""
        return Transient(said + more, retry_after_s=retry_after_s(received.headers))
    return Indeterminate(said)
