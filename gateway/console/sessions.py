"""Who is signed in: a signed cookie, so that any gateway knows it without asking another."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from contracts.sessions import SessionEnd, SessionEnds

IDLE_S: Final = 30 * 60
ABSOLUTE_S: Final = 10 * 3600
_RENEW_S: Final = 60
_TAG_BYTES: Final = 32
_MAX_COOKIE: Final = 1000


@dataclass(frozen=True, slots=True)
class Session:
    """A person's visit: when it began (milliseconds since 1970: another may begin in the second in which all were
    ended), and when its cookie was last renewed (seconds since 1970)."""

    id: str
    user: str
    began_ms: int
    seen_s: int


class Sessions:
    """Seals sessions into cookies and reads them, with a key derived from the token key.

    The tag is over the user's password hash too: a new password, or a user who was taken out of the workspace, ends
    every session. Which were signed out of, at this gateway or another, `ends` knows.
    """

    def __init__(self, key: bytes, now_s: Callable[[], float], ends: SessionEnds) -> None:
        self._key = key
        self._now_s = now_s
        self._ends = ends

    def begin(self, user: str) -> Session:
        """A new session for `user`."""
        now_s = self._now_s()
        return Session(secrets.token_urlsafe(18), user, int(now_s * 1000), int(now_s))

    def seal(self, session: Session, password_hash: str) -> str:
        """The cookie's value."""
        told = "\0".join((session.id, session.user, str(session.began_ms), str(session.seen_s))).encode()
        return base64.urlsafe_b64encode(self._tag(told, password_hash) + told).rstrip(b"=").decode()

    def read(self, cookie: str, hash_of: Callable[[str], str | None]) -> Session | None:
        """The session in a cookie; None where it is not ours, over, signed out of, or `hash_of` knows no such user."""
        try:
            raw = base64.urlsafe_b64decode(cookie[:_MAX_COOKIE] + "=" * (-len(cookie) % 4))
            tag, told = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
            session_id, user, began, seen = told.decode().split("\0")
            session = Session(session_id, user, int(began), int(seen))
        except (binascii.Error, ValueError):
            return None
        hashed = hash_of(session.user)
        if hashed is None or not hmac.compare_digest(tag, self._tag(told, hashed)):
            return None
        return session if self._is_alive(session) else None

    def renewed(self, session: Session) -> Session | None:
        """The session as its cookie is to say now; None where the one there is new enough."""
        now = int(self._now_s())
        return replace(session, seen_s=now) if now - session.seen_s >= _RENEW_S else None

    def form_token(self, session: Session) -> str:
        """What every form of this session carries, so that no other site can send one."""
        return hmac.digest(self._key, b"form\0" + session.id.encode(), hashlib.sha256).hex()

    async def end(self, session: Session) -> None:
        """Sign out: no copy of the cookie opens it again, at this gateway at once. LogError: others may not know."""
        await self._ends.end(SessionEnd(session.user, int(self._now_s() * 1000), session.id))

    async def end_all_of(self, user: str) -> None:
        """End every session of `user` that has begun, as `end` does."""
        await self._ends.end(SessionEnd(user, int(self._now_s() * 1000)))

    def _is_alive(self, session: Session) -> bool:
        now = self._now_s()
        fresh = now - session.seen_s <= IDLE_S and now - session.began_ms / 1000 <= ABSOLUTE_S
        return fresh and not self._ends.has_ended(session.user, session.id, session.began_ms)

    def _tag(self, told: bytes, password_hash: str) -> bytes:
        return hmac.digest(self._key, b"session\0" + told + b"\0" + password_hash.encode(), hashlib.sha256)
