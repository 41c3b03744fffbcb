"""The hops of an exchange, each with where it begins and how long it takes, to be drawn as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from contracts.ledger import ExchangeRow, StepRow
from contracts.ports import Position
from contracts.records import OF_NO_EXCHANGE

WIDTH: Final = 1000
_THINNEST: Final = 6

SEALED: Final = "sealed"
"""The first hop, which no message tells: the gateway has checked the record and made the exchange of it."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing that happened. Times are in milliseconds; `took_ms` is the time until the next, None for the last.

    `x` and `width` are those of its bar, of 1000.
    """

    kind: str
    place: str
    attempt: int
    detail: str
    outcome: str
    since_ms: int
    took_ms: int | None
    x: int
    width: int


def hops_of(row: ExchangeRow, steps: Sequence[StepRow]) -> tuple[tuple[Hop, ...], int]:
    """The hops, and how long they took together: from the moment the gateway sealed it to its last hop.

    What people looked at or looked up afterwards is no hop.
    """
    sealed = StepRow(row.id, row.sealed_ms, SEALED, "gateway", 1, "", Position("", 0, 0))
    way = [sealed, *(step for step in steps if step.kind not in OF_NO_EXCHANGE)]
    begun = min(step.time_ms for step in way)
    whole = max(step.time_ms for step in way) - begun
    ends = [step.time_ms for step in way[1:]]
    return tuple(_hop(step, end, begun, whole) for step, end in zip_longest(way, ends)), whole


def _hop(step: StepRow, end: int | None, begun: int, whole: int) -> Hop:
    since, took = step.time_ms - begun, None if end is None else max(0, end - step.time_ms)
    x = min(_scaled(since, whole), WIDTH - _THINNEST)
    width = min(max(_THINNEST, _scaled(took or 0, whole)), WIDTH - x)
    detail = step.detail.removeprefix(step.outcome).removeprefix(": ")
    return Hop(step.kind, step.place, step.attempt, detail, step.outcome, since, took, x, width)


def _scaled(ms: int, whole: int) -> int:
    return WIDTH * ms // whole if whole else 0
