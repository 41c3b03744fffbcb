"""What the ward list says of 1 July 2025. Everything here is counted from the list itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from contracts.codelists import CodeList, CodeRow, read_code_list

CHANGE: Final = date(2025, 7, 1)
BEFORE: Final = CHANGE - timedelta(days=1)
FORMER: Final = frozenset({"48", "49"})
"""The former Đà Nẵng and Quảng Nam."""
ISLANDS: Final = frozenset({"20434", "20992"})
"""Tân Hiệp (Cù Lao Chàm) and Tam Hải: the list does not say what lies in the sea."""


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of the wards of some provinces, each counted once. `kept` are those with all of the three."""

    old: int
    ended: int
    reused: int
    widened: int
    kept: tuple[CodeRow, ...]


def fates(wards: CodeList, provinces: frozenset[str] = FORMER) -> Fates:
    """What became of the wards that had a code on the last day before the change."""
    today = {row.code: row for row in wards.rows_on(CHANGE)}
    old = [row for row in wards.rows_on(BEFORE) if row.code and row.attributes["province"] in provinces]
    living = [row for row in old if row.code in today]
    named = [row for row in living if today[row.code].name == row.name]
    kept = tuple(row for row in named if _is_whole(wards, row, today[row.code]))
    return Fates(len(old), len(old) - len(living), len(living) - len(named), len(named) - len(kept), kept)


def name_on(wards: CodeList, code: str, day: date) -> str:
    """What the code was called on `day`; the code itself where it was nothing."""
    return next((row.name for row in wards.rows_on(day) if row.code == code), code)


def read_wards(workspace: Path) -> CodeList:
    """The list in a workspace. OSError, BrokenCodeList."""
    return read_code_list("wards", (workspace / "codelists" / "wards.csv").read_text(encoding="utf-8"))


def _is_whole(wards: CodeList, before: CodeRow, now: CodeRow) -> bool:
    """Whether `now` is made of all of `before`, and of nothing else."""
    return wards.successors(before) == (now,) and wards.predecessors(now) == (before,)
