"""The first tables: exchanges, steps, dead letters, positions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    _exchanges()
    _steps()
    _dead()
    _positions()
    _meta()


def _exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("about_rank", sa.Integer, nullable=True),
        sa.Column("about_attempt", sa.Integer, nullable=True),
        sa.Column("about_log_ms", sa.BigInteger, nullable=True),
        sa.Column("about_channel", sa.String, nullable=True),
        sa.Column("about_partition", sa.Integer, nullable=True),
        sa.Column("about_offset", sa.BigInteger, nullable=True),
        sa.Column("contract", sa.String, nullable=True),
        sa.Column("major", sa.Integer, nullable=True),
        sa.Column("pattern", sa.String, nullable=True),
        sa.Column("sender", sa.String, nullable=True),
        sa.Column("receiver", sa.String, nullable=True),
        sa.Column("sealed_ms", sa.BigInteger, nullable=True),
        sa.Column("deadline_ms", sa.BigInteger, nullable=True),
        sa.Column("grant_id", sa.String, nullable=True),
        sa.Column("purpose", sa.String, nullable=True),
        sa.Column("end_user", sa.String, nullable=True),
        sa.Column("case_key", sa.String, nullable=True),
        sa.Column("trace_id", sa.String, nullable=True),
        sa.Column("body_hash", sa.String, nullable=True),
        sa.Column("configuration", sa.String, nullable=True),
        sa.Column("event", sa.String, nullable=True),
        sa.Column("ended_ms", sa.BigInteger, nullable=True),
        sa.Column("ended_channel", sa.String, nullable=True),
        sa.Column("ended_partition", sa.Integer, nullable=True),
        sa.Column("ended_offset", sa.BigInteger, nullable=True),
        sa.Column("ended_outcome", sa.String, nullable=True),
        sa.Column("ended_origin", sa.String, nullable=True),
        sa.Column("resolved_ms", sa.BigInteger, nullable=True),
        sa.Column("resolved_channel", sa.String, nullable=True),
        sa.Column("resolved_partition", sa.Integer, nullable=True),
        sa.Column("resolved_offset", sa.BigInteger, nullable=True),
        sa.Column("resolved_outcome", sa.String, nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("requested", sa.Integer, nullable=False),
        sa.Column("handed_on", sa.Integer, nullable=False),
        sa.Column("dead", sa.Integer, nullable=False),
        sa.Column("closed", sa.Integer, nullable=False),
        sa.Column("seen_ms", sa.BigInteger, nullable=False),
        sa.Column("worked", sa.Boolean, nullable=False),
        sa.Column("conflict_noted", sa.Boolean, nullable=False),
        sa.Column("hash_low", sa.String, nullable=True),
        sa.Column("hash_high", sa.String, nullable=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=True),
        sa.Column("waits_attempt", sa.Integer, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    where = sa.text("case_key != ''")
    op.create_index("ix_exchanges_case_key", "exchanges", ["case_key"], sqlite_where=where, postgresql_where=where)
    where = sa.text("event != ''")
    op.create_index("ix_exchanges_event", "exchanges", ["event"], sqlite_where=where, postgresql_where=where)
    where = sa.text("outcome = 'in_doubt'")
    op.create_index("ix_exchanges_in_doubt", "exchanges", ["seen_ms"], sqlite_where=where, postgresql_where=where)
    where = sa.text("outcome IS NULL")
    op.create_index("ix_exchanges_open", "exchanges", ["seen_ms"], sqlite_where=where, postgresql_where=where)
    where = sa.text("waits_attempt IS NOT NULL")
    op.create_index("ix_exchanges_waits", "exchanges", ["id"], sqlite_where=where, postgresql_where=where)


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("item", sa.Integer, nullable=False),
        sa.Column("exchange", sa.String, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=True),
        sa.Column("trace_id", sa.String, nullable=False),
        sa.Column("span_id", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("channel", "partition", "offset", "item"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_steps_exchange", "steps", ["exchange"])


def _dead() -> None:
    op.create_table(
        "dead",
        sa.Column("exchange", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("contract", sa.String, nullable=False),
        sa.Column("system", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("exchange", "attempt"),
        sqlite_with_rowid=False,
    )


def _positions() -> None:
    op.create_table(
        "positions",
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("next", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("channel", "partition"),
        sqlite_with_rowid=False,
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
