"""Showing a system who the bus is, and keeping what shows it out of every text."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from adapters.systems.opening import CannotOpen, Secrets
from adapters.systems.rest.connection import Auth

_SHORTEST: Final = 4


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is added to each call: `headers`, and `query` in its encoded form; `secrets` must never be shown."""

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def scrub(self, text: str) -> str:
        """The text, with stars where it repeats a secret."""
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, "***")
        return text


def credentials(auth: Auth | None, secrets: Secrets) -> Credentials:
    """Read the secret once. CannotOpen where it cannot be sent; whatever `secrets` raises."""
    if auth is None:
        return Credentials()
    if auth.basic is not None:
        password = _secret(auth.basic.password, secrets)
        token = base64.b64encode(f"{auth.basic.user}:{password}".encode()).decode()
        return Credentials((("Authorization", f"Basic {token}"),), secrets=_hidden(password, token))
    if auth.bearer is not None:
        token = _secret(auth.bearer, secrets, must=str.isascii)
        return Credentials((("Authorization", f"Bearer {token}"),), secrets=_hidden(token))
    key = auth.api_key
    if key is None:
        raise CannotOpen("auth says nothing")
    value = _secret(key.value, secrets)
    if key.header is not None:
        return Credentials(((key.header, value),), secrets=_hidden(value))
    encoded = quote(value, safe="")
    return Credentials(query=f"{quote(key.query or '', safe='')}={encoded}", secrets=_hidden(value, encoded))


def _secret(reference: str, secrets: Secrets, *, must: Callable[[str], bool] = str.isprintable) -> str:
    value = secrets(reference)
    if not value or not value.isprintable() or not must(value):
        raise CannotOpen(f"the secret {reference} is empty, or has signs in it that cannot be sent")
    return value


def _hidden(*secrets: str) -> tuple[str, ...]:
    # Very short ones would blot out harmless text and hide nothing.
    return tuple(sorted((each for each in secrets if len(each) >= _SHORTEST), key=len, reverse=True))
