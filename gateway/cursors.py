"""The cursor of those who pull: how far they have read, signed, so that the server need not remember anybody.

A cursor is bound to its bus and its contract, and to no client: any gateway reads it, also after a restart.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from contracts.said import said
from gateway.problems import Problem

_VERSION: Final = b"1"
_TAG_BYTES: Final = 16
_MAX_TEXT: Final = 2_000


class Cursors:
    """Signs and reads the cursors of the bus called `bus`, with a key derived from the token key."""

    def __init__(self, key: bytes, bus: str) -> None:
        self._key = key
        self._bus = bus.encode()

    def sign(self, contract: str, offsets: Sequence[int]) -> str:
        """The cursor before the messages at `offsets`, one for each partition; fit for a URL."""
        places = ",".join(map(str, offsets)).encode()
        told = b"\0".join((_VERSION, self._bus, contract.encode(), places))
        return base64.urlsafe_b64encode(self._tag(told) + told).rstrip(b"=").decode()

    def read(self, contract: str, cursor: str) -> tuple[int, ...]:
        """The offsets. Problem `cursor-invalid`, `cursor-of-another-bus`, `cursor-of-another-contract`."""
        if len(cursor) > _MAX_TEXT:
            raise _invalid(said("it is too long"))
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (binascii.Error, ValueError):
            raise _invalid(said("it is not base64url")) from None
        tag, told = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        parts = told.split(b"\0")
        if len(parts) != 4 or parts[0] != _VERSION:
            raise _invalid(said("no cursor of this bus looks like this"))
        _, bus, of, places = parts
        # Another bus has another key, so its tag tells nothing: the name alone says where the cursor is from.
        if bus != self._bus:
            raise Problem("cursor-of-another-bus", bus=self._bus.decode())
        if not hmac.compare_digest(tag, self._tag(told)):
            raise _invalid(said("it was changed, or the bus has another key now"))
        if of != contract.encode():
            raise Problem("cursor-of-another-contract", of=of.decode(), contract=contract)
        return tuple(int(place) for place in places.split(b","))

    def _tag(self, told: bytes) -> bytes:
        return hmac.digest(self._key, told, hashlib.sha256)[:_TAG_BYTES]


def _invalid(why: str) -> Problem:
    return Problem("cursor-invalid", why=why)
