"""Days as options of commands."""

from __future__ import annotations

from datetime import date

from contracts.dates import Span, day, span_of
from contracts.said import said
from gateway.commands.output import Exit, fail


def span_option(option: str, text: str | None, today: date) -> Span:
    """The days that an option may mean, else today; ends the command where they are none."""
    try:
        return day(today) if text is None else span_of(text)
    except ValueError:
        fail(said("{name}: a date, YYYY-MM-DD, such as 2025-07-01", name=option), Exit.USAGE)


def day_option(option: str, text: str | None, today: date) -> date:
    """The whole day that an option states, else today; ends the command where it is none."""
    span = span_option(option, text, today)
    if span.first != span.last:
        fail(said("{name}: a whole date, YYYY-MM-DD", name=option), Exit.USAGE)
    return span.first
