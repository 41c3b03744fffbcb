"""Who asks the registry of schemas: by HTTP Basic, as Kafka's clients do, or with a token."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from contracts.catalogue import Credential
from gateway.auth.credentials import CredentialCheck
from gateway.directory import Directory
from gateway.intake import Intake, Principal
from gateway.problems import Problem

GOOD_FOR_S: Final = 60.0
_REMEMBERED: Final = 4096
_HEADERS: Final = {"www-authenticate": 'Basic realm="lienthong"'}


class SignIn:
    """Checks who asks. A good secret is good for a minute without being hashed again: clients send it every time.

    What is remembered is a keyed hash that dies with the process. Used from one event loop.
    """

    def __init__(
        self,
        intake: Intake,
        credentials: CredentialCheck,
        directory: Callable[[], Directory],
        now_s: Callable[[], float],
    ) -> None:
        self._intake = intake
        self._credentials = credentials
        self._directory = directory
        self._now_s = now_s
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, tuple[str, tuple[Credential, ...], float]] = OrderedDict()

    async def principal(self, authorization: str) -> Principal:
        """Who it is. Problem `unauthenticated`, `invalid-token`, `too-many-logins`."""
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            try:
                return self._intake.authenticate(authorization)
            except Problem as problem:
                if problem.kind == "unauthenticated":
                    problem.headers.update(_HEADERS)
                raise
        try:
            client_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except ValueError:
            raise Problem("unauthenticated", headers=_HEADERS) from None
        return await self._by_secret(client_id, secret)

    async def _by_secret(self, client_id: str, secret: str) -> Principal:
        mark = hmac.digest(self._key, f"{client_id}\0{secret}".encode(), sha256)
        found = self._known.get(mark)
        if found is not None:
            system = self._directory().systems.get(found[0])
            # Whoever takes a credential away takes it away at once.
            if system is not None and system.credentials == found[1] and self._now_s() < found[2]:
                return Principal(system.id, system, operator=system.operator)
            del self._known[mark]
        system = await self._credentials.check(client_id, secret)
        if system is None:
            raise Problem("unauthenticated", headers=_HEADERS)
        self._known[mark] = (system.id, system.credentials, self._now_s() + GOOD_FOR_S)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return Principal(system.id, system, operator=system.operator)
