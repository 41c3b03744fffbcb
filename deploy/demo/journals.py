"""Reading the files in which the sample systems wrote down what they received."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

Line = Mapping[str, Any]


def lines_of(journal: Path, since_bytes: int = 0) -> list[Line]:
    """The whole lines after the first `since_bytes`: one that is just being written is not among them."""
    if not journal.exists():
        return []
    with journal.open("rb") as file:
        file.seek(since_bytes)
        lines = file.read().splitlines(keepends=True)
    return [orjson.loads(line) for line in lines if line.endswith(b"\n")]


def length_of(journal: Path) -> int:
    """How far a journal has been written, in bytes: what comes after is new."""
    return journal.stat().st_size if journal.exists() else 0


def by_exchange(lines: list[Line]) -> dict[str, list[Line]]:
    """The lines of each exchange, in the order in which they were written."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(str(line["exchange"]), []).append(line)
    return found
