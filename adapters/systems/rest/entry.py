"""How the bus is let into a system: with what is always the same, and with what a login gave."""

from __future__ import annotations

from adapters.mapping.conditions import Predicate, compile_condition
from adapters.systems.opening import Secrets
from adapters.systems.rest.answers import Received
from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.credentials import Credentials, credentials, read_secret
from adapters.systems.rest.kept import Kept
from adapters.systems.rest.operation import Reads
from adapters.systems.rest.places import NOTHING, Added
from adapters.systems.rest.sessions import SessionOpener
from adapters.systems.rest.tokens import TokenFetcher
from adapters.systems.rest.wire import Bounds, Request, Wire

_UNAUTHORIZED = 401


class Entry:
    """What a system is shown. `fixed` is in each call; what a login gave is got with `shown`."""

    def __init__(self, fixed: Credentials, kept: Kept | None, is_over: Predicate | None) -> None:
        self.fixed = fixed
        self._kept = kept
        self._is_over = is_over

    async def shown(self, limit_s: float) -> Added:
        """What a login gave; nothing where none is needed. Transient, Permanent: the bus was not let in."""
        return NOTHING if self._kept is None else await self._kept.get(limit_s)

    def is_over(self, received: Received) -> bool:
        """Whether an answer says that what was shown is not taken any more. Then nothing took effect."""
        if self._kept is None:
            return False
        return received.status == _UNAUTHORIZED or (self._is_over is not None and self._is_over(received.view()))

    def drop(self, shown: Added) -> None:
        """Forget what a login gave."""
        if self._kept is not None and isinstance(shown, Credentials):
            self._kept.drop(shown)

    def scrub(self, text: str) -> str:
        """The text, with stars where it repeats a secret."""
        text = self.fixed.scrub(text)
        return text if self._kept is None else self._kept.scrub(text)

    async def close(self) -> None:
        """Forget what a login gave. Idempotent."""
        if self._kept is not None:
            await self._kept.close()


def entry(connection: RestConnection, wire: Wire, secrets: Secrets) -> Entry:
    """The entry that the connection tells of. CannotOpen; whatever `secrets` raises."""
    auth = connection.auth
    fixed = credentials(auth, secrets)
    bounds = Bounds(connection.timeout_s, connection.timeout_s, connection.max_response_bytes)

    async def ask(request: Request) -> Received:
        return await wire.ask(request, Reads.JSON, bounds)

    if auth is not None and auth.oauth2 is not None:
        secret = read_secret(auth.oauth2.client_secret, secrets)
        return Entry(fixed, Kept(TokenFetcher(auth.oauth2, secret, ask)), None)
    if auth is not None and auth.session is not None:
        over = auth.session.over
        kept = Kept(SessionOpener(auth.session, connection, fixed, secrets, ask))
        return Entry(fixed, kept, None if over is None else compile_condition(over))
    return Entry(fixed, None, None)
