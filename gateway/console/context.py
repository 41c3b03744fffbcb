"""What the console's pages need, and who looks at one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from contracts.catalogue import User, UserRole
from contracts.speech import Speech, speech
from contracts.wording import Language
from gateway.auth.hashes import Hashes
from gateway.case_keys import CaseKeys
from gateway.console.assets import Assets
from gateway.console.attempts import Attempts
from gateway.console.audit import Audit
from gateway.console.drawing import Drawing
from gateway.console.live.parts import Live
from gateway.console.passwords import PasswordWatch
from gateway.console.portal.index import PortalIndex
from gateway.console.receiving import Receiving
from gateway.console.sessions import Session, Sessions
from gateway.context import Gateway


@dataclass(frozen=True, slots=True)
class Console:
    """The console's parts. `secret` resolves a reference to an argon2 hash; None where it leads nowhere any more."""

    gateway: Gateway
    secret: Callable[[str], str | None]
    hashes: Hashes
    sessions: Sessions
    attempts: Attempts
    audit: Audit
    assets: Assets
    drawing: Drawing
    case_keys: CaseKeys
    receiving: Receiving
    live: Live
    portal_index: PortalIndex
    passwords: PasswordWatch

    def user(self, name: str) -> User | None:
        """The user of that id in the workspace that is current now."""
        return self.gateway.directory().users.get(name)

    def hash_of(self, name: str) -> str | None:
        """The argon2 hash of a user's password; None where there is no such user, or no hash of his."""
        user = self.user(name)
        return None if user is None else self.secret(user.password_hash)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request by somebody who is signed in."""

    console: Console
    request: Request
    user: User
    session: Session
    language: Language

    @property
    def gateway(self) -> Gateway:
        """What serves the bus itself."""
        return self.console.gateway

    @property
    def speech(self) -> Speech:
        """The visitor's language."""
        return speech(self.language)

    @property
    def is_operator(self) -> bool:
        """Whether the visitor may act and read records."""
        return self.user.role is UserRole.OPERATOR

    @property
    def is_part(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"


def console_of(request: Request) -> Console:
    """The console that serves this request."""
    found = request.app.state.console
    if not isinstance(found, Console):
        raise TypeError("the application was built without a console")
    return found
