"""Code lists with validity in time: what a code means on a date, and what it was or became on another.

The key of a meaning is (code, date): on 1 July 2025 codes of administrative units were given to other units. So a
code is looked up with the date that governs it, and a conversion that has several answers is refused with its
candidates: nothing here ever picks.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from contracts.coderows import BrokenCodeList, CodeRow, LineError, read_rows
from contracts.dates import Span
from contracts.errors import BusError, FieldError
from contracts.plain import plain
from contracts.positions import Boundaries
from contracts.wording import Language, worded

__all__ = ["About", "BrokenCodeList", "CodeList", "CodeProblem", "CodeRow", "LineError", "read_code_list"]


class CodeProblem(BusError):
    """A code has no one meaning, or no one counterpart.

    `code` names the wording in `contracts.wording`, `params` fill it in. `candidates` are the codes to choose from (the
    name, for what has no code), without repetition; `rows` are the rows that they stand for.
    """

    def __init__(self, code: str, candidates: Iterable[CodeRow] = (), /, **params: object) -> None:
        self.code = code
        self.params = tuple((name, str(value)) for name, value in params.items())
        self.rows = tuple(dict.fromkeys(candidates))
        self.candidates = tuple(dict.fromkeys(row.code or row.name for row in self.rows))
        super().__init__(worded(self.at(""), Language.EN).detail)

    def at(self, pointer: str) -> FieldError:
        """The same problem as the error of the field at `pointer`."""
        return FieldError(pointer, self.code, self.params, self.candidates)


@dataclass(frozen=True, slots=True)
class About:
    """What people call a list in both languages, and where it comes from; "" where nobody said."""

    title: str
    title_en: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Walk:
    """The rows that a walk along the edges found in force, and those where it came to an end before that."""

    found: tuple[CodeRow, ...]
    lost: tuple[CodeRow, ...]


class CodeList:
    """A named code list. ValueError where two rows have one id or a successor is not among the rows.

    `read_code_list` checks more, and says where. Lookups cost what one code's rows cost, whatever the list's length.
    `about` is what its keeper says of it, `boundaries` where its rows lie, as far as that is known.
    """

    def __init__(
        self, name: str, rows: Iterable[CodeRow], about: About | None = None, boundaries: Boundaries | None = None
    ) -> None:
        self.name = name
        self.about = about or About(name)
        self.boundaries = boundaries
        self._rows: dict[str, CodeRow] = {}
        by_code: defaultdict[str, list[CodeRow]] = defaultdict(list)
        for row in rows:
            if self._rows.setdefault(row.id, row) is not row:
                raise ValueError(f"{name}: two rows have the id {row.id}")
            if row.code is not None:
                by_code[row.code].append(row)
        self._by_code = {code: tuple(sorted(same, key=_beginning)) for code, same in by_code.items()}
        self._successors, self._predecessors = self._edges()

    def _edges(self) -> tuple[dict[str, tuple[CodeRow, ...]], dict[str, tuple[CodeRow, ...]]]:
        forward: dict[str, tuple[CodeRow, ...]] = {}
        backward: defaultdict[str, list[CodeRow]] = defaultdict(list)
        for row in self._rows.values():
            for successor in row.successors:
                if successor not in self._rows:
                    raise ValueError(f"{self.name}: the successor {successor} of {row.id} is not in the list")
                backward[successor].append(row)
            if row.successors:
                forward[row.id] = tuple(self._rows[successor] for successor in row.successors)
        return forward, {row_id: tuple(before) for row_id, before in backward.items()}

    @property
    def rows(self) -> Collection[CodeRow]:
        """All rows, in the order of the list."""
        return self._rows.values()

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[CodeRow]:
        return iter(self._rows.values())

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over all that the list says: the same in every process that has the same list."""
        digest = hashlib.sha256(repr((self.name, self.about)).encode())
        digest.update(b"" if self.boundaries is None else self.boundaries.digest.encode())
        for row in self._rows.values():
            said = (row.id, row.code, row.name, row.valid_from, row.valid_to, row.successors)
            digest.update(repr((*said, sorted(row.attributes.items()))).encode())
        return digest.hexdigest()

    @cached_property
    def changes(self) -> tuple[date, ...]:
        """The days on which something begins or ends, in order."""
        days = {day for row in self._rows.values() for day in (row.valid_from, row.valid_to) if day is not None}
        return tuple(sorted(days))

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """The names of the attributes that its rows have, in the order of the columns."""
        return tuple(dict.fromkeys(name for row in self._rows.values() for name in row.attributes))

    def search_text(self, row: CodeRow) -> str:
        """Code and name of a row without accents, made once."""
        return self._search_texts[row.id]

    @cached_property
    def _search_texts(self) -> dict[str, str]:
        return {row.id: plain(row.label) for row in self._rows.values()}

    def row(self, row_id: str) -> CodeRow:
        """The row with that id. KeyError where there is none."""
        return self._rows[row_id]

    def rows_on(self, day: date) -> Iterator[CodeRow]:
        """The rows that are valid on `day`, in the order of the list."""
        return (row for row in self._rows.values() if row.valid_on(day))

    def successors(self, row: CodeRow) -> tuple[CodeRow, ...]:
        """The rows that took the place of `row` when it ended."""
        return self._successors.get(row.id, ())

    def predecessors(self, row: CodeRow) -> tuple[CodeRow, ...]:
        """The rows whose place `row` took, in whole or in part."""
        return self._predecessors.get(row.id, ())

    def look_up(self, code: str, when: Span) -> CodeRow:
        """The one row that `code` means on every day of `when`.

        Else CodeProblem: `unknown_code`; `code_ended` with what succeeded it; `code_not_yet` with what was in force
        in its place; `ambiguous_date` where it is in force on some days of `when` only, or means two things.
        """
        rows = self._by_code.get(code)
        if rows is None:
            raise CodeProblem("unknown_code", value=code, codelist=self.name)
        touched = [row for row in rows if row.touches(when)]
        if len(touched) == 1 and touched[0].covers(when):
            return touched[0]
        if touched:
            raise self._ambiguous_date(code, when, touched)
        ended = [row for row in rows if row.ended_by(when.first)]
        raise self._ended(ended[-1], when) if ended else self._not_yet(rows[0], when)

    def meaning(self, code: str | None, on: date) -> CodeRow | None:
        """The row that has that code on `on`, where there is one."""
        rows = () if code is None else self._by_code.get(code, ())
        return next((row for row in rows if row.valid_on(on)), None)

    def candidates(self, row: CodeRow, on: date) -> tuple[CodeRow, ...]:
        """The rows in force on `on` that `row` may be or have been then, ordered by code; itself where it is valid."""
        return self._walk(row, on).found

    def convert(self, row: CodeRow, on: date) -> CodeRow:
        """The one row that `row` is on `on`: itself, or what it became, or what it was. It may have no code.

        Else CodeProblem: `ambiguous_code` with the candidates, also where there is one candidate and a part of `row`
        of which the list does not say what it is on that day; `no_conversion` where there is no candidate.
        """
        walk = self._walk(row, on)
        if len(walk.found) == 1 and not walk.lost:
            return walk.found[0]
        about: dict[str, object] = {"value": row.code or row.id, "name": row.name, "codelist": self.name, "date": on}
        if not walk.found:
            raise CodeProblem("no_conversion", **about)
        meanings = [*(found.label for found in walk.found), *(_dated(lost) for lost in walk.lost)]
        raise CodeProblem("ambiguous_code", walk.found, **about, meanings="; ".join(meanings))

    def code_of(self, row: CodeRow, on: date) -> str:
        """The code that stands for `row` on `on`: of the one row it converts to. CodeProblem as `convert`, and
        `no_code` where that row has none.
        """
        converted = self.convert(row, on)
        if converted.code is None:
            raise CodeProblem("no_code", name=converted.name, codelist=self.name, date=on)
        return converted.code

    def _walk(self, row: CodeRow, on: date) -> _Walk:
        """Along the edges towards `on`, each row once: a circle in bad data comes to an end too."""
        forward = row.ended_by(on)
        edges = self._successors if forward else self._predecessors
        seen = {row.id}
        found, lost, ahead = [], [], [row]
        while ahead:
            here = ahead.pop()
            if here.valid_on(on):
                found.append(here)
                continue
            passed = here.begins_after(on) if forward else here.ended_by(on)
            further = () if passed else edges.get(here.id, ())
            if not further:
                lost.append(here)
            for neighbour in further:
                if neighbour.id not in seen:
                    seen.add(neighbour.id)
                    ahead.append(neighbour)
        return _Walk(tuple(sorted(found, key=_by_code)), tuple(sorted(lost, key=_by_code)))

    def _within(self, row: CodeRow, when: Span) -> list[CodeRow]:
        """What `row` may be on the first and the last day of `when`."""
        both = (*self.candidates(row, when.first), *self.candidates(row, when.last))
        return sorted(dict.fromkeys(both), key=_by_code)

    def _ended(self, row: CodeRow, when: Span) -> CodeProblem:
        now = self._within(row, when) or self.successors(row)
        return CodeProblem(
            "code_ended",
            now,
            value=row.code,
            name=row.name,
            codelist=self.name,
            ended=row.valid_to,
            date=when,
            successors=_listed(row.label for row in now),
        )

    def _not_yet(self, row: CodeRow, when: Span) -> CodeProblem:
        then = self._within(row, when) or self.predecessors(row)
        return CodeProblem(
            "code_not_yet",
            then,
            value=row.code,
            name=row.name,
            codelist=self.name,
            begins=row.valid_from,
            date=when,
            predecessors=_listed(row.label for row in then),
        )

    def _ambiguous_date(self, code: str, when: Span, touched: list[CodeRow]) -> CodeProblem:
        """On the days on which the code is not in force, what stood in its place is among the meanings."""
        meanings = touched
        if len(touched) == 1:
            meanings = sorted({*touched, *self._within(touched[0], when)}, key=_in_time)
        return CodeProblem(
            "ambiguous_date",
            meanings,
            value=code,
            codelist=self.name,
            date=when,
            meanings=_listed(map(_dated, meanings)),
        )


def read_code_list(name: str, text: str, about: About | None = None, boundaries: Boundaries | None = None) -> CodeList:
    """The code list in a CSV (see `contracts.coderows.read_rows`). BrokenCodeList carries every error with its line."""
    return CodeList(name, read_rows(text), about, boundaries)


def _beginning(row: CodeRow) -> date:
    return row.valid_from or date.min


def _by_code(row: CodeRow) -> tuple[str, str, date]:
    return (row.code or "", row.name, _beginning(row))


def _in_time(row: CodeRow) -> tuple[date, str, str]:
    return (_beginning(row), row.code or "", row.name)


def _dated(row: CodeRow) -> str:
    """A row for people, with its first and its last day."""
    first = "…" if row.valid_from is None else row.valid_from.isoformat()
    last = "…" if row.valid_to is None else (row.valid_to - timedelta(days=1)).isoformat()
    return f"{row.label} ({first} – {last})"


def _listed(texts: Iterable[str]) -> str:
    return "; ".join(texts) or "—"
