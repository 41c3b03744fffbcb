"""Who is in a hurry: queries that somebody waits for, and work that gives way to them in the same process."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from contracts.ports import Answer, Call, Provider

_HURRY_S: Final = 2.0
"""For so long after a query another one is expected."""


class Hurry:
    """Whether queries are live in this process. Used from one event loop. `now_s` is any clock that runs on."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._until_s = float("-inf")
        self._waiting = 0

    @property
    def is_on(self) -> bool:
        """Whether a query is under way, or was a moment ago."""
        return self._waiting > 0 or self._now_s() < self._until_s

    def begun(self) -> None:
        """A query is under way."""
        self._waiting += 1

    def ended(self) -> None:
        """It is over."""
        self._waiting -= 1
        self._until_s = self._now_s() + _HURRY_S


class HurriedProvider:
    """A provider that tells of its calls for `queries` (names of contracts)."""

    def __init__(self, provider: Provider, queries: Collection[str], hurry: Hurry) -> None:
        self._provider = provider
        self._queries = queries
        self._hurry = hurry

    async def start(self) -> None:
        """Open pools."""
        await self._provider.start()

    async def close(self) -> None:
        """Let go of everything. Idempotent."""
        await self._provider.close()

    async def call(self, call: Call) -> Answer:
        """Make the call, and let it be known where somebody waits for it."""
        if call.contract not in self._queries:
            return await self._provider.call(call)
        self._hurry.begun()
        try:
            return await self._provider.call(call)
        finally:
            self._hurry.ended()
