"""Opening a file as rows."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from adapters.sources.files.csv_rows import CsvRows
from adapters.sources.files.jsonl_rows import JsonlRows
from adapters.sources.files.model import CsvForm, FilesConnection, XlsxForm
from adapters.sources.files.rows import FileRefused, Rows
from adapters.sources.files.text import Begun, Lines
from contracts.errors import field_error


@dataclass(frozen=True, slots=True)
class Opened:
    """A file's rows. `digest` is SHA-256 over what was read by now; None for files that are not read in order."""

    rows: Rows
    digest: Callable[[], str] | None


def open_rows(file: io.FileIO, size: int, form: FilesConnection, wanted: frozenset[str]) -> Opened:
    """The rows in the first `size` bytes of a file. `wanted` are columns, one of which at least must be there.

    FileRefused, OSError.
    """
    if form.format == "xlsx":
        # A bus without workbooks does without the library that reads them, and its memory.
        from adapters.sources.files.xlsx_rows import XlsxRows  # noqa: PLC0415

        # Its own descriptor may be closed with the workbook; ours stays.
        book = XlsxRows(io.BufferedReader(io.FileIO(file.fileno(), closefd=False)), form.xlsx or XlsxForm())
        _must_have_one(book, wanted)
        return Opened(book, None)
    begun = Begun(file, size)
    if form.format == "jsonl":
        return Opened(JsonlRows(Lines(begun, "utf-8")), lambda: begun.sha256)
    settings = form.csv or CsvForm()
    rows = CsvRows(Lines(begun, settings.encoding), settings)
    _must_have_one(rows, wanted)
    return Opened(rows, lambda: begun.sha256)


def _must_have_one(rows: Rows, wanted: frozenset[str]) -> None:
    if wanted and not wanted & {*rows.columns}:
        raise FileRefused(field_error("", "file_strange_header", wanted=", ".join(sorted(wanted))[:300]))
