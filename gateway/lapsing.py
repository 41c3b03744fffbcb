"""Watches the legal grounds of grants, and warns before one lapses.

A lapse stops nothing: who may share what is a decision, and a bus that stopped at midnight for a date in a list would
decide in somebody's place.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date
from typing import Final

from contracts.laws import Standing
from gateway.directory import Directory
from gateway.grounds import Resting, resting_on_lapses
from gateway.routing import today

log = logging.getLogger(__name__)

_LOOK_AGAIN_S: Final = 600.0


class LapseWatch:
    """What rests on grounds that do not hold, or soon will not: counted at any time, and logged once a day and for
    each configuration."""

    def __init__(self, directory: Callable[[], Directory], now_ms: Callable[[], int]) -> None:
        self._directory = directory
        self._now_ms = now_ms
        self._told: tuple[date, str] | None = None

    def count(self) -> int:
        """How many grants rest on such a ground today."""
        return len({each.grant.id for each in self._resting()})

    async def run(self) -> None:
        """Warn for ever."""
        while True:
            self.tell()
            await asyncio.sleep(_LOOK_AGAIN_S)

    def tell(self) -> None:
        """Log each of them, unless that was done today for this configuration."""
        directory = self._directory()
        of = (today(directory, self._now_ms()), directory.configuration)
        if of == self._told:
            return
        self._told = of
        for each in self._resting():
            ends = each.lapse.standing is Standing.IN_FORCE
            log.warning(
                "grant %s rests on %s, which is %s %s; see `lienthong law list`",
                each.grant.id,
                directory.laws.words(each.lapse.citation),
                "in force only until" if ends else f"{each.lapse.standing.replace('_', ' ')}:",
                each.lapse.day,
            )

    def _resting(self) -> list[Resting]:
        directory = self._directory()
        day = today(directory, self._now_ms())
        return list(resting_on_lapses(directory.grants, directory.laws, day))
