"""One record in three columns: as it was sent, as the log holds it, as its receiver was sent it; and what is whose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from contracts.canonical import dumps
from contracts.codelists import CodeList, CodeProblem
from contracts.dates import span_of
from contracts.errors import FieldError
from contracts.json_types import JsonValue, parts_of, pointer_of
from contracts.schema import ArrayType, EnumType, FieldType, FixedType, MapType, Primitive, Schema, Type, UnionType
from contracts.wording import Language, worded
from gateway.console.receiving import Received

ROW: Final = 52
"""The height of a row, in pixels: the lines between two columns are drawn to it."""

_MOST: Final = 120
_HIDDEN: Final = "•••••"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its place. `note` says more about it; `before` is what an earlier attempt said there; `tone` is ""
    or why it stands out: wrong, changed, candidate, chosen, code."""

    pointer: str
    value: str
    note: str = ""
    before: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line from a row of one column to a row of the next, as an SVG path in a box 100 wide."""

    path: str
    tone: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The three columns, and the lines between the first two and between the last two. Heights are in pixels."""

    sent: tuple[Cell, ...]
    logged: tuple[Cell, ...]
    received: tuple[Cell, ...]
    to_log: tuple[Line, ...]
    to_receiver: tuple[Line, ...]
    cut: bool

    @property
    def height(self) -> int:
        """Of the highest column."""
        return ROW * max(len(self.sent), len(self.logged), len(self.received), 1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known of the record: itself, the attempt before it and the one after it, where there are such."""

    schema: Schema
    record: JsonValue
    before: JsonValue = None
    after: JsonValue = None


def columns_of(
    attempt: Attempt,
    received: Received | None,
    refusals: Sequence[FieldError],
    codelists: Mapping[str, CodeList],
    language: Language,
) -> Columns:
    """The columns of a record. `refusals` are what its receiver, or the mapping to it, refused it for."""
    leaves = list(leaves_of(attempt.record))
    cut, leaves = len(leaves) > _MOST, leaves[:_MOST]
    earlier = dict(leaves_of(attempt.before)) if attempt.before is not None else {}
    wrong = {error.pointer for error in refusals}
    sent, logged = [], []
    for pointer, value in leaves:
        said = earlier.get(pointer)
        before = "" if said is None or said == value else shown(said)
        tone = "wrong" if pointer in wrong else "changed" if before else ""
        sent.append(Cell(pointer, shown(value), before=before, tone=tone))
        field, of = attempt.schema.field(pointer), attempt.schema.at(pointer)
        note = "" if of is None else type_words(of)
        if field is not None and field.codelist is not None:
            meaning = _meaning(codelists.get(field.codelist), value, field, attempt.record)
            note, tone = meaning or f"{note} · {field.codelist}", tone or "code"
        logged.append(Cell(pointer, shown(value), note, tone=tone))
    to_log = tuple(Line(_curve(row, row), cell.tone) for row, cell in enumerate(logged))
    if refusals:
        cells, lines = _refused(logged, refusals, attempt, codelists, language)
    elif received is not None:
        cells, lines = _received(logged, received)
    else:
        cells, lines = (), ()
    return Columns(tuple(sent), tuple(logged), cells, to_log, lines, cut)


def hidden(columns: Columns) -> Columns:
    """The same without a value: which fields there are is no secret, what stands in them is."""

    def covered(cells: Sequence[Cell]) -> tuple[Cell, ...]:
        return tuple(replace(cell, value=_HIDDEN, before="", note="", tone="") for cell in cells)

    def plain(lines: Sequence[Line]) -> tuple[Line, ...]:
        return tuple(replace(line, tone="") for line in lines)

    received = covered(columns.received)
    return Columns(
        covered(columns.sent),
        covered(columns.logged),
        received,
        plain(columns.to_log),
        plain(columns.to_receiver),
        columns.cut,
    )


def leaves_of(value: JsonValue, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str, JsonValue]]:
    """Every value without parts, with its pointer, in the record's own order."""
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from leaves_of(part, (*at, name))
    elif isinstance(value, list) and value:
        for index, part in enumerate(value):
            yield from leaves_of(part, (*at, index))
    else:
        yield pointer_of(at), value


def shown(value: JsonValue) -> str:
    """A value as people read it: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else dumps(value).decode()


def type_words(of: Type) -> str:
    """What a field may hold, in Avro's own words."""
    match of:
        case UnionType(branches=branches):
            return " | ".join(type_words(branch) for branch in branches)
        case Primitive(kind=kind, precision=precision, scale=scale):
            return f"{kind}({precision},{scale})" if precision else str(kind)
        case EnumType(symbols=symbols):
            return "enum " + "/".join(symbols[:4]) + ("…" if len(symbols) > 4 else "")
        case FixedType(size=size):
            return f"fixed({size})"
        case ArrayType(items=items):
            return f"array<{type_words(items)}>"
        case MapType(values=values):
            return f"map<{type_words(values)}>"
        case _:
            return of.name


def _received(logged: Sequence[Cell], received: Received) -> tuple[tuple[Cell, ...], tuple[Line, ...]]:
    sources: dict[str, tuple[str, str]] = {pair.target: (pair.source, pair.codelist) for pair in received.pairs}
    leaves = [*leaves_of(received.body), *((f"{{{name}}}", value) for name, value in received.parts.items())]
    at = {cell.pointer: (row, cell) for row, cell in enumerate(logged)}
    cells, lines = [], []
    for row, (pointer, value) in enumerate(leaves[:_MOST]):
        source, codelist = sources.get(pointer, (pointer if not received.pairs else "", ""))
        found = at.get(source)
        tone = "" if found is None else found[1].tone
        if codelist:
            tone = "changed" if found is not None and found[1].value != shown(value) else tone or "code"
        cells.append(Cell(pointer, shown(value), codelist, tone=tone))
        if found is not None:
            lines.append(Line(_curve(found[0], row), tone))
    return tuple(cells), tuple(lines)


def _refused(
    logged: Sequence[Cell],
    refusals: Sequence[FieldError],
    attempt: Attempt,
    codelists: Mapping[str, CodeList],
    language: Language,
) -> tuple[tuple[Cell, ...], tuple[Line, ...]]:
    """Nothing was sent: instead, what each wrong field may mean, with what was chosen afterwards."""
    rows = {cell.pointer: row for row, cell in enumerate(logged)}
    chosen = dict(leaves_of(attempt.after)) if attempt.after is not None else {}
    cells: list[Cell] = []
    lines: list[Line] = []
    for error in refusals:
        field = attempt.schema.field(error.pointer)
        names = _names(None if field is None else codelists.get(field.codelist or ""), error)
        options = [
            Cell(
                error.pointer,
                each,
                names.get(each, ""),
                tone="chosen" if chosen.get(error.pointer) == each else "candidate",
            )
            for each in error.candidates
        ]
        for cell in options or [Cell(error.pointer, worded(error, language).detail, tone="wrong")]:
            if error.pointer in rows:
                lines.append(Line(_curve(rows[error.pointer], len(cells)), cell.tone))
            cells.append(cell)
    # What was chosen is drawn last, over the others.
    return tuple(cells), tuple(sorted(lines, key=lambda line: line.tone == "chosen"))


def _names(codes: CodeList | None, error: FieldError) -> dict[str, str]:
    """What the candidates of an ambiguous code are called on the day to which it was to be converted."""
    try:
        day = date.fromisoformat(dict(error.params).get("date", ""))
    except ValueError:
        return {}
    return {} if codes is None else {row.code: row.name for row in codes.rows_on(day) if row.code is not None}


def _meaning(codes: CodeList | None, value: JsonValue, field: FieldType, record: JsonValue) -> str:
    """What a code means on the date that governs it; "" where that cannot be said."""
    on = _at(record, field.on or "")
    if codes is None or not isinstance(value, str) or not isinstance(on, str):
        return ""
    try:
        # A canonical timestamp is in the bus's zone, so its first ten characters are the day there.
        return codes.look_up(value, span_of(on[:10])).name
    except (CodeProblem, ValueError):
        return ""


def _at(record: JsonValue, pointer: str) -> JsonValue:
    if not pointer.startswith("/"):
        return None
    found = record
    for part in parts_of(pointer):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _curve(start: int, end: int) -> str:
    """From the middle of one row to the middle of another, leaving and arriving level."""
    first, last = ROW * start + ROW // 2, ROW * end + ROW // 2
    return f"M0 {first}C50 {first} 50 {last} 100 {last}"
