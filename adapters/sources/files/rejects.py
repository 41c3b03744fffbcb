"""The reject file: each bad row once, in the order of the file, with what is wrong and what stood there."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from adapters.sources.files.window import Place

_HEAD: Final = ("row", "field", "reason")
_LONGEST_CELL: Final = 100_000
"""Characters; Python's own reader takes no cell of more than 131,072."""


class RejectFile:
    """A CSV file in UTF-8, made with the first row that is rejected. Used by one thread at a time.

    `upto`: rows after that one are going to be read again, so what the file holds of them is taken out first.
    """

    def __init__(self, path: Path, columns: Sequence[str], *, upto: int) -> None:
        self._path = path
        self._columns = tuple(columns)
        self._file: IO[str] | None = None
        if path.exists():
            self._keep(upto)

    def write(self, places: Sequence[Place]) -> None:
        """Add rejected rows. OSError."""
        if not places:
            return
        file = self._opened()
        writer = csv.writer(file)
        writer.writerows(
            _clean([str(place.row.number), place.field, place.reason, *place.row.cells]) for place in places
        )

    def sync(self) -> None:
        """Return once all that was added is on the disk. OSError."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of it. Idempotent. OSError."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _opened(self) -> IO[str]:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            begun = self._path.exists()
            self._file = self._path.open("a", encoding="utf-8", errors="backslashreplace", newline="")
            if not begun:
                # The mark tells spreadsheet programs that this is UTF-8.
                self._file.write("\ufeff")
                csv.writer(self._file).writerow(_clean([*_HEAD, *self._columns]))
        return self._file

    def _keep(self, upto: int) -> None:
        kept = self._path.with_name(f".{self._path.name}.kept")
        with (
            self._path.open(encoding="utf-8-sig", errors="replace", newline="") as old,
            kept.open("w", encoding="utf-8-sig", newline="") as new,
        ):
            writer = csv.writer(new)
            writer.writerow(_clean([*_HEAD, *self._columns]))
            writer.writerows(_whole(csv.reader(old), upto))
            new.flush()
            os.fsync(new.fileno())
        kept.replace(self._path)


def _whole(rows: Iterator[list[str]], upto: int) -> Iterator[list[str]]:
    """The rows up to `upto`. The last line may have been torn in two by a crash; then it is of a later row."""
    last = 0
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            return
        if row is None:
            return
        if len(row) >= len(_HEAD) and row[0].isascii() and row[0].isdigit() and last < int(row[0]) <= upto:
            last = int(row[0])
            yield row


def _clean(cells: list[Any]) -> list[str]:
    """Cells that a CSV reader takes back."""
    return [_short(str(cell)).replace("\0", "\u2400") for cell in cells]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + "…"
