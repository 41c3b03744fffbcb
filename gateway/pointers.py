"""The signed pointer of a receipt: where the log keeps the record, bound to its exchange."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

from contracts.ports import Position

_TAG_BYTES: Final = 12


class Pointers:
    """Signs and reads pointers with a key derived from the token key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, exchange: str, position: Position) -> str:
        """The pointer, fit for a URL."""
        place = f"{position.channel}:{position.partition}:{position.offset}".encode()
        return base64.urlsafe_b64encode(self._tag(exchange, place) + place).rstrip(b"=").decode()

    def read(self, exchange: str, pointer: str) -> Position | None:
        """The position, or None where the pointer is not ours or belongs to another exchange: it counts as absent."""
        try:
            raw = base64.urlsafe_b64decode(pointer + "=" * (-len(pointer) % 4))
        except (binascii.Error, ValueError):
            return None
        tag, place = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(exchange, place)):
            return None
        channel, partition, offset = place.decode().rsplit(":", 2)
        return Position(channel, int(partition), int(offset))

    def _tag(self, exchange: str, place: bytes) -> bytes:
        return hmac.digest(self._key, exchange.encode() + b"\0" + place, hashlib.sha256)[:_TAG_BYTES]
