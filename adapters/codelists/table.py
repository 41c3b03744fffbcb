"""A code list as a table in CSV, its columns as its keeper named them."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts.codeimport import Unit, code_of_cell
from contracts.said import said


class BadTable(Exception):
    """The table cannot be used; the message says where, and what to do."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns say what; `attributes` are by the name that they have in our list."""

    code: str = "code"
    name: str = "name"
    attributes: Mapping[str, str] = field(default_factory=dict)


def read_units(text: str, columns: Columns, delimiter: str = ",") -> list[Unit]:
    """Every entry of the table; one without a code too. BadTable."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    wanted = [columns.code, columns.name, *columns.attributes.values()]
    absent = [name for name in wanted if name not in (reader.fieldnames or ())]
    if absent:
        raise BadTable(
            said(
                "the table lacks the columns {absent}; it has: {known}",
                absent=", ".join(absent),
                known=", ".join(reader.fieldnames or ()) or "—",
            )
        )
    try:
        return [_unit(row, columns, reader.line_num) for row in reader]
    except csv.Error as error:
        raise BadTable(said("line {line}: this is not CSV: {wrong}", line=reader.line_num, wrong=error)) from None


def read_pairs(text: str) -> Sequence[tuple[str, str]]:
    """What a person states of successors: a table with the columns `old` and `new`, a pair a line. BadTable."""
    units = read_units(text, Columns(code="old", name="new"))
    return [(unit.code or "", unit.name) for unit in units]


def _unit(row: Mapping[str, str | None], columns: Columns, line: int) -> Unit:
    if any(value is None for value in row.values()) or None in row:
        raise BadTable(said("line {line}: it has not as many values as the header has columns", line=line))
    name = _nfc(row[columns.name])
    if not name:
        raise BadTable(said("line {line}: the entry has no name", line=line))
    attributes = {ours: _nfc(row[theirs]) for ours, theirs in columns.attributes.items()}
    return Unit(code_of_cell(row[columns.code] or ""), name, attributes)


def _nfc(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split())
