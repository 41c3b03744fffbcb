"""A row of a file, and why a row or a whole file cannot be used."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from contracts.errors import FieldError, field_error
from contracts.json_types import JsonValue

MOST_COLUMNS: Final = 2_000
LONGEST_LINE: Final = 1_000_000
"""Characters; a record of the bus ends at 900,000 bytes."""

MOST_QUOTED: Final = 131_072
"""Characters of one row with quoted cells; beyond it a quote was not closed. What Python's csv takes for one cell."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `number` counts rows of data from 1; empty ones do not count.

    `cells` are what stands in the file, for the reject file; `record` is what is made of them, an object of text by
    column, or the object of a JSON line. With a `fault` the row cannot be used and `record` means nothing. `is_open`:
    the file ends before the row does, so there may be more of it to come.
    """

    number: int
    cells: tuple[str, ...]
    record: JsonValue
    fault: FieldError | None = None
    is_open: bool = False

    @property
    def size(self) -> int:
        """About how many characters it holds in memory."""
        return 100 + sum(map(len, self.cells))


class FileRefused(Exception):
    """Nothing of a file can be used."""

    def __init__(self, fault: FieldError) -> None:
        super().__init__(fault.code)
        self.fault = fault


class Rows(Protocol):
    """The rows of one file, from its beginning."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What the cells are called."""

    def __iter__(self) -> Iterator[Row]:
        """Row by row. FileRefused where the rest cannot be read at all; OSError."""


def header_of(cells: list[str]) -> tuple[str, ...]:
    """The names of the columns. FileRefused where they cannot be told apart."""
    while cells and not cells[-1].strip():
        cells.pop()
    if not cells:
        raise FileRefused(field_error("", "file_no_header"))
    if len(cells) > MOST_COLUMNS:
        raise FileRefused(field_error("", "file_columns", got=len(cells), limit=MOST_COLUMNS))
    names = tuple(unicodedata.normalize("NFC", cell.strip()) for cell in cells)
    for at, name in enumerate(names, 1):
        if not name:
            raise FileRefused(field_error("", "file_nameless_column", number=at))
        if names.index(name) < at - 1:
            raise FileRefused(field_error("", "file_repeated_column", name=name[:100]))
    return names


def row_of(number: int, cells: list[str], columns: tuple[str, ...], *, is_open: bool = False) -> Row:
    """The row that `cells` make under `columns`: as many as there are columns, for nobody knows which one is missing,
    and an empty one too many may be what a comma within a number has shifted there."""
    if len(cells) != len(columns):
        fault = field_error("", "row_cells", got=len(cells), expected=len(columns))
        return Row(number, tuple(cells[: 2 * MOST_COLUMNS]), None, fault, is_open)
    return Row(number, tuple(cells), dict(zip(columns, cells, strict=True)), None, is_open)
