"""Indexes for the console's lists: the newest exchanges, all, or those of one contract, system or outcome."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    order, whose = ["sealed_ms", "id"], ["contract", "sender", "receiver"]
    op.create_index("ix_exchanges_sealed", "exchanges", order)
    for column in (*whose, "outcome"):
        others = [other for other in whose if other != column]
        op.create_index(f"ix_exchanges_{column}", "exchanges", [column, *order, *others])
    where = sa.text("waits_attempt IS NOT NULL")
    op.create_index("ix_exchanges_waits_sealed", "exchanges", order, sqlite_where=where, postgresql_where=where)
