"""Where a list goes on, signed: what stands in the address of a next page cannot be made up."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

from contracts.ledger import DeadPlace, ExchangePlace
from contracts.said import said
from gateway.problems import Problem

IN_DOUBT: Final = "in-doubt"
_DEAD: Final = "dead"
_TAG_BYTES: Final = 12
_MAX_TEXT: Final = 200


class Places:
    """Signs and reads the places of lists, with a key derived from the token key; each list has places of its own."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, place: ExchangePlace, of: str = "exchanges") -> str:
        """A place in the list `of` exchanges, fit for a URL."""
        return self._signed(of, place)

    def read(self, text: str, of: str = "exchanges") -> ExchangePlace:
        """The place. Problem `cursor-invalid`."""
        sealed_ms, exchange = self._read(of, text)
        return ExchangePlace(int(sealed_ms), exchange)

    def sign_dead(self, place: DeadPlace) -> str:
        """A place in the list of dead letters, fit for a URL."""
        return self._signed(_DEAD, place)

    def read_dead(self, text: str) -> DeadPlace:
        """The place. Problem `cursor-invalid`."""
        return DeadPlace(*map(int, self._read(_DEAD, text)))

    def _signed(self, of: str, parts: tuple[int | str, ...]) -> str:
        told = "\0".join(map(str, parts)).encode()
        return base64.urlsafe_b64encode(self._tag(of, told) + told).rstrip(b"=").decode()

    def _read(self, of: str, text: str) -> list[str]:
        try:
            raw = base64.urlsafe_b64decode(text[:_MAX_TEXT] + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raise _invalid() from None
        tag, told = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(of, told)):
            raise _invalid()
        return told.decode().split("\0")

    def _tag(self, of: str, told: bytes) -> bytes:
        return hmac.digest(self._key, of.encode() + b"\0" + told, hashlib.sha256)[:_TAG_BYTES]


def _invalid() -> Problem:
    why = said("the address was changed, or the bus's key was")
    return Problem("cursor-invalid", why=why)
