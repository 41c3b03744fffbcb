"""Which configurations this process has got to: a message of a later one waits."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from adapters.configuration.fold import ConfigurationFold
from contracts.configuration import Applied
from contracts.errors import LogError

log = logging.getLogger(__name__)

_WAIT_S: Final = 15.0
_MAX_PASSED: Final = 10_000


class Reach:
    """How far this process is. Used from one event loop.

    A manifest is on the log before any message carries its id: so what is not there once the log is read to its end is
    none, but a workspace on some disk, from before the first one was applied, and nothing to wait for.
    """

    def __init__(self, fold: ConfigurationFold, configuration: str, *, wait_s: float = _WAIT_S) -> None:
        self._fold = fold
        self._wait_s = wait_s
        self._running = configuration
        self._passed = {configuration}
        self._news = asyncio.Condition()

    async def got_to(self, applied: Applied) -> None:
        """It runs now; who waited for it, or for one before it, goes on."""
        self._running = applied.id
        self._passed.clear()
        self._passed.add(applied.id)
        async with self._news:
            self._news.notify_all()

    async def up_to(self, configuration: str) -> None:
        """Return once this process has got there; after a while in any case, and then it is said."""
        if configuration in self._passed:
            return
        try:
            await self._fold.caught_up()
        except LogError as error:
            log.warning("whether configuration %s is there cannot be seen: %s", configuration[:12], error)
            return
        if not self._is_reached(configuration):
            await self._wait(configuration)
        if len(self._passed) < _MAX_PASSED:
            self._passed.add(configuration)

    async def _wait(self, configuration: str) -> None:
        try:
            async with asyncio.timeout(self._wait_s), self._news:
                await self._news.wait_for(lambda: self._is_reached(configuration))
        except TimeoutError:
            wanted, running = configuration[:12], self._running[:12]
            log.warning("what was accepted under configuration %s is worked on under %s from now on", wanted, running)

    def _is_reached(self, configuration: str) -> bool:
        wanted, running = self._fold.place(configuration), self._fold.place(self._running)
        return wanted is None or (running is not None and running >= wanted)
