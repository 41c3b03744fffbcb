"""Counts for those who watch: what flowed lately and how it stands. One query each, entered by an index."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, Select, case, func, literal_column, select

from adapters.ledger.tables import exchanges
from contracts.ledger import FlowCount, OpenCounts, Took, UseCount
from contracts.outcome import Outcome, Pattern, State

_KIND: Final = (
    exchanges.c.contract,
    exchanges.c.pattern,
    exchanges.c.sender,
    exchanges.c.receiver,
    (exchanges.c.event != "").label("is_copy"),
    exchanges.c.state,
    exchanges.c.outcome,
    exchanges.c.waits_attempt.is_not(None).label("waits"),
)
_SEEN: Final = exchanges.c.about_rank.is_not(None)
# Said as the indexes say it, or SQLite would not know that it may use them.
_RETRYING: Final = select(func.count()).where(exchanges.c.state == literal_column("'retrying'"))
_DEAD: Final = select(func.count()).where(exchanges.c.waits_attempt.is_not(None))
_IN_DOUBT: Final = select(func.count()).where(exchanges.c.outcome == literal_column("'in_doubt'"))


def flows_between(since_ms: int, until_ms: int, slot_ms: int) -> Select[Any]:
    """Rows for `to_flow`."""
    slot = (exchanges.c.sealed_ms // slot_ms).label("slot")
    counted = select(slot, *_KIND, func.count().label("counted"))
    counted = counted.where(_SEEN, exchanges.c.sealed_ms >= since_ms, exchanges.c.sealed_ms < until_ms)
    return counted.group_by(slot, *_KIND)


def to_flow(row: Row[Any]) -> FlowCount:
    """A row of `flows_between`."""
    outcome = None if row.outcome is None else Outcome(row.outcome)
    pattern, state = Pattern(row.pattern), State(row.state)
    parties = (row.sender or "", row.receiver or "")
    return FlowCount(
        row.slot, row.contract, pattern, *parties, bool(row.is_copy), state, outcome, bool(row.waits), row.counted
    )


def uses_since(contract: str, since_ms: int) -> Select[Any]:
    """Rows for `to_use`: senders of a contract, and who was pushed its events."""
    columns = exchanges.c
    is_copy = (columns.event != "").label("is_copy")
    system = case((columns.event != "", columns.receiver), else_=columns.sender).label("system")
    last = func.max(columns.sealed_ms).label("last")
    counted = select(columns.major, system, is_copy, func.count().label("counted"), last)
    counted = counted.where(_SEEN, columns.contract == contract, columns.sealed_ms >= since_ms)
    return counted.group_by(columns.major, system, is_copy).order_by(columns.major, system)


def to_use(row: Row[Any]) -> UseCount:
    """A row of `uses_since`."""
    return UseCount(row.major, row.system, bool(row.is_copy), row.counted, row.last)


def took_since(since_ms: int, limit: int) -> Select[Any]:
    """Rows for `to_took`."""
    columns = exchanges.c
    asked = select(columns.contract, (columns.ended_ms - columns.sealed_ms).label("took_ms"))
    asked = asked.where(_SEEN, columns.sealed_ms >= since_ms, columns.ended_ms.is_not(None))
    return asked.order_by(columns.sealed_ms.desc(), columns.id.desc()).limit(limit)


def to_took(row: Row[Any]) -> Took:
    """A row of `took_since`. Two clocks may differ by a little; nothing took less than no time."""
    return Took(row.contract, max(0, row.took_ms))


def count_open(connection: Connection) -> OpenCounts:
    """What is in trouble now."""
    return OpenCounts(*(connection.execute(query).scalar() or 0 for query in (_RETRYING, _DEAD, _IN_DOUBT)))
