"""Fetching an OAuth 2.0 token for the bus itself: the client credentials grant of RFC 6749, section 4.4."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import isfinite
from typing import Final
from urllib.parse import quote_plus, urlencode

from yarl import URL

from adapters.mapping.literals import plain
from adapters.systems.rest.answers import Received, spoken
from adapters.systems.rest.credentials import Credentials, basic_token, bearer, hidden
from adapters.systems.rest.failures import not_let_in, unanswered
from adapters.systems.rest.kept import Lasting
from adapters.systems.rest.logins import ClientIn, OAuth2
from adapters.systems.rest.wire import Request
from contracts.errors import DeliveryError, Permanent, Transient
from contracts.json_types import JsonObject

_ASSUMED_S: Final = 300.0
"""How long a token is taken to live whose endpoint does not say."""

_LONGEST_S: Final = 7 * 86_400.0

Ask = Callable[[Request], Awaitable[Received]]
"""Makes a request of a login. Raises errors of deliveries."""


class TokenFetcher:
    """Asks a token endpoint. Its errors hold no secret."""

    def __init__(self, spec: OAuth2, secret: str, ask: Ask) -> None:
        self._ask = ask
        self._host = URL(spec.token_url).host or ""
        form = {"grant_type": "client_credentials", "scope": spec.scope, "audience": spec.audience}
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "lienthong"}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        # Section 2.3.1: both are form-encoded before they become a name and a password.
        user, password = quote_plus(spec.client_id), quote_plus(secret)
        token = basic_token(user, password)
        if spec.client_in is ClientIn.FORM:
            form |= {"client_id": spec.client_id, "client_secret": secret}
        else:
            headers["Authorization"] = f"Basic {token}"
        body = urlencode({name: text for name, text in form.items() if text is not None}).encode()
        self._request = Request("POST", URL(spec.token_url), headers, body)
        self._own = Credentials(secrets=hidden(secret, password, token))

    async def __call__(self) -> Lasting:
        """A token. Transient where a later try may succeed, Permanent where the client is wrong."""
        try:
            received = await self._ask(self._request)
        except DeliveryError as error:
            raise unanswered(error, f"no access token came from {self._host}") from None
        body = received.body if isinstance(received.body, dict) else {}
        if received.status != 200:
            raise not_let_in(received, f"the token endpoint {self._host} gave no access token", self._said(body))
        if received.fault:
            raise Transient(f"the token endpoint {self._host} cannot be understood: {received.fault}", sent=False)
        return Lasting(bearer(self._token(body)), _lives_s(body))

    def _token(self, body: JsonObject) -> str:
        token, kind = body.get("access_token"), body.get("token_type", "Bearer")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise Permanent(f"what the token endpoint {self._host} answered has no usable access_token in it")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise Permanent(f"the token endpoint {self._host} gives tokens that are not of the type Bearer")
        return token

    def _said(self, body: JsonObject) -> str:
        words = [spoken(body.get(name), self._own.scrub) for name in ("error", "error_description")]
        return ": ".join(word for word in words if word)


def _lives_s(body: JsonObject) -> float:
    try:
        lives_s = float(plain(body.get("expires_in")) or "")
    except ValueError:
        return _ASSUMED_S
    return min(max(0.0, lives_s), _LONGEST_S) if isfinite(lives_s) else _ASSUMED_S
