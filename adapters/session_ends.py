"""Which sessions were ended before their time: a fold over the last hours of `sessions`."""

from __future__ import annotations

import logging
from typing import Final

from adapters.clock import Clock
from adapters.following import Following
from adapters.own_records import OwnRecords
from contracts.channels import SESSIONS
from contracts.envelope import CONTENT_TYPE
from contracts.errors import BusError, LogError
from contracts.ports import ChannelSpec, Message, Stored, Transport
from contracts.sessions import SessionEnd, session_end_from_avro

log = logging.getLogger(__name__)
_ALL: Final = ""


class SessionEndFold:
    """Implements the port `SessionEnds`. `longest_ms` is how long a session may last: older ends say nothing any more.

    Used from one event loop.
    """

    def __init__(self, transport: Transport, own: OwnRecords, clock: Clock, longest_ms: int) -> None:
        self._transport = transport
        self._own = own
        self._clock = clock
        self._longest_ms = longest_ms
        channel = ChannelSpec(SESSIONS, partitions=1, retention_ms=2 * longest_ms)
        self._following = Following(transport, channel, self._take, since_ms=clock() - longest_ms)
        self._latest: dict[tuple[str, str], int] = {}

    async def start(self) -> None:
        """Read which have ended, and follow it from now on. LogUnavailable."""
        await self._following.start()

    async def close(self) -> None:
        """Stop following. Idempotent."""
        await self._following.close()

    def has_ended(self, user: str, session: str, began_ms: int) -> bool:
        """Whether that session of `user`, which began then, was ended."""
        return (user, session) in self._latest or began_ms <= self._latest.get((user, _ALL), -1)

    async def end(self, end: SessionEnd) -> None:
        """From now on it has ended here and, once this returns, durably for every gateway. LogError."""
        self._note(end)
        value = self._own.session_end(end)
        await self._transport.append(Message(SESSIONS, end.user.encode(), value, (("content-type", CONTENT_TYPE),)))

    def _note(self, end: SessionEnd) -> None:
        since_ms = self._clock() - self._longest_ms
        self._latest = {each: time_ms for each, time_ms in self._latest.items() if time_ms >= since_ms}
        key = (end.user, end.session)
        self._latest[key] = max(end.time_ms, self._latest.get(key, 0))

    async def _take(self, stored: Stored) -> None:
        try:
            end = session_end_from_avro(await self._own.decode(stored.message.value))
        except LogError:
            raise
        except (BusError, ValueError, LookupError, TypeError) as error:
            log.warning("passed over, not the end of a session: %s: %s", stored.position, error)
        else:
            self._note(end)
