"""Beginning a session with a system: a login, and what it gives for all calls that follow."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

import orjson
from yarl import URL

from adapters.mapping.conditions import Predicate, compile_condition
from adapters.mapping.literals import plain
from adapters.mapping.paths import finder
from adapters.systems.opening import Secrets
from adapters.systems.rest.answers import Received, spoken
from adapters.systems.rest.connection import RestConnection
from adapters.systems.rest.credentials import Credentials, hidden, joined, read_secrets
from adapters.systems.rest.failures import not_let_in, unanswered
from adapters.systems.rest.kept import Lasting
from adapters.systems.rest.logins import Session, SessionSlot
from adapters.systems.rest.places import encoded
from adapters.systems.rest.tokens import Ask
from adapters.systems.rest.wire import Request
from contracts.errors import DeliveryError, Permanent, Transient
from contracts.json_types import JsonValue

_COOKIE_VALUE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")


class SessionOpener:
    """Logs in. Its errors hold no secret."""

    def __init__(
        self, spec: Session, connection: RestConnection, fixed: Credentials, secrets: Secrets, ask: Ask
    ) -> None:
        self._spec = spec
        self._ask = ask
        self._path = spec.login.path
        body, own = read_secrets(spec.login.body, secrets)
        self._own = joined([fixed, Credentials(secrets=own)])
        self._request = _request(spec, connection, fixed, body)
        self._value = finder(spec.value)
        self._succeeded: Predicate = (lambda _: True) if spec.success is None else compile_condition(spec.success)

    async def __call__(self) -> Lasting:
        """A session. Transient where a later try may succeed, Permanent where the login is refused."""
        try:
            received = await self._ask(self._request)
        except DeliveryError as error:
            raise unanswered(error, f"the login at {self._path} had no answer") from None
        if not 200 <= received.status < 300:
            raise not_let_in(received, f"the login at {self._path} failed", self._said(received))
        if received.fault:
            raise Transient(
                f"the answer to the login at {self._path} cannot be understood: {received.fault}", sent=False
            )
        view = received.view()
        if not self._succeeded(view):
            said = self._said(received)
            raise Permanent(f"the system refused the login at {self._path}" + (f": {said}" if said else ""))
        value = plain(self._value(view))
        if not value:
            raise Permanent(f"the answer to the login at {self._path} has no session at {self._spec.value}")
        return Lasting(self._shown(self._spec.prefix + value, value), self._spec.lives_s)

    def _shown(self, text: str, value: str) -> Credentials:
        send: SessionSlot = self._spec.send
        secrets = hidden(value, quote(value, safe=""))
        if send.header is not None or send.cookie is not None:
            fits = text.isprintable() and (send.cookie is None or _COOKIE_VALUE.fullmatch(text))
            if not fits:
                raise Permanent(f"the session that the login at {self._path} gave cannot stand in a header")
            header = (send.header, text) if send.header is not None else ("Cookie", f"{send.cookie}={text}")
            return Credentials((header,), secrets=secrets)
        put = send.put(text)
        return Credentials(query=put.query, fields=put.fields, secrets=secrets)

    def _said(self, received: Received) -> str:
        words = self._spec.detail or ""
        found: JsonValue = finder(words)(received.view()) if words.startswith("/") else words
        return spoken(found, self._own.scrub)


def _request(spec: Session, connection: RestConnection, fixed: Credentials, body: JsonValue) -> Request:
    login = spec.login
    taken = {name.lower() for name in login.headers}
    # What depends on a call cannot be filled in: a login is made for all of them.
    common = {name: text for name, text in connection.headers.items() if name.lower() not in taken and "{" not in text}
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "lienthong"}
    written = None if body is None else orjson.dumps(body)
    if written is not None:
        headers["Content-Type"] = "application/json"
    named = {name.lower() for name in (*common, *login.headers)}
    kept = {name: text for name, text in headers.items() if name.lower() not in named}
    query = encoded([*login.query.items(), *fixed.query])
    path = quote(login.path, safe="/-._~!$&'()*+,;=:@%")
    url = URL(f"{connection.base}{path}{'?' if query else ''}{query}", encoded=True)
    return Request(login.method, url, {**kept, **common, **login.headers, **dict(fixed.headers)}, written)
