"""Where a list goes on, signed: what stands in the address of a next page cannot be made up."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

from contracts.ledger import ExchangePlace
from gateway.problems import Problem, Words

_TAG_BYTES: Final = 12
_MAX_TEXT: Final = 200


class Places:
    """Signs and reads the places of lists of exchanges, with a key derived from the token key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, place: ExchangePlace) -> str:
        """The place, fit for a URL."""
        told = f"{place.sealed_ms}:{place.id}".encode()
        return base64.urlsafe_b64encode(self._tag(told) + told).rstrip(b"=").decode()

    def read(self, text: str) -> ExchangePlace:
        """The place. Problem `cursor-invalid`."""
        try:
            raw = base64.urlsafe_b64decode(text[:_MAX_TEXT] + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raise _invalid() from None
        tag, told = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(told)):
            raise _invalid()
        sealed_ms, _, exchange = told.decode().partition(":")
        return ExchangePlace(int(sealed_ms), exchange)

    def _tag(self, told: bytes) -> bytes:
        return hmac.digest(self._key, b"exchanges\0" + told, hashlib.sha256)[:_TAG_BYTES]


def _invalid() -> Problem:
    why = Words("địa chỉ trang đã bị sửa, hoặc khoá của trục đã thay", "the address was changed, or the bus's key was")
    return Problem("cursor-invalid", why=why)
