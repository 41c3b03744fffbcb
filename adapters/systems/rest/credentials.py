"""Showing a system who the bus is, and keeping what shows it out of every text."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import orjson

from adapters.systems.opening import CannotOpen, Secrets, is_reference, with_secrets
from adapters.systems.rest.auth import ApiKey, Auth, Basic, JsonHeader
from adapters.systems.rest.places import Added
from contracts.json_types import JsonValue

_SHORTEST: Final = 4


@dataclass(frozen=True, slots=True)
class Credentials(Added):
    """What is added to each call; `secrets` must never be shown."""

    secrets: tuple[str, ...] = field(default=(), repr=False)

    def scrub(self, text: str) -> str:
        """The text, with stars where it repeats a secret."""
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, "***")
        return text


def credentials(auth: Auth | None, secrets: Secrets) -> Credentials:
    """Those that are always the same. Secrets are read once: CannotOpen where one cannot be sent; as `secrets`."""
    if auth is None:
        return Credentials()
    found = []
    if auth.basic is not None:
        found.append(_basic(auth.basic, secrets))
    if auth.bearer is not None:
        found.append(bearer(read_secret(auth.bearer, secrets, must=str.isascii)))
    if auth.api_key is not None:
        found.append(_api_key(auth.api_key, secrets))
    if auth.json_header is not None:
        found.append(_json_header(auth.json_header, secrets))
    return joined(found)


def joined(several: list[Credentials]) -> Credentials:
    """All of them together."""
    return Credentials(
        headers=tuple(header for each in several for header in each.headers),
        query=tuple(pair for each in several for pair in each.query),
        secrets=hidden(*(secret for each in several for secret in each.secrets)),
    )


def bearer(token: str) -> Credentials:
    """A token in its header."""
    return Credentials((("Authorization", f"Bearer {token}"),), secrets=hidden(token))


def basic_token(user: str, password: str) -> str:
    """What follows `Basic` in the header."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _basic(basic: Basic, secrets: Secrets) -> Credentials:
    password = read_secret(basic.password, secrets)
    token = basic_token(basic.user, password)
    return Credentials((("Authorization", f"Basic {token}"),), secrets=hidden(password, token))


def _api_key(key: ApiKey, secrets: Secrets) -> Credentials:
    value = read_secret(key.value, secrets)
    if key.header is not None:
        return Credentials(((key.header, value),), secrets=hidden(value))
    return Credentials(query=((key.query or "", value),), secrets=hidden(value, quote(value, safe="")))


def _json_header(spec: JsonHeader, secrets: Secrets) -> Credentials:
    read = {name: read_secret(text, secrets) if is_reference(text) else text for name, text in spec.values.items()}
    encoded = base64.b64encode(orjson.dumps(read)).decode()
    own = (read[name] for name, text in spec.values.items() if is_reference(text))
    return Credentials(((spec.header, encoded),), secrets=hidden(encoded, *own))


def read_secret(reference: str, secrets: Secrets, *, must: Callable[[str], bool] = str.isprintable) -> str:
    """The secret. CannotOpen where it cannot be sent; whatever `secrets` raises."""
    value = secrets(reference)
    if not value or not value.isprintable() or not must(value):
        raise CannotOpen(f"the secret {reference} is empty, or has signs in it that cannot be sent")
    return value


def read_secrets(value: JsonValue, secrets: Secrets) -> tuple[JsonValue, tuple[str, ...]]:
    """The value with its references replaced, and the secrets that are now in it. As `read_secret`."""
    found: list[str] = []

    def reading(reference: str) -> str:
        found.append(read_secret(reference, secrets))
        return found[-1]

    return with_secrets(value, reading), hidden(*found)


def hidden(*secrets: str) -> tuple[str, ...]:
    """The secrets that are looked for in texts, the longest first."""
    # Very short ones would blot out harmless text and hide nothing.
    return tuple(sorted({each for each in secrets if len(each) >= _SHORTEST}, key=lambda each: (-len(each), each)))
