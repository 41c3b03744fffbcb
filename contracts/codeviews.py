"""What is shown of code lists, to programs: over HTTP and on the command line alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts.codelists import CodeList, CodeProblem, CodeRow
from contracts.dates import Span
from contracts.plain import plain
from contracts.positions import Placed, Position, centre_of, decided, ranked

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a list: valid on `on` (None: on any day), with each word of `text` in code or name, accents or
    not, and with these values in these attributes; at most `limit`, after the row with the id `after`."""

    on: date | None
    text: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    limit: int = 100
    after: str = ""


@dataclass(frozen=True, slots=True)
class Converted:
    """The row that a conversion came to; `by_position`: it was one of several, and its boundary decided."""

    row: CodeRow
    by_position: bool = False


class Ambiguous(Exception):
    """Several rows may be meant, and nobody but the one who asks can say which: `problem` has them; `placed` is how
    they lie to the position that was given, the likeliest first."""

    def __init__(self, problem: CodeProblem, placed: tuple[Placed, ...]) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.placed = placed


def list_document(codes: CodeList, today: date) -> JsonObject:
    """A list among others."""
    return {
        "name": codes.name,
        "title": codes.about.title,
        "title_en": codes.about.title_en or None,
        "source": codes.about.source or None,
        "rows": len(codes),
        "current": sum(1 for _ in codes.rows_on(today)),
        "without_code": sum(row.code is None for row in codes),
        "changes": [day.isoformat() for day in codes.changes],
        "next_change": next((day.isoformat() for day in codes.changes if day > today), None),
        "attributes": list(codes.attributes),
        "positions": _positions(codes),
        "digest": codes.digest,
    }


def row_document(row: CodeRow) -> JsonObject:
    """One row: its days are half-open, as in the file."""
    return {
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "valid_from": None if row.valid_from is None else row.valid_from.isoformat(),
        "valid_to": None if row.valid_to is None else row.valid_to.isoformat(),
        "successors": list(row.successors),
        "attributes": dict(row.attributes),
    }


def meaning_document(codes: CodeList, row: CodeRow) -> JsonObject:
    """One row with what came before and after it."""
    return {
        **row_document(row),
        "codelist": codes.name,
        "successors": [row_document(each) for each in codes.successors(row)],
        "predecessors": [row_document(each) for each in codes.predecessors(row)],
    }


def page_document(codes: CodeList, wanted: Wanted) -> JsonObject:
    """A page of a list, with the id to go on after. KeyError: there is no row `after`."""
    if wanted.after:
        codes.row(wanted.after)
    rows = list(_matching(codes, wanted))
    begin = next((index + 1 for index, row in enumerate(rows) if row.id == wanted.after), 0)
    if wanted.after and not begin:
        # The row is in the list and not among these: they go on where it stands.
        order = {row.id: index for index, row in enumerate(codes)}
        begin = sum(order[row.id] < order[wanted.after] for row in rows)
    page = rows[begin : begin + wanted.limit]
    return {
        "codelist": codes.name,
        "on": None if wanted.on is None else wanted.on.isoformat(),
        "total": len(rows),
        "rows": [row_document(row) for row in page],
        "next": page[-1].id if begin + wanted.limit < len(rows) else None,
    }


def convert(codes: CodeList, row: CodeRow, to: date, position: Position | None = None) -> Converted:
    """What `row` is on `to`. CodeProblem `no_conversion`; Ambiguous, unless a boundary has the position inside."""
    try:
        return Converted(codes.convert(row, to))
    except CodeProblem as problem:
        if problem.code != "ambiguous_code":
            raise
        if position is None:
            raise Ambiguous(problem, tuple(map(Placed, problem.rows))) from None
        placed = ranked(problem.rows, position, codes.boundaries)
        found = decided(placed, position, codes.boundaries)
        if found is None:
            raise Ambiguous(problem, tuple(placed)) from None
        return Converted(found, by_position=True)


def without_code(codes: CodeList, row: CodeRow, to: date) -> CodeProblem:
    """What there is to say where a conversion came to what was never given a code."""
    return CodeProblem("no_code", name=row.name, codelist=codes.name, date=to)


def attribute_of(text: str, codes: CodeList) -> tuple[str, str] | None:
    """The attribute and the value of `attribute:value`; None where it is not so written, or the list has no such
    attribute."""
    name, colon, value = text.partition(":")
    return (name, value) if colon and name in codes.attributes else None


def converted_document(codes: CodeList, row: CodeRow, to: date, converted: Converted) -> JsonObject:
    """What a conversion came to."""
    return {
        "codelist": codes.name,
        "from": row_document(row),
        "to": to.isoformat(),
        "code": converted.row.code,
        "row": row_document(converted.row),
        "decided_by": "position" if converted.by_position else "list",
    }


def candidate_document(placed: Placed) -> JsonObject:
    """A row that may be meant, with how far its centre point is and whether its boundary holds the position."""
    return {**row_document(placed.row), "distance_km": placed.distance_km, "holds_position": placed.holds}


def looked_up(codes: CodeList, code: str, row_id: str, when: Span | None) -> CodeRow:
    """The row that a code means on `when`, or the one of that id. CodeProblem; KeyError: there is no such id."""
    if row_id or when is None:
        return codes.row(row_id)
    return codes.look_up(code, when)


def _matching(codes: CodeList, wanted: Wanted) -> Iterator[CodeRow]:
    words = plain(wanted.text).split()
    for row in codes if wanted.on is None else codes.rows_on(wanted.on):
        if any(row.attributes.get(name) != value for name, value in wanted.where.items()):
            continue
        if words and not all(word in codes.search_text(row) for word in words):
            continue
        yield row


def _positions(codes: CodeList) -> str | None:
    if codes.boundaries is not None:
        return "boundaries"
    return "points" if any(centre_of(row) is not None for row in codes) else None
