"""Dates that may be known only in part, as the days that they may mean."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

from contracts.said import said

_PARTIAL_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` to `last`, both included. ValueError where `last` comes before `first`."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a span ends on or after its first day: {self.first} – {self.last}")

    def __str__(self) -> str:
        """As it is written where it is a day, a month or a year: `2014-05-12`, `2014-05`, `2014`; else both ends."""
        first, last = self.first, self.last
        if first == last:
            return first.isoformat()
        if first.day == 1 and last == _last_of_month(last.year, last.month):
            if (first.year, first.month) == (last.year, last.month):
                return first.isoformat()[:7]
            if first.year == last.year and (first.month, last.month) == (1, 12):
                return first.isoformat()[:4]
        return f"{first} – {last}"


def day(d: date) -> Span:
    """The span of that one day."""
    return Span(d, d)


def span_of(text: str) -> Span:
    """The days that `2014`, `2014-05` or `2014-05-12` may mean. ValueError for anything else."""
    match = _PARTIAL_DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"not YYYY, YYYY-MM or YYYY-MM-DD: {text!r}")
    year, month, month_day = (None if part is None else int(part) for part in match.groups())
    if year is None or year < date.min.year:
        raise ValueError(f"there is no such year: {text!r}")
    if month is None:
        return Span(date(year, 1, 1), date(year, 12, 31))
    if month_day is None:
        return Span(date(year, month, 1), _last_of_month(year, month))
    return day(date(year, month, month_day))


def span_stated(name: str, text: str | None, today: date) -> Span:
    """The days that the parameter or option `name` may mean, else today. ValueError, in words for who stated it."""
    try:
        return day(today) if text is None else span_of(text)
    except ValueError:
        raise ValueError(said("{name}: a date, YYYY-MM-DD, such as 2025-07-01", name=name)) from None


def day_stated(name: str, text: str | None, today: date) -> date:
    """The whole day that it states, else today. ValueError, in words for who stated it."""
    span = span_stated(name, text, today)
    if span.first != span.last:
        raise ValueError(said("{name}: a whole date, YYYY-MM-DD", name=name))
    return span.first


def _last_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
