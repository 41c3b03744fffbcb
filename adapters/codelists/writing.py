"""Writes an import into a list's file: lines that say the same stay as they are, byte for byte."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from contracts.codeimport import Plan
from contracts.coderows import COLUMNS, CodeRow, read_rows


def with_import(text: str, plan: Plan) -> str:
    """`text` with the rows that end and those that begin. Attributes for which it has no column are left out.

    BrokenCodeList: what came of it would not be a list.
    """
    text = text or _header(plan)
    newline = "\r\n" if "\r\n" in text else "\n"
    records = list(_records(text))
    header = next(csv.reader([records[0].removeprefix("\ufeff")]))
    lines = [records[0], *(_ended(record, header, plan, newline) for record in records[1:])]
    if not lines[-1].endswith("\n"):
        lines[-1] += newline
    lines += (_line([_cell(row, name) for name in header], newline) for row in plan.begins)
    after = "".join(lines)
    read_rows(after)
    return after


def _header(plan: Plan) -> str:
    names = dict.fromkeys(name for row in plan.begins for name in row.attributes)
    return ",".join((*COLUMNS, *names)) + "\n"


def _records(text: str) -> Iterator[str]:
    """The text, a record at a time: one with a line break within quotes is one."""
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(iter(lines), strict=True)
    done = 0
    for _ in reader:
        yield "".join(lines[done : reader.line_num])
        done = reader.line_num


def _ended(record: str, header: Sequence[str], plan: Plan, newline: str) -> str:
    values = next(csv.reader(io.StringIO(record, newline="")), [])
    cells = dict(zip(header, values, strict=False))
    if cells.get("id", "").strip() not in plan.ends:
        return record
    successors = plan.ends[cells["id"].strip()]
    changed: Mapping[str, str] = {"valid_to": plan.as_of.isoformat(), "successors": " ".join(successors)}
    return _line([changed.get(name, value) for name, value in cells.items()], newline)


def _cell(row: CodeRow, name: str) -> str:
    own = {
        "id": row.id,
        "code": row.code or "",
        "name": row.name,
        "valid_from": "" if row.valid_from is None else row.valid_from.isoformat(),
        "valid_to": "",
        "successors": "",
    }
    return own[name] if name in own else row.attributes.get(name, "")


def _line(values: Sequence[str], newline: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=newline).writerow(values)
    return text.getvalue()
