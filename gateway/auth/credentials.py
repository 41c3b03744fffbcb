"""Client credentials against argon2 hashes."""

from __future__ import annotations

from collections.abc import Callable

from contracts.catalogue import System
from gateway.auth.hashes import Hashes
from gateway.directory import Directory


class CredentialCheck:
    """Checks a client id and its secret. `secret` resolves a ``file:`` or ``env:`` reference to an argon2 hash."""

    def __init__(self, directory: Callable[[], Directory], secret: Callable[[str], str], hashes: Hashes) -> None:
        self._directory = directory
        self._secret = secret
        self._hashes = hashes

    async def check(self, client_id: str, client_secret: str) -> System | None:
        """The system with these credentials, or None. An unknown client takes as long as a wrong secret.

        Problem `too-many-logins`.
        """
        system, hashed = self._find(client_id)
        return system if await self._hashes.verify(hashed, client_secret) else None

    def _find(self, client_id: str) -> tuple[System | None, str | None]:
        for system in self._directory().systems.values():
            for credential in system.credentials:
                if credential.client_id == client_id:
                    return system, self._secret(credential.secret_hash).strip()
        return None, None
