"""The hops of an exchange, each with where it begins and how long it takes, to be drawn as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from contracts.ledger import ExchangeRow, StepRow
from contracts.records import OF_NO_EXCHANGE

WIDTH: Final = 1000
_THINNEST: Final = 6


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing that happened. Times are in milliseconds; `took_ms` is the time until the next, None for the last.

    `x` and `width` are those of its bar, of 1000.
    """

    kind: str
    place: str
    attempt: int
    detail: str
    time_ms: int
    since_ms: int
    took_ms: int | None
    x: int
    width: int


def hops_of(row: ExchangeRow, steps: Sequence[StepRow]) -> tuple[tuple[Hop, ...], int]:
    """The hops, and how long they took together: from the moment the gateway made it to its last hop.

    What people looked at or looked up afterwards is no hop.
    """
    way = [step for step in steps if step.kind not in OF_NO_EXCHANGE]
    begun = min((row.sealed_ms, *(step.time_ms for step in way)))
    ends = [step.time_ms for step in way[1:]]
    whole = max((step.time_ms for step in way), default=begun) - begun
    hops = []
    for number, step in enumerate(way):
        since = step.time_ms - begun
        took = ends[number] - step.time_ms if number < len(ends) else None
        x = _scaled(since, whole)
        width = max(_THINNEST, _scaled(took or 0, whole))
        hops.append(
            Hop(
                step.kind,
                step.place,
                step.attempt,
                step.detail,
                step.time_ms,
                since,
                took,
                min(x, WIDTH - _THINNEST),
                min(width, WIDTH - min(x, WIDTH - _THINNEST)),
            )
        )
    return tuple(hops), whole


def _scaled(ms: int, whole: int) -> int:
    return WIDTH * ms // whole if whole else 0
