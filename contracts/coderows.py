"""The rows of a code list, and how they are read from CSV."""

from __future__ import annotations

import csv
import io
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

from contracts.dates import Span, span_of
from contracts.errors import BusError
from contracts.said import said

_DATES: Final = ("valid_from", "valid_to")
COLUMNS: Final = ("id", "code", "name", "valid_from", "valid_to", "successors")


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One meaning of a code. Valid in the half-open `[valid_from, valid_to)`; None is open.

    `id` is the row's own name in its list; `code` is None where the thing exists and was never given one.
    `successors` are ids of the rows that took its place, in whole or in part, when it ended.
    """

    id: str
    code: str | None
    name: str
    valid_from: date | None
    valid_to: date | None
    successors: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def label(self) -> str:
        """Code and name for people; the name alone where there is no code."""
        return self.name if self.code is None else f"{self.code} {self.name}"

    def ended_by(self, day: date) -> bool:
        """Whether the row is no longer valid on `day`."""
        return self.valid_to is not None and self.valid_to <= day

    def begins_after(self, day: date) -> bool:
        """Whether the row is not yet valid on `day`."""
        return self.valid_from is not None and day < self.valid_from

    def valid_on(self, day: date) -> bool:
        """Whether the row is valid on `day`."""
        return not self.begins_after(day) and not self.ended_by(day)

    def covers(self, span: Span) -> bool:
        """Whether the row is valid on every day of `span`."""
        return not self.begins_after(span.first) and not self.ended_by(span.last)

    def touches(self, span: Span) -> bool:
        """Whether the row is valid on some day of `span`."""
        return not self.begins_after(span.last) and not self.ended_by(span.first)


class LineError(NamedTuple):
    """What is wrong on a line of the file (lines count from 1) and how to mend it."""

    line: int
    message: str
    remedy: str


class BrokenCodeList(BusError):
    """A code list's text cannot be used; `errors` are all of the reasons, in the order of their lines."""

    def __init__(self, errors: Iterable[LineError]) -> None:
        self.errors = tuple(sorted(errors))
        super().__init__("\n".join(f"line {line}: {message} → {remedy}" for line, message, remedy in self.errors))


def read_rows(text: str) -> tuple[CodeRow, ...]:
    """The rows of a CSV with the columns `id,code,name,valid_from,valid_to,successors`, in the order of the file.

    Dates are YYYY-MM-DD, empty where open; successors are row ids separated by spaces; further columns become
    attributes. Codes stay text. Names and attributes come out in Unicode NFC. BrokenCodeList carries every error.
    """
    return _Reader().read(text)


class _Reader:
    """Reads one text: all of its errors, or its rows."""

    def __init__(self) -> None:
        self._errors: list[LineError] = []
        self._lines: dict[str, int] = {}
        self._rows: dict[str, CodeRow] = {}
        self._undated: set[str] = set()
        """Rows whose dates could not be read; what depends on dates says nothing of them."""

    def read(self, text: str) -> tuple[CodeRow, ...]:
        records = self._records(text)
        _, header = next(records, (1, []))
        if self._header_is_right(header):
            for line, values in records:
                self._take(line, header, values)
            self._check_codes()
            self._check_successors()
            self._check_cycles()
        if self._errors:
            raise BrokenCodeList(self._errors)
        return tuple(self._rows.values())

    def _error(self, line: int, message: str, remedy: str) -> None:
        self._errors.append(LineError(line, message, remedy))

    def _records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """The records that are not empty, each with the line on which it begins."""
        reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        line = 1
        try:
            for values in reader:
                if values:
                    yield line, values
                line = reader.line_num + 1
        except csv.Error as wrong:
            self._error(
                line,
                said("this is not CSV: {wrong}", wrong=wrong),
                said('put values that hold a quote or a comma in "…"'),
            )

    def _header_is_right(self, header: list[str]) -> bool:
        absent = [name for name in COLUMNS if name not in header]
        if absent:
            names = ", ".join(absent)
            self._error(
                1,
                said("the header lacks: {names}", names=names),
                said("begin the file with “{columns}”, with commas", columns=",".join(COLUMNS)),
            )
        doubled = sorted({name for name in header if header.count(name) > 1})
        if doubled:
            self._error(
                1,
                said("columns named twice: {doubled}", doubled=", ".join(doubled)),
                said("give every column a name of its own"),
            )
        return not absent and not doubled

    def _take(self, line: int, header: list[str], values: list[str]) -> None:
        """Keep one record, or say what is wrong with it."""
        if len(values) != len(header):
            message = said(
                "the line has {count} values, the header {count_2} columns", count=len(values), count_2=len(header)
            )
            self._error(line, message, said('give every column a value, and put values that hold a comma in "…"'))
            return
        cells = {name: value.strip() for name, value in zip(header, values, strict=True)}
        row_id = cells["id"]
        if row_id in self._lines:
            message = said("the id “{row_id}” is on line {lines} already", row_id=row_id, lines=self._lines[row_id])
            self._error(line, message, said("give every row an id of its own"))
            return
        if not row_id or " " in row_id:
            self._error(
                line,
                said("“{row_id}” is no row id", row_id=row_id),
                said("write an id without spaces; it must never change again"),
            )
            return
        self._lines[row_id] = line
        if not cells["name"]:
            self._error(line, said("the row has no name"), said("write the name in full, as the law has it"))
        self._rows[row_id] = self._row(line, cells)

    def _row(self, line: int, cells: dict[str, str]) -> CodeRow:
        valid_from, valid_to = (self._date(line, cells["id"], name, cells[name]) for name in _DATES)
        if valid_from is not None and valid_to is not None and valid_to <= valid_from:
            message = said(
                "the row ends on {valid_to}, which is not after its beginning on {valid_from}",
                valid_to=valid_to,
                valid_from=valid_from,
            )
            self._error(line, message, said("valid_to is the first day on which it is no longer valid"))
        extra = {name: _nfc(value) for name, value in cells.items() if name not in COLUMNS}
        return CodeRow(
            id=cells["id"],
            code=cells["code"] or None,
            name=_nfc(cells["name"]),
            valid_from=valid_from,
            valid_to=valid_to,
            successors=tuple(dict.fromkeys(cells["successors"].split())),
            attributes=MappingProxyType(extra),
        )

    def _date(self, line: int, row_id: str, column: str, text: str) -> date | None:
        if not text:
            return None
        try:
            span = span_of(text)
        except ValueError:
            span = None
        if span is None or span.first != span.last:
            self._undated.add(row_id)
            remedy = said("write it as YYYY-MM-DD, for example 2025-07-01, or leave it empty where it is open")
            self._error(line, said("{column} “{text}” is not a date", column=column, text=text), remedy)
            return None
        return span.first

    def _check_codes(self) -> None:
        """No day on which a code has two meanings."""
        by_code: defaultdict[str, list[CodeRow]] = defaultdict(list)
        for row in self._rows.values():
            if row.code is not None and row.id not in self._undated:
                by_code[row.code].append(row)
        for code, rows in by_code.items():
            rows.sort(key=lambda row: row.valid_from or date.min)
            for before, after in pairwise(rows):
                if before.valid_to is None or after.valid_from is None or after.valid_from < before.valid_to:
                    message = said(
                        "the code “{code}” means {id} and {id_2} on the same days",
                        code=code,
                        id=before.id,
                        id_2=after.id,
                    )
                    self._error(self._lines[after.id], message, said("end the one before the other begins"))

    def _check_successors(self) -> None:
        """Every successor exists, and begins when or after what it succeeds has ended."""
        for row in self._rows.values():
            line = self._lines[row.id]
            if row.successors and row.valid_to is None and row.id not in self._undated:
                self._error(
                    line,
                    said("{id} has successors but no end", id=row.id),
                    said("fill in valid_to, or remove the successors"),
                )
            for successor in row.successors:
                if successor not in self._lines:
                    message = said(
                        "the successor “{successor}” of {id} is not in the list", successor=successor, id=row.id
                    )
                    self._error(line, message, said("add its row, or correct the id"))
                elif row.valid_to is not None and successor in self._rows and successor not in self._undated:
                    self._check_order(line, row, self._rows[successor], row.valid_to)

    def _check_order(self, line: int, row: CodeRow, successor: CodeRow, ended: date) -> None:
        if successor.valid_from is None or successor.valid_from < ended:
            begins = (
                said("has no beginning")
                if successor.valid_from is None
                else said("begins on {valid_from}", valid_from=successor.valid_from)
            )
            message = said(
                "the successor {id} {begins}, before {id_2} ended on {ended}",
                id=successor.id,
                begins=begins,
                id_2=row.id,
                ended=ended,
            )
            self._error(line, message, said("correct the dates; what changes its extent becomes a new row"))

    def _check_cycles(self) -> None:
        try:
            TopologicalSorter({row.id: row.successors for row in self._rows.values()}).prepare()
        except CycleError as found:
            cycle = found.args[1]
            message = said("the successors go in a circle: {cycle}", cycle=" ← ".join(cycle))
            line = min(self._lines[row_id] for row_id in cycle)
            self._error(line, message, said("successors lead forward in time only: remove the one that leads back"))


def _nfc(text: str) -> str:
    """Text in NFC; one object for each distinct value, for most of a list's attributes repeat."""
    return sys.intern(unicodedata.normalize("NFC", text))
