"""The search for exchanges, as a query that its indexes answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, tuple_

from adapters.ledger.tables import exchanges
from contracts.ledger import ExchangePlace, ExchangeSearch

_AFTER_ANY_HEX: Final = "g"


def searching(
    base: Select[Any], wanted: ExchangeSearch, limit: int, after: ExchangePlace | None
) -> Iterator[Select[Any]]:
    """`base`, which selects exchanges, narrowed to what is `wanted`, the newest first.

    One query for each way to stand, for each is entered by an index of its own: together they have what is wanted.
    """
    order = (exchanges.c.sealed_ms, exchanges.c.id)
    query = base.where(*_conditions(wanted))
    if after is not None:
        # Said twice: the plain bound is the one that an index is entered by.
        query = query.where(exchanges.c.sealed_ms <= after.sealed_ms, tuple_(*order) < tuple_(*after))
    query = query.order_by(*(column.desc() for column in order)).limit(limit)
    for standing in _standings(wanted):
        yield query if standing is None else query.where(standing)


def _conditions(wanted: ExchangeSearch) -> Iterator[ColumnElement[bool]]:
    column = exchanges.c
    if wanted.id:
        yield column.id >= wanted.id
        yield column.id < wanted.id + _AFTER_ANY_HEX
    for named, value in (
        (column.contract, wanted.contract),
        (column.sender, wanted.sender),
        (column.receiver, wanted.receiver),
    ):
        if value:
            yield named == value
    if wanted.case_key:
        # As the index says it.
        yield column.case_key != ""
        yield column.case_key == wanted.case_key
    if wanted.from_ms is not None:
        yield column.sealed_ms >= wanted.from_ms
    if wanted.until_ms is not None:
        yield column.sealed_ms < wanted.until_ms


def _standings(wanted: ExchangeSearch) -> Iterator[ColumnElement[bool] | None]:
    """The ways to stand that are wanted; None, and nothing else, where any will do."""
    column = exchanges.c
    if not (wanted.outcomes or wanted.states or wanted.waits_for_person):
        yield None
    for outcome in sorted(wanted.outcomes):
        yield column.outcome == outcome.value
    if wanted.states:
        yield column.outcome.is_(None) & column.state.in_([state.value for state in sorted(wanted.states)])
    if wanted.waits_for_person:
        yield column.waits_attempt.is_not(None)
