"""The right to work on a source, which may end at any moment."""

from __future__ import annotations

import asyncio


class LeaseLost(Exception):
    """Another process has the source now, or this one stops."""


class Fence:
    """Open while the lease is held; once shut, it stays so. Used from one event loop."""

    def __init__(self) -> None:
        self._shut = asyncio.Event()

    @property
    def is_shut(self) -> bool:
        """Whether the lease is lost."""
        return self._shut.is_set()

    def shut(self) -> None:
        """The lease is lost: nothing more is begun from here on."""
        self._shut.set()

    def check(self) -> None:
        """LeaseLost where it is."""
        if self._shut.is_set():
            raise LeaseLost

    async def sleep(self, wait_s: float) -> None:
        """Wait. LeaseLost as soon as it is."""
        try:
            async with asyncio.timeout(wait_s):
                await self._shut.wait()
        except TimeoutError:
            return
        raise LeaseLost
