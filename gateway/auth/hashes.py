"""Passwords and secrets against argon2 hashes."""

from __future__ import annotations

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.problems import Problem

_AT_A_TIME: Final = 2
_MAX_WAITING: Final = 64


class Hashes:
    """Hashing is slow on purpose: two at a time, in threads, and a bounded number waiting."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash("nobody")
        self._slots = asyncio.Semaphore(_AT_A_TIME)
        self._waiting = 0

    async def verify(self, hashed: str | None, secret: str) -> bool:
        """Whether `secret` is the one behind `hashed`. For None, nobody's, it takes as long and is False.

        Problem `too-many-logins`.
        """
        if self._waiting >= _MAX_WAITING:
            raise Problem("too-many-logins", headers={"retry-after": "1"})
        self._waiting += 1
        try:
            async with self._slots:
                good = await asyncio.to_thread(self._matches, hashed or self._nobody, secret)
        finally:
            self._waiting -= 1
        return good and hashed is not None

    def _matches(self, hashed: str, secret: str) -> bool:
        try:
            return self._hasher.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False
