"""Looks ahead: warns before the legal ground of a grant lapses, and of all else that will not work on a day to come.

A lapse stops nothing: who may share what is a decision, and a bus that stopped at midnight for a date in a list would
decide in somebody's place.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from contracts.laws import AHEAD_DAYS, Standing
from contracts.outlook import Break, Subject, breaks_of
from gateway.directory import Directory
from gateway.grounds import Resting, resting_on_lapses
from gateway.routing import today

log = logging.getLogger(__name__)

_LOOK_AGAIN_S: Final = 600.0


class LapseWatch:
    """What rests on grounds that do not hold, or soon will not, and what breaks within as many days: counted at any
    time, and logged once a day and for each configuration."""

    def __init__(self, directory: Callable[[], Directory], now_ms: Callable[[], int]) -> None:
        self._directory = directory
        self._now_ms = now_ms
        self._told: tuple[date, str] | None = None
        self._ahead: list[Break] = []

    def count(self) -> int:
        """How many grants rest on such a ground today."""
        return len({each.grant.id for each in self._resting()})

    def breaking(self, subject: Subject) -> int:
        """How many things of that kind will break within the days that are looked ahead, as of the last look."""
        return len({each.name for each in self._ahead if each.subject is subject})

    async def run(self) -> None:
        """Warn for ever."""
        while True:
            directory = self._directory()
            day = today(directory, self._now_ms())
            if (day, directory.configuration) != self._told:
                # Routes by lists of ten thousand codes take a moment.
                self._ahead = await asyncio.to_thread(_ahead_of, directory, day)
                self._told = (day, directory.configuration)
                self._tell(directory)
            await asyncio.sleep(_LOOK_AGAIN_S)

    def _tell(self, directory: Directory) -> None:
        """Log each of them."""
        for each in self._resting():
            ends = each.lapse.standing is Standing.IN_FORCE
            log.warning(
                "grant %s rests on %s, which is %s %s; see `lienthong law list`",
                each.grant.id,
                directory.laws.words(each.lapse.citation),
                "in force only until" if ends else f"{each.lapse.standing.replace('_', ' ')}:",
                each.lapse.day,
            )
        for broken in self._ahead:
            log.warning("%s %s, %s: %s", broken.subject, broken.name, broken.day, broken.message)

    def _resting(self) -> list[Resting]:
        directory = self._directory()
        day = today(directory, self._now_ms())
        return list(resting_on_lapses(directory.grants, directory.laws, day))


def _ahead_of(directory: Directory, day: date) -> list[Break]:
    """What breaks within the days that are looked ahead; grounds that lapse are told of by themselves."""
    found = breaks_of(directory, day, day + timedelta(days=AHEAD_DAYS))
    return [each for each in found if each.spot.loc != ("legal_basis",)]
