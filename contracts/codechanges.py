"""What became other in a code list between two days, as far as its successors say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.codelists import CodeList, CodeRow


class Change(StrEnum):
    """What happened to what a code meant."""

    NEW = "new"
    RENAMED = "renamed"
    MERGED = "merged"
    SPLIT = "split"
    REUSED = "reused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Changed:
    """One change: the rows before and after it.

    `REUSED` is told of a code that meant something else before, beside what became of that; `ENDED` of a row of which
    the list does not say what took its place; `NEW` of one that took nobody's.
    """

    how: Change
    before: tuple[CodeRow, ...]
    after: tuple[CodeRow, ...]


def changes_between(codes: CodeList, first: date, last: date) -> Iterator[Changed]:
    """What is other on `last` than on `first`, in the order of the list; `first` comes before `last`."""
    for row in codes.rows_on(first):
        if not row.valid_on(last):
            yield from _became(codes, row, first, last)
    for row in codes.rows_on(last):
        if not row.valid_on(first):
            yield from _came(codes, row, first, last)


def _became(codes: CodeList, row: CodeRow, first: date, last: date) -> Iterator[Changed]:
    """What became of a row."""
    after = codes.candidates(row, last)
    if not after:
        yield Changed(Change.ENDED, (row,), ())
    elif len(after) > 1:
        yield Changed(Change.SPLIT, (row,), after)
    elif codes.candidates(after[0], first) != (row,):
        yield Changed(Change.MERGED, (row,), after)
    elif (row.code, row.name) != (after[0].code, after[0].name):
        yield Changed(Change.RENAMED, (row,), after)


def _came(codes: CodeList, row: CodeRow, first: date, last: date) -> Iterator[Changed]:
    """Where a row came from, and what its code meant before."""
    before = codes.candidates(row, first)
    if not before:
        yield Changed(Change.NEW, (), (row,))
    meant = codes.meaning(row.code, first)
    if meant is not None and (before != (meant,) or codes.candidates(meant, last) != (row,)):
        yield Changed(Change.REUSED, (meant,), (row,))
