"""The tables of the ledger. Every row is a function of the log alone: no clock, no counter, no row order in it.

An exchange's row is the state of its fold (`adapters.ledger.fold`) laid out in columns, and after that what is derived
from the state, so that it can be searched. Texts and numbers only, in the common subset of SQLite and PostgreSQL.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, PrimaryKeyConstraint, String, Table

metadata: Final = MetaData()

exchanges: Final = Table(
    "exchanges",
    metadata,
    Column("id", String, primary_key=True),
    # The message that says what the exchange is about; rank 0 is a request, and then this is where it was accepted.
    Column("about_rank", Integer),
    Column("about_attempt", Integer),
    Column("about_log_ms", BigInteger),
    Column("about_channel", String),
    Column("about_partition", Integer),
    Column("about_offset", BigInteger),
    Column("contract", String),
    Column("major", Integer),
    Column("pattern", String),
    Column("sender", String),
    Column("receiver", String),
    Column("sealed_ms", BigInteger),
    Column("deadline_ms", BigInteger),
    Column("grant_id", String),
    Column("purpose", String),
    Column("end_user", String),
    Column("case_key", String),
    Column("trace_id", String),
    Column("body_hash", String),
    Column("configuration", String),
    Column("event", String),
    Column("order_key", String),
    # The first message that ended it.
    Column("ended_ms", BigInteger),
    Column("ended_channel", String),
    Column("ended_partition", Integer),
    Column("ended_offset", BigInteger),
    Column("ended_outcome", String),
    Column("ended_origin", String),
    # What an operator found out about an exchange in doubt.
    Column("resolved_ms", BigInteger),
    Column("resolved_channel", String),
    Column("resolved_partition", Integer),
    Column("resolved_offset", BigInteger),
    Column("resolved_outcome", String),
    # The highest attempts for which such a message was seen; 0: none.
    Column("attempts", Integer, nullable=False),
    Column("requested", Integer, nullable=False),
    Column("handed_on", Integer, nullable=False),
    Column("dead", Integer, nullable=False),
    Column("closed", Integer, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("worked", Boolean, nullable=False),
    Column("conflict_noted", Boolean, nullable=False),
    Column("hash_low", String),
    Column("hash_high", String),
    # Derived.
    Column("state", String, nullable=False),
    Column("outcome", String),
    Column("waits_attempt", Integer),
)

Index(
    "ix_exchanges_open",
    exchanges.c.seen_ms,
    sqlite_where=exchanges.c.outcome.is_(None),
    postgresql_where=exchanges.c.outcome.is_(None),
)
Index(
    "ix_exchanges_in_doubt",
    exchanges.c.seen_ms,
    sqlite_where=exchanges.c.outcome == "in_doubt",
    postgresql_where=exchanges.c.outcome == "in_doubt",
)
Index(
    "ix_exchanges_waits",
    exchanges.c.id,
    sqlite_where=exchanges.c.waits_attempt.is_not(None),
    postgresql_where=exchanges.c.waits_attempt.is_not(None),
)
Index(
    "ix_exchanges_retrying",
    exchanges.c.seen_ms,
    sqlite_where=exchanges.c.state == "retrying",
    postgresql_where=exchanges.c.state == "retrying",
)
Index(
    "ix_exchanges_case_key",
    exchanges.c.case_key,
    sqlite_where=exchanges.c.case_key != "",
    postgresql_where=exchanges.c.case_key != "",
)

Index(
    "ix_exchanges_event",
    exchanges.c.event,
    sqlite_where=exchanges.c.event != "",
    postgresql_where=exchanges.c.event != "",
)

# Those that ever gave up, few of many: a key may have a million exchanges behind it and no gap.
Index(
    "ix_exchanges_gaps",
    exchanges.c.order_key,
    exchanges.c.about_offset,
    sqlite_where=exchanges.c.dead > 0,
    postgresql_where=exchanges.c.dead > 0,
)

# For lists of exchanges, the newest first: all of them, those of one contract, system or outcome, those that wait for a
# person. What else is asked for stands behind, so that rows that do not fit are passed over without a look at them.
_ORDER: Final = (exchanges.c.sealed_ms, exchanges.c.id)
_WHOSE: Final = (exchanges.c.contract, exchanges.c.sender, exchanges.c.receiver)
Index("ix_exchanges_sealed", *_ORDER)
for _column in (*_WHOSE, exchanges.c.outcome):
    Index(f"ix_exchanges_{_column.name}", _column, *_ORDER, *(other for other in _WHOSE if other is not _column))
Index(
    "ix_exchanges_waits_sealed",
    *_ORDER,
    sqlite_where=exchanges.c.waits_attempt.is_not(None),
    postgresql_where=exchanges.c.waits_attempt.is_not(None),
)

# One row for what each message tells; `item` tells apart what a batch of `supplied` says of several exchanges.
steps: Final = Table(
    "steps",
    metadata,
    Column("channel", String, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("item", Integer, nullable=False),
    Column("exchange", String, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("place", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("detail", String, nullable=False),
    Column("outcome", String),
    Column("trace_id", String, nullable=False),
    Column("span_id", String, nullable=False),
    PrimaryKeyConstraint("channel", "partition", "offset", "item"),
    sqlite_with_rowid=False,
)
Index("ix_steps_exchange", steps.c.exchange)

# The first dead letter of each attempt. Whether one is open is told by its exchange: `waits_attempt`.
dead: Final = Table(
    "dead",
    metadata,
    Column("exchange", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("contract", String, nullable=False),
    Column("system", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("origin", String, nullable=False),
    PrimaryKeyConstraint("exchange", "attempt"),
    sqlite_with_rowid=False,
)

positions: Final = Table(
    "positions",
    metadata,
    Column("channel", String, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("next", BigInteger, nullable=False),
    PrimaryKeyConstraint("channel", "partition"),
    sqlite_with_rowid=False,
)

meta: Final = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
