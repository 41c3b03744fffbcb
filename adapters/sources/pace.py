"""How fast a source works: as fast as it can, and slowly while somebody waits for the answer to a query."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from adapters.hurry import Hurry

_SLICE_S: Final = 0.002
"""So long a source works at a stretch; then all others have their turn."""

_FEW: Final = 8
_PAUSE_S: Final = 0.04
"""Beside queries it works on so many rows, and then rests. What the rows bring about, fan-out and ledger, takes longer
than the source itself: the pause has room for it."""


class Pace:
    """Gives way. One for each source; `turn` comes before each row. Used from one event loop."""

    def __init__(self, hurry: Hurry) -> None:
        self._hurry = hurry
        self._rows = 0
        self._since_s = time.perf_counter()

    async def turn(self) -> None:
        """Return once it is the source's turn again."""
        self._rows += 1
        if self._hurry.is_on:
            if self._rows >= _FEW:
                await self._rest(_PAUSE_S)
        elif time.perf_counter() - self._since_s > _SLICE_S:
            await self._rest(0)

    async def _rest(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        self._rows = 0
        self._since_s = time.perf_counter()
