"""Secrets of subscriptions as they lie on the log: AES-256-GCM, bound to the subscription."""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.errors import BusError

_NONCE_BYTES: Final = 12


class CannotUnseal(BusError):
    """A secret was sealed with another key, for another subscription, or was changed."""


class Sealer:
    """Seals and opens with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, subscription: str, secret: str) -> bytes:
        """The nonce and the ciphertext; nobody can move it to another subscription."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, secret.encode(), subscription.encode())

    def unseal(self, subscription: str, sealed: bytes) -> str:
        """The secret. CannotUnseal."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], subscription.encode()).decode()
        except (InvalidTag, ValueError):
            raise CannotUnseal(
                f"the secret of {subscription} cannot be read: the token key is another one than when it was made; "
                "put the old key back, or let the subscriber rotate its secret"
            ) from None
