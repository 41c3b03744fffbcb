"""`lienthong codelist import`: another office's list laid over one of a workspace, and written where that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from adapters.codelists.nso import Level, NsoError, fetch_units
from adapters.codelists.table import BadTable, Columns, read_pairs, read_units
from adapters.codelists.writing import with_import
from contracts.codeimport import Plan, Unit, plan_import
from contracts.codelists import CodeList
from contracts.coderows import BrokenCodeList
from contracts.said import said

__all__ = ["BadTable", "CannotImport", "Columns", "Imported", "Level", "NsoError", "from_service", "from_table", "lay"]


class CannotImport(Exception):
    """Nothing was written; the message says why."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import would do to a list's file; `text` is what the file would be."""

    plan: Plan
    path: Path
    text: str

    def write(self) -> None:
        """The whole file or, after a crash, the one before. OSError."""
        beside = self.path.with_name(f".{self.path.name}.new")
        beside.write_text(self.text, encoding="utf-8", newline="")
        beside.replace(self.path)


def from_table(path: Path, columns: Columns, delimiter: str) -> list[Unit]:
    """What a table in CSV says. BadTable, CannotImport."""
    return read_units(_text(path), columns, delimiter)


def from_service(url: str, level: Level, on: date) -> list[Unit]:
    """What the statistics office says. NsoError."""
    return fetch_units(url, level, on)


def lay(
    root: Path,
    name: str,
    codes: CodeList,
    units: Sequence[Unit],
    as_of: date,
    stated: Path | None,
    ignored: Sequence[str] = (),
) -> Imported:
    """Lay `units` over a list as of a day. `stated`: a table of successors. BadTable, CannotImport."""
    pairs = () if stated is None else read_pairs(_text(stated))
    plan = plan_import(codes, units, as_of, pairs, ignored)
    path = root / "codelists" / f"{name}.csv"
    before = _text(path) if path.exists() else ""
    if plan.problems:
        return Imported(plan, path, before)
    try:
        return Imported(plan, path, with_import(before, plan))
    except BrokenCodeList as broken:
        raise CannotImport(said("what came of it would be no list: {why}", why=broken)) from None


def _text(path: Path) -> str:
    try:
        # Line ends stay as they are: what did not change is not to look changed.
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError:
        raise CannotImport(said("{path} is not UTF-8", path=path)) from None
    except OSError as error:
        raise CannotImport(said("{path} cannot be read: {strerror}", path=path, strerror=error.strerror)) from None
