"""What was fetched is kept until it ends, and fetched once, however many calls wait for it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from adapters.systems.rest.credentials import Credentials
from contracts.errors import Permanent, Transient

_MARGIN_SHARE: Final = 0.1
_LONGEST_MARGIN_S: Final = 30.0
_REMEMBERED: Final = 4
_NOT_AGAIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Lasting:
    """Credentials that may be used for `lives_s` from the moment at which they were asked for."""

    shown: Credentials
    lives_s: float


class Kept:
    """The credentials that `fetch` gets. Used from one event loop; `now_s` is any clock that runs on.

    `fetch` ends by itself, and raises errors of deliveries only. It is not made for one call but for all that wait:
    a call that is cancelled, or has no time left, does not end it. What was refused for good is not asked again for
    half a minute: systems lock accounts after a few wrong passwords.
    """

    def __init__(self, fetch: Callable[[], Awaitable[Lasting]], now_s: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._now_s = now_s
        self._shown: Credentials | None = None
        self._until_s = 0.0
        self._refused: Permanent | None = None
        self._fetching: asyncio.Task[Credentials] | None = None
        self._recent: deque[Credentials] = deque(maxlen=_REMEMBERED)

    async def get(self, limit_s: float) -> Credentials:
        """Those that are in force; fetched where there are none. Whatever `fetch` raises; Transient: not in time."""
        if self._shown is not None and self._now_s() < self._until_s:
            return self._shown
        if self._refused is not None and self._now_s() < self._until_s:
            # A new one each time: an error that is raised again and again grows with every place it passed.
            raise Permanent(self._refused.detail, origin=self._refused.origin)
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetched())
            self._fetching.add_done_callback(_seen)
        fetching = self._fetching
        done, _ = await asyncio.wait({fetching}, timeout=limit_s)
        if not done:
            raise Transient("the login to the system did not end in time", sent=False)
        if fetching.cancelled():
            raise Transient("the connection to the system was closed during the login", sent=False)
        return fetching.result()

    def drop(self, shown: Credentials) -> None:
        """Forget these: the system does not take them any more. Newer ones stay."""
        if self._shown is shown:
            self._shown = None

    def scrub(self, text: str) -> str:
        """The text, with stars where it repeats a secret of those that were in use lately."""
        for each in self._recent:
            text = each.scrub(text)
        return text

    async def close(self) -> None:
        """End what is being fetched, and forget the rest. Idempotent."""
        self._shown = None
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})

    async def _fetched(self) -> Credentials:
        asked_s = self._now_s()
        self._refused = None
        try:
            lasting = await self._fetch()
        except Permanent as error:
            self._shown, self._refused, self._until_s = None, error, self._now_s() + _NOT_AGAIN_S
            raise
        finally:
            self._fetching = None
        # A little early: what is sent now has to be in force when it arrives.
        margin_s = min(lasting.lives_s * _MARGIN_SHARE, _LONGEST_MARGIN_S)
        self._shown, self._until_s = lasting.shown, asked_s + lasting.lives_s - margin_s
        self._recent.append(lasting.shown)
        return lasting.shown


def _seen(fetching: asyncio.Task[Credentials]) -> None:
    """Nobody may be left who waits; a failure is then no news."""
    if not fetching.cancelled():
        fetching.exception()
