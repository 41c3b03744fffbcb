"""Client credentials against argon2 hashes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contracts.catalogue import System
from gateway.directory import Directory
from gateway.problems import Problem

_AT_A_TIME: Final = 2
_MAX_WAITING: Final = 64


class CredentialCheck:
    """Checks a client id and its secret. `secret` resolves a ``file:`` or ``env:`` reference to an argon2 hash.

    Hashing is slow on purpose: two at a time, in threads, and a bounded number waiting.
    """

    def __init__(self, directory: Callable[[], Directory], secret: Callable[[str], str]) -> None:
        self._directory = directory
        self._secret = secret
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash("nobody")
        self._slots = asyncio.Semaphore(_AT_A_TIME)
        self._waiting = 0

    async def check(self, client_id: str, client_secret: str) -> System | None:
        """The system with these credentials, or None. An unknown client takes as long as a wrong secret.

        Problem `too-many-logins`.
        """
        if self._waiting >= _MAX_WAITING:
            raise Problem("too-many-logins", headers={"retry-after": "1"})
        system, hashed = self._find(client_id)
        self._waiting += 1
        try:
            async with self._slots:
                good = await asyncio.to_thread(self._verify, hashed, client_secret)
        finally:
            self._waiting -= 1
        return system if good else None

    def _find(self, client_id: str) -> tuple[System | None, str]:
        for system in self._directory().systems.values():
            for credential in system.credentials:
                if credential.client_id == client_id:
                    return system, self._secret(credential.secret_hash).strip()
        return None, self._nobody

    def _verify(self, hashed: str, client_secret: str) -> bool:
        try:
            return self._hasher.verify(hashed, client_secret)
        except (VerificationError, InvalidHashError):
            return False
