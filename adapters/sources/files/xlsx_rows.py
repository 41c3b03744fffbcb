"""Rows of a workbook, cell by cell as text: dates as ISO 8601, numbers in their shortest form."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any, BinaryIO, Final

import openpyxl
from openpyxl.styles.numbers import is_datetime

from adapters.mapping.literals import plain
from adapters.sources.files.model import XlsxForm
from adapters.sources.files.rows import FileRefused, Row, header_of, row_of
from contracts.errors import FieldError, field_error

_MOST_BYTES: Final = 1_000_000_000
_MOST_STRINGS_BYTES: Final = 100_000_000
_MOST_PARTS: Final = 2_000
_MOST_ROWS: Final = 1_048_576
_STRINGS: Final = "xl/sharedStrings.xml"
_HEAD_BYTES: Final = 2_048


class XlsxRows:
    """The rows of one sheet. FileRefused where it is no workbook, a bomb, or has no such sheet or header.

    Strings that cells share are held in memory (up to 100 MB of them), all else is read as it is needed.
    """

    def __init__(self, file: BinaryIO, form: XlsxForm) -> None:
        file.seek(0)
        try:
            _must_be_harmless(file)
            file.seek(0)
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            self._rows = self._sheet(book, form)
            self.columns = form.columns if form.columns is not None else self._header(form.header)
        except (FileRefused, OSError):
            raise
        except Exception as error:  # whatever a broken workbook makes openpyxl raise, and that is much
            raise FileRefused(_broken(error)) from error

    def __iter__(self) -> Iterator[Row]:
        """Row by row. What cannot be read ends the file with a row that says so."""
        numbers = count(1)
        while True:
            try:
                cells = next(self._rows, None)
            except (FileRefused, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - see above
                yield Row(next(numbers), (), None, _broken(error))
                return
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                # A workbook keeps no empty cells at the end of a row, or keeps more of them than anybody sees.
                while len(cells) > len(self.columns) and not cells[-1].strip():
                    cells.pop()
                cells += [""] * (len(self.columns) - len(cells))
                yield row_of(next(numbers), cells, self.columns)

    def _sheet(self, book: Any, form: XlsxForm) -> Iterator[list[str]]:  # noqa: ANN401 - openpyxl's types say less
        names = [sheet.title for sheet in book.worksheets]
        if not names or (form.sheet is not None and form.sheet not in names):
            raise FileRefused(
                field_error("", "file_sheet", name=form.sheet or "1", known=", ".join(names)[:300] or "—")
            )
        sheet = book[form.sheet or names[0]]
        # What a workbook says of its own size is often wrong, and then cells would be cut off or made up.
        sheet.reset_dimensions()
        return _texts(sheet.iter_rows())

    def _header(self, at: int) -> tuple[str, ...]:
        for _ in range(at - 1):
            next(self._rows, None)
        cells = next(self._rows, None)
        if cells is None:
            raise FileRefused(field_error("", "file_empty"))
        return header_of(cells)


def _texts(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows, 1):
        if number > _MOST_ROWS:
            raise FileRefused(field_error("", "file_workbook", reason=f"> {_MOST_ROWS} rows"))
        yield [_text(cell) for cell in row]


def _text(cell: Any) -> str:  # noqa: ANN401 - openpyxl's cells have no common type
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        # A workbook keeps days as moments at midnight; how the cell is shown tells which is meant.
        return value.date().isoformat() if is_datetime(cell.number_format or "") == "date" else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return plain(value) or str(value)


def _must_be_harmless(file: BinaryIO) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        strings = sum(part.file_size for part in parts if part.filename == _STRINGS)
        if (
            len(parts) > _MOST_PARTS
            or strings > _MOST_STRINGS_BYTES
            or sum(part.file_size for part in parts) > _MOST_BYTES
        ):
            raise FileRefused(field_error("", "file_bomb", limit=_MOST_BYTES // 1_000_000))
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as content:
                    # No workbook declares entities; who does wants a parser to expand them.
                    if b"<!DOCTYPE" in content.read(_HEAD_BYTES):
                        raise FileRefused(field_error("", "file_workbook", reason="<!DOCTYPE"))


def _broken(error: Exception) -> FieldError:
    return field_error("", "file_workbook", reason=f"{type(error).__name__}: {error}"[:200])
