"""The files that a station leaves, with rows of which it is known beforehand what must become of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

STATIONS: Final = 100
_HEAD: Final = "station,number,pm25,level\n"
_BAD_EVERY: Final = 100

_BAD: Final[tuple[tuple[str, Callable[[str, int], str]], ...]] = (
    ("/pm25", lambda station, number: f"{station},{number},nhiều,fine\n"),
    ("/pm25", lambda station, number: f"{station},{number},,fine\n"),
    ("/number", lambda station, number: f"{station},{number}.5,12.5,fine\n"),
    ("/level", lambda station, number: f"{station},{number},12.5,dreadful\n"),
    ("", lambda station, number: f"{station},{number},12.5\n"),
    ("", lambda station, number: f"{station},{number},12.5,fine,,x\n"),
)
"""Rows that cannot be used, with the field where each is wrong; "" where the row as a whole is."""


@dataclass(frozen=True, slots=True)
class Written:
    """What lies in a file: its good rows in their order, as station and number, and its bad ones with their field."""

    path: Path
    rows: int
    good: list[tuple[str, int]] = field(default_factory=list)
    bad: dict[int, str] = field(default_factory=dict)


def write_file(path: Path, rows: int, rng: random.Random) -> Written:
    """A file of so many rows; about one in a hundred is bad. It is moved into place whole."""
    written = Written(path, rows)
    numbers = [0] * STATIONS
    beside = path.with_name(f".{path.name}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        for row in range(1, rows + 1):
            at = rng.randrange(STATIONS)
            station, number = f"A{at:02d}", numbers[at]
            numbers[at] += 1
            if rng.randrange(_BAD_EVERY) == 0:
                where, line = rng.choice(_BAD)
                written.bad[row] = where
                file.write(line(station, number))
            else:
                written.good.append((station, number))
                file.write(f"{station},{number},{rng.randrange(2000) / 10},fine\n")
    beside.replace(path)
    return written
