"""Noticing that a user's password was changed, wherever that was done: the journal says so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from gateway.console.audit import Audit

log = logging.getLogger(__name__)

EVERY_S: Final = 5.0
Hashes = Mapping[str, str | None]
"""The argon2 hash of each user's password; None where it cannot be read."""


class PasswordWatch:
    """Compares the hashes with those that it saw before. What was changed while no gateway ran it cannot know.

    It changes nothing: a session is sealed with the hash, so that a new one ends it by itself.
    """

    def __init__(self, read: Callable[[], Hashes], audit: Audit) -> None:
        self._read = read
        self._audit = audit
        self._seen: dict[str, str] = {}
        self._missing: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Look every five seconds, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Look once, and write down whose password is another than before."""
        hashes = await asyncio.to_thread(self._read)
        missing = frozenset(user for user, hashed in hashes.items() if not hashed)
        for user in sorted(missing - self._missing):
            log.warning("the password hash of %s cannot be read: nobody can sign in under that name", user)
        self._missing = missing
        for user, hashed in hashes.items():
            if hashed and self._seen.setdefault(user, hashed) != hashed:
                self._seen[user] = hashed
                self._audit.password_changed(user)
