"""Rows in flight: bounded, and counted from the beginning without a gap."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from adapters.sources.files.rows import Row

MOST_ROWS: Final = 256
MOST_CHARACTERS: Final = 16_000_000


class End(StrEnum):
    """What became of a row."""

    EVENT = "event"
    REJECTED = "rejected"
    REPEATED = "repeated"


@dataclass(slots=True)
class Place:
    """A row in the window; `end` None while it is in flight. `field` and `reason` say why it was rejected."""

    row: Row
    end: End | None = None
    field: str = ""
    reason: str = ""


class Window:
    """The rows between the last one that has ended with all before it, and the last one that was read.

    `settle` is called with each row and its end in the order of the file, once it and all before it have ended.
    """

    def __init__(self, settle: Callable[[Place, End], None]) -> None:
        self._settle = settle
        self._places: deque[Place] = deque()
        self._characters = 0
        self._changed = asyncio.Event()
        self._failure: BaseException | None = None

    async def enter(self, row: Row) -> Place:
        """Wait until there is room, and put the row in. Raises what `fail` was given."""
        while len(self._places) >= MOST_ROWS or (self._places and self._characters + row.size > MOST_CHARACTERS):
            await self._wait()
        place = Place(row)
        self._places.append(place)
        self._characters += row.size
        return place

    def leave(self, place: Place, end: End, field: str = "", reason: str = "") -> None:
        """A row has ended."""
        place.end, place.field, place.reason = end, field, reason
        while self._places and (first_end := self._places[0].end) is not None:
            first = self._places.popleft()
            self._characters -= first.row.size
            self._settle(first, first_end)
        self._changed.set()

    async def drained(self) -> None:
        """Wait until nothing is in flight. Raises what `fail` was given."""
        while self._places:
            await self._wait()

    def fail(self, failure: BaseException) -> None:
        """A row will not end: who waits is told why."""
        self._failure = self._failure or failure
        self._changed.set()

    async def _wait(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._changed.clear()
        await self._changed.wait()
        if self._failure is not None:
            raise self._failure
