"""Signing what is pushed: HMAC-SHA256 over id, time and body, once with each secret."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from typing import Final

from adapters.systems.opening import CannotOpen, Secrets

Sign = Callable[[str, int, bytes], str]
"""From a message's id, the time in seconds and the body to the header `webhook-signature`."""

_PREFIX: Final = "whsec_"
_SHORTEST_BYTES: Final = 24
_LONGEST_BYTES: Final = 64


class Signer:
    """Holds the keys; never shows them."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self._keys = tuple(keys)

    def __call__(self, message_id: str, timestamp_s: int, body: bytes) -> str:
        """The header `webhook-signature`: a signature for each key, with a space between."""
        signed = f"{message_id}.{timestamp_s}.".encode() + body
        return " ".join(f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}" for key in self._keys)


def signer(references: Iterable[str], secrets: Secrets) -> Signer:
    """Signs with these secrets. CannotOpen where one is none; whatever `secrets` raises."""
    return Signer([key_of(reference, secrets(reference)) for reference in references])


def key_of(reference: str, secret: str) -> bytes:
    """The key that a secret (`whsec_…`) stands for. CannotOpen, naming `reference` and never the secret."""
    encoded = secret.removeprefix(_PREFIX)
    if encoded == secret:
        raise _unfit(reference, f"it does not begin with {_PREFIX}")
    try:
        # The padding may be missing, as it may for those who verify.
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _unfit(reference, f"what follows {_PREFIX} is not base64") from None
    if not _SHORTEST_BYTES <= len(key) <= _LONGEST_BYTES:
        raise _unfit(reference, f"it has {len(key)} bytes")
    return key


def _unfit(reference: str, why: str) -> CannotOpen:
    remedy = f"write {_PREFIX} and the base64 of {_SHORTEST_BYTES} to {_LONGEST_BYTES} random bytes"
    return CannotOpen(f"the secret {reference} cannot sign webhooks: {why}; {remedy}")
