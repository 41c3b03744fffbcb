"""Days as options of commands."""

from __future__ import annotations

from datetime import date

from contracts.dates import Span, day_stated, span_stated
from gateway.commands.output import Exit, fail


def span_option(option: str, text: str | None, today: date) -> Span:
    """The days that an option may mean, else today; ends the command where they are none."""
    try:
        return span_stated(option, text, today)
    except ValueError as error:
        fail(error, Exit.USAGE)


def day_option(option: str, text: str | None, today: date) -> date:
    """The whole day that an option states, else today; ends the command where it is none."""
    try:
        return day_stated(option, text, today)
    except ValueError as error:
        fail(error, Exit.USAGE)
