"""What becomes of a code that somebody wrote down once, in a default or a mapping."""

from __future__ import annotations

from datetime import date

from contracts.codelists import CodeList, CodeRow
from contracts.dates import day as one_day
from contracts.dates import span_of
from contracts.said import said


def code_fate(codes: CodeList, code: str, today: date, day: date) -> tuple[date, str, str] | None:
    """Since when, in what way and with what remedy `code` does not mean on `day` what it means today; None: it does.

    A code that ended long ago is told of too: whoever wrote it down has not noticed.
    """
    then = codes.meaning(code, day)
    now = codes.meaning(code, today)
    if then is not None:
        return None if now is None or now.id == then.id else _reused(codes, now, then)
    last = max((row for row in codes if row.code == code and row.valid_to), key=_end, default=None)
    if last is None or last.valid_to is None or last.valid_to > day:
        return None
    return last.valid_to, _ended(codes, last), _instead(codes, last, day)


def _end(row: CodeRow) -> date:
    return row.valid_to or date.max


def _ended(codes: CodeList, row: CodeRow) -> str:
    return said(
        "the code {code} of {codelist} is no longer in force from {day} on",
        code=row.label,
        codelist=codes.name,
        day=row.valid_to,
    )


def _reused(codes: CodeList, now: CodeRow, then: CodeRow) -> tuple[date, str, str]:
    since = then.valid_from or date.max
    message = said(
        "from {day} on the code {code} of {codelist} means {then}, no longer {now}",
        day=since,
        code=then.code,
        codelist=codes.name,
        then=then.name,
        now=now.name,
    )
    return since, message, _instead(codes, now, since)


def _instead(codes: CodeList, row: CodeRow, day: date) -> str:
    labels = "; ".join(each.label for each in codes.candidates(row, day))
    if not labels:
        return said("write another code; the list names no successor")
    return said("write what succeeds it: {codes}", codes=labels)


def is_fixed(text: str) -> bool:
    """Whether that is a whole day, and no path or name."""
    try:
        span = span_of(text)
    except ValueError:
        return False
    return span == one_day(span.first)
