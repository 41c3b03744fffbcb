"""Rows of comma-separated values. A bad row is told as such, and the one after it is read as if nothing had been."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Final

from adapters.sources.files.model import CsvForm
from adapters.sources.files.rows import MOST_QUOTED, FileRefused, Row, header_of, row_of
from adapters.sources.files.text import Line, Lines
from contracts.errors import FieldError, field_error

_MOST_LINES: Final = 100
"""Of one row: quoted cells may hold ends of lines, but a quote that was never closed shall not swallow a file. Where
each row has one, its end is looked for as far as this for each."""


class CsvRows:
    """The rows of one file. FileRefused where its header cannot be used."""

    def __init__(self, lines: Lines, form: CsvForm) -> None:
        self._lines = lines
        self._form = form
        self._at_end = False
        self._surplus = 0
        self.columns = form.columns if form.columns is not None else self._header()

    def __iter__(self) -> Iterator[Row]:
        """Row by row."""
        number = 0
        while (line := self._lines.next()) is not None:
            self._at_end = line.is_open
            cells = None if line.fault is not None else self._cells(line)
            if cells is not None and not any(cell.strip() for cell in cells):
                continue
            number += 1
            if cells is not None:
                yield row_of(number, self._under_header(cells), self.columns, is_open=self._at_end)
            else:
                fault = line.fault or self._open_quote()
                yield Row(number, (line.text.rstrip("\r\n"),), None, fault, self._at_end)

    def _header(self) -> tuple[str, ...]:
        for _ in range(self._form.header - 1):
            self._lines.next()
        line = self._lines.next()
        if line is None:
            raise FileRefused(field_error("", "file_empty"))
        if line.fault is not None:
            raise FileRefused(line.fault)
        cells = self._cells(line)
        if cells is None:
            raise FileRefused(self._open_quote())
        width = len(cells)
        names = header_of(cells)
        self._surplus = width - len(names)
        return names

    def _open_quote(self) -> FieldError:
        return field_error("", "row_quote", quote=self._form.quote, lines=_MOST_LINES)

    def _under_header(self, cells: list[str]) -> list[str]:
        """Without the empty cells at the end, where the header ends in as many of them."""
        kept = len(cells) - self._surplus
        return cells[:kept] if self._surplus and kept == len(self.columns) and not any(cells[kept:]) else cells

    def _cells(self, first: Line) -> list[str] | None:
        """The cells of the row that begins with `first`; None, and all lines after it put back, where it has none."""
        form = self._form
        if not form.quote or form.quote not in first.text:
            return first.text.rstrip("\r\n").split(form.delimiter)
        taken: list[Line] = []
        reader = csv.reader(
            self._row(first, taken), delimiter=form.delimiter, quotechar=form.quote, doublequote=True, strict=True
        )
        try:
            return next(reader)
        except (csv.Error, StopIteration):
            self._lines.put_back(taken)
            return None
        finally:
            self._at_end = self._at_end or (bool(taken) and taken[-1].is_open)

    def _row(self, first: Line, taken: list[Line]) -> Iterator[str]:
        """The lines of one row, as far as its quotes ask for them; all but the first are noted in `taken`."""
        yield first.text
        size = len(first.text)
        while len(taken) + 1 < _MOST_LINES and size < MOST_QUOTED:
            line = self._lines.next()
            if line is None:
                self._at_end = True
                return
            taken.append(line)
            if line.fault is not None:
                return
            size += len(line.text)
            yield line.text
