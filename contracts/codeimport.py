"""A list as another office has it on a day, laid over ours: what is other, and what becomes of our rows.

What such a list cannot say, nobody here makes up. That a unit of the same code and name is still the same place, and
what took the place of one that ended, are for a person: rows that end have successors where a person stated them, and
are named where nobody did. A row without a code is never ended because the other list does not have it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from contracts.codelists import CodeList, CodeRow
from contracts.plain import plain, spelt_alike
from contracts.said import said

_TYPES: Final = (
    *("thanh pho", "tinh", "quan", "huyen", "thi xa"),
    *("phuong", "xa", "thi tran", "dac khu"),
)
"""What stands before the name of a unit and says what it is."""
_NO_CODE: Final = frozenset({"", "null", "none", "n/a"})


@dataclass(frozen=True, slots=True)
class Unit:
    """One entry of the other list; `code` None: it has none there."""

    code: str | None
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class How(StrEnum):
    """How an entry is other."""

    NEW = "new"
    ENDED = "ended"
    RENAMED = "renamed"
    REUSED = "reused"
    RESPELT = "respelt"
    MOVED = "moved"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Other:
    """One difference. `RENAMED`: the code stands for the same name with another type, or the other way about; `REUSED`:
    for another name; `MOVED`: for the same name elsewhere (other attributes), perhaps with another extent. `RESPELT`
    changes nothing here, nor does `KEPT`: it has no code and is not there."""

    how: How
    before: CodeRow | None = None
    after: Unit | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do: rows that `end` (with their successors), rows that `begin`; `problems` forbid it.

    `orphans` are those that end, and of which nobody stated what took their place.
    """

    as_of: date
    others: tuple[Other, ...]
    ends: Mapping[str, tuple[str, ...]]
    begins: tuple[CodeRow, ...]
    orphans: tuple[CodeRow, ...]
    problems: tuple[tuple[str, str], ...] = ()


def code_of_cell(text: str) -> str | None:
    """A code as it stands in a table; what says that there is none is None."""
    return None if text.strip().casefold() in _NO_CODE else text.strip()


def plan_import(
    codes: CodeList,
    units: Sequence[Unit],
    as_of: date,
    successors: Iterable[tuple[str, str]] = (),
    ignored: Collection[str] = (),
) -> Plan:
    """Lay `units`, which are all that is valid on `as_of`, over `codes`. `successors` are pairs, stated by a person:
    an old code, or the id of a row, and a code of the new list that took its place, in whole or in part. Attributes
    that are `ignored` may be other without making another unit."""
    return _Planner(codes, units, as_of, ignored).plan(tuple(successors))


class _Planner:
    def __init__(self, codes: CodeList, units: Sequence[Unit], as_of: date, ignored: Collection[str]) -> None:
        self._codes = codes
        self._ignored = ignored
        self._as_of = as_of
        self._units = list(dict.fromkeys((unit.code, unit.name, _frozen(unit)) for unit in units))
        self._by_code = {code: Unit(code, name, dict(pairs)) for code, name, pairs in self._units if code is not None}
        self._nameless = {name: Unit(None, name, dict(pairs)) for code, name, pairs in self._units if code is None}
        self._problems: list[tuple[str, str]] = []
        self._others: list[Other] = []
        self._ended: dict[str, CodeRow] = {}
        self._new: list[Unit] = []

    def plan(self, successors: tuple[tuple[str, str], ...]) -> Plan:
        self._check()
        current = list(self._codes.rows_on(self._as_of))
        ours: dict[str | None, CodeRow] = {row.code: row for row in current if row.code is not None}
        nameless = [row for row in current if row.code is None]
        for row in ours.values():
            self._compare(row, self._by_code.get(row.code or ""))
        for row in nameless:
            self._keep(row)
        known = {row.name for row in nameless}
        for unit in (*self._by_code.values(), *self._nameless.values()):
            if (unit.code is not None and unit.code not in ours) or (unit.code is None and unit.name not in known):
                self._others.append(Other(How.NEW, None, unit))
                self._new.append(unit)
        begins = self._rows()
        stated = self._stated(successors, begins, ours, nameless)
        orphans = tuple(row for row in self._ended.values() if not stated.get(row.id))
        ends = {row_id: tuple(stated.get(row_id, ())) for row_id in self._ended}
        return Plan(self._as_of, tuple(self._others), ends, begins, orphans, tuple(self._problems))

    def _check(self) -> None:
        """What the other list cannot be."""
        if not self._units:
            self._problems.append(
                (
                    said("the list is empty"),
                    said("an empty answer is a fault of its source, never the end of all codes"),
                )
            )
        counts = Counter(code for code, _, _ in self._units if code is not None)
        for code, count in counts.items():
            if count > 1:
                message = said("the code “{code}” is there {count} times, with other words", code=code, count=count)
                self._problems.append((message, said("ask its keeper which of them is meant")))
        widths = {len(row.code) for row in self._codes.rows_on(self._as_of) if row.code is not None}
        digits = all(row.code.isdigit() for row in self._codes.rows_on(self._as_of) if row.code is not None)
        if len(widths) == 1 and digits:
            self._check_width(widths.pop())

    def _check_width(self, width: int) -> None:
        short = [code for code in self._by_code if code.isdigit() and len(code) < width]
        if short:
            message = said(
                "“{code}” and {count} in all are shorter than the {width} digits of the others",
                code=short[0],
                count=len(short),
                width=width,
            )
            self._problems.append((message, said("codes are text: export the column as text, with its zeros")))

    def _compare(self, row: CodeRow, unit: Unit | None) -> None:
        if unit is None:
            self._end(row, Other(How.ENDED, row))
        elif not spelt_alike(row.name, unit.name):
            how = How.RENAMED if spelt_alike(_bare(row.name), _bare(unit.name)) else How.REUSED
            self._end(row, Other(how, row, unit))
            self._new.append(unit)
        elif any(row.attributes.get(name, value) != value for name, value in self._compared(unit)):
            self._end(row, Other(How.MOVED, row, unit))
            self._new.append(unit)
        elif row.name != unit.name:
            self._others.append(Other(How.RESPELT, row, unit))

    def _compared(self, unit: Unit) -> Iterator[tuple[str, str]]:
        return ((name, value) for name, value in unit.attributes.items() if name not in self._ignored)

    def _end(self, row: CodeRow, other: Other) -> None:
        self._others.append(other)
        self._ended[row.id] = row
        if row.valid_from == self._as_of:
            message = said("{label} began on that very day here, and is other there", label=row.label)
            self._problems.append((message, said("correct that row by hand, or take a later day")))

    def _keep(self, row: CodeRow) -> None:
        if row.name not in self._nameless:
            self._others.append(Other(How.KEPT, row))

    def _rows(self) -> tuple[CodeRow, ...]:
        taken = {row.id for row in self._codes}
        found = []
        for unit in self._new:
            row_id = next(name for name in _ids(unit, self._as_of) if name not in taken)
            taken.add(row_id)
            found.append(CodeRow(row_id, unit.code, unit.name, self._as_of, None, (), dict(unit.attributes)))
        return tuple(found)

    def _stated(
        self,
        successors: tuple[tuple[str, str], ...],
        begins: Sequence[CodeRow],
        ours: Mapping[str | None, CodeRow],
        nameless: Collection[CodeRow],
    ) -> dict[str, list[str]]:
        """The successors that a person stated, by the row that ends; one without a code ends only by this."""
        now = {code: row for code, row in ours.items() if row.id not in self._ended} | {row.code: row for row in begins}
        before = {row.id: row for row in nameless} | {row.id: row for row in self._ended.values()}
        by_code = {row.code: row for row in self._ended.values()}
        stated: dict[str, list[str]] = {}
        for old, new in successors:
            ended, after = before.get(old) or by_code.get(old), now.get(new)
            if ended is None or after is None:
                message = said("the successor {new} of {old} cannot be noted", old=old, new=new)
                remedy = said(
                    "name a code, or the id of a row, that ends on that day, and a code that is valid from it"
                )
                self._problems.append((message, remedy))
                continue
            self._ended.setdefault(ended.id, ended)
            stated.setdefault(ended.id, []).append(after.id)
        self._others = [each for each in self._others if each.how is not How.KEPT or not _in(each, self._ended)] + [
            Other(How.ENDED, row) for row in nameless if row.id in self._ended
        ]
        return stated


def _in(other: Other, rows: Mapping[str, CodeRow]) -> bool:
    return other.before is not None and other.before.id in rows


def _frozen(unit: Unit) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(unit.attributes.items()))


def _bare(name: str) -> str:
    """A unit's name without its type; accents count, for “Tân An” is not “Tấn An”."""
    words = name.split()
    kind = next((each for each in _TYPES if plain(name).startswith(f"{each} ")), "")
    return " ".join(words[len(kind.split()) :])


def _ids(unit: Unit, as_of: date) -> Iterator[str]:
    stem = unit.code or plain(unit.name).replace(" ", "-")
    yield f"{stem}@{as_of.year}"
    yield f"{stem}@{as_of.isoformat()}"
    for number in range(2, 1_000_000):
        yield f"{stem}@{as_of.isoformat()}-{number}"
