"""The search for exchanges, as a query that its indexes answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, false, or_, tuple_

from adapters.ledger.tables import exchanges
from contracts.ledger import ExchangePlace, ExchangeSearch

_AFTER_ANY_HEX: Final = "g"


def searching(base: Select[Any], wanted: ExchangeSearch, limit: int, after: ExchangePlace | None) -> Select[Any]:
    """`base`, which selects exchanges, narrowed to what is `wanted`, the newest first."""
    query = base.where(*_conditions(wanted))
    order = (exchanges.c.sealed_ms, exchanges.c.id)
    if after is not None:
        # Said twice: the plain bound is the one that an index is entered by.
        query = query.where(exchanges.c.sealed_ms <= after.sealed_ms, tuple_(*order) < tuple_(*after))
    return query.order_by(*(column.desc() for column in order)).limit(limit)


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
    if wanted.states or wanted.outcomes or wanted.waits_for_person:
        yield _standing(wanted)


def _standing(wanted: ExchangeSearch) -> ColumnElement[bool]:
    """Any of the ways to stand that are wanted."""
    column = exchanges.c
    either: list[ColumnElement[bool]] = []
    if wanted.outcomes:
        either.append(column.outcome.in_([outcome.value for outcome in sorted(wanted.outcomes)]))
    if wanted.states:
        states = [state.value for state in sorted(wanted.states)]
        either.append(column.outcome.is_(None) & column.state.in_(states))
    if wanted.waits_for_person:
        either.append(column.waits_attempt.is_not(None))
    return or_(false(), *either) if len(either) > 1 else either[0]
