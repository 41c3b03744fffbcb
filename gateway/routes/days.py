"""Days as parameters of requests."""

from __future__ import annotations

from datetime import date

from contracts.dates import Span, day_stated, span_stated
from gateway.problems import Problem


def span_parameter(name: str, text: str | None, today: date) -> Span:
    """The days that a parameter may mean, else today. Problem `bad-request`."""
    try:
        return span_stated(name, text, today)
    except ValueError as error:
        raise Problem("bad-request", why=error.args[0]) from None


def day_parameter(name: str, text: str | None, today: date) -> date:
    """The whole day that a parameter states, else today. Problem `bad-request`."""
    try:
        return day_stated(name, text, today)
    except ValueError as error:
        raise Problem("bad-request", why=error.args[0]) from None
