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

IDLE_S: Final = 30 * 60
ABSOLUTE_S: Final = 10 * 3600
_RENEW_S: Final = 60
_TAG_BYTES: Final = 32
_MAX_COOKIE: Final = 1000


@dataclass(frozen=True, slots=True)
class Session:
    """A person's visit. Times are seconds since 1970: when it began, and when its cookie was last renewed."""

    id: str
    user: str
    began_s: int
    seen_s: int


class Sessions:
    """Seals sessions into cookies and reads them, with a key derived from the token key.

    The tag is over the user's password hash too: a new password, or a user who was taken out of the workspace, ends
    every session. A session that was signed out of is remembered by this process until it would have ended anyway.
    """

    def __init__(self, key: bytes, now_s: Callable[[], float]) -> None:
        self._key = key
        self._now_s = now_s
        self._ended: dict[str, int] = {}

    def begin(self, user: str) -> Session:
        """A new session for `user`."""
        now = int(self._now_s())
        return Session(secrets.token_urlsafe(18), user, now, now)

    def seal(self, session: Session, password_hash: str) -> str:
        """The cookie's value."""
        told = "\0".join((session.id, session.user, str(session.began_s), str(session.seen_s))).encode()
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

    def end(self, session: Session) -> None:
        """Sign out: no copy of the cookie opens it again at this gateway."""
        now = int(self._now_s())
        self._ended = {each: until for each, until in self._ended.items() if until > now}
        self._ended[session.id] = session.began_s + ABSOLUTE_S

    def _is_alive(self, session: Session) -> bool:
        now = self._now_s()
        fresh = now - session.seen_s <= IDLE_S and now - session.began_s <= ABSOLUTE_S
        return fresh and session.id not in self._ended

    def _tag(self, told: bytes, password_hash: str) -> bytes:
        return hmac.digest(self._key, b"session\0" + told + b"\0" + password_hash.encode(), hashlib.sha256)
