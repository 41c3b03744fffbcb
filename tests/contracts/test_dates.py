"""Dates known in part are the days that they may mean."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.dates import Span, day, span_of


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2014", date(2014, 1, 1), date(2014, 12, 31)),
        ("2014-02", date(2014, 2, 1), date(2014, 2, 28)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ("2014-05-12", date(2014, 5, 12), date(2014, 5, 12)),
    ],
)
def test_a_year_a_month_and_a_day_are_their_days(text: str, first: date, last: date) -> None:
    """Both ends included; and they are written again as they were."""
    assert span_of(text) == Span(first, last)
    assert str(span_of(text)) == text


@pytest.mark.parametrize(
    "text", ["", "14", "0000", "2014-13", "2014-00", "2014-02-30", "2014-5", "12/05/2014", "2014-05-12T00:00", "2014\n"]
)
def test_anything_else_is_no_date(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"not YYYY|no such year|month|day"):
        span_of(text)


def test_other_spans_are_written_with_both_ends() -> None:
    """A school year, say."""
    assert str(Span(date(2025, 9, 1), date(2026, 5, 31))) == "2025-09-01 – 2026-05-31"
    assert str(day(date(2025, 7, 1))) == "2025-07-01"


def test_a_span_does_not_run_backwards() -> None:
    """A mistake in a program, not in data."""
    with pytest.raises(ValueError, match="ends on or after"):
        Span(date(2025, 7, 2), date(2025, 7, 1))
