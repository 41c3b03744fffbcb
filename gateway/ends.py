"""How far a channel goes as of now: many who ask at once are told by few questions to the log."""

from __future__ import annotations

import asyncio
from typing import Final

from contracts.partitions import all_partitions
from contracts.ports import Transport

_NONE: Final = -1


class Ends:
    """The ends of one channel. An answer is shared by all who asked before its question was put."""

    def __init__(self, transport: Transport, channel: str) -> None:
        self._transport = transport
        self._partitions = all_partitions(transport, channel)
        self._asking = asyncio.Lock()
        self._put = 0
        self._answered = _NONE
        self._ends: list[int] = []

    async def now(self) -> list[int]:
        """The end of each partition, not older than this call. LogUnavailable."""
        put = self._put
        async with self._asking:
            if self._answered > put:
                return self._ends
            self._put += 1
            question = self._put
            extents = await self._transport.extents(self._partitions)
            self._ends = [extents[partition].end for partition in self._partitions]
            self._answered = question
            return self._ends
