"""What the exchanges of ordered contracts are ordered by, so that a gap before one can be found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. What was accepted before had no order."""
    op.add_column("exchanges", sa.Column("order_key", sa.String, nullable=True))
    op.execute("UPDATE exchanges SET order_key = '' WHERE about_rank IS NOT NULL")
    where = sa.text("dead > 0")
    columns = ["order_key", "about_offset"]
    op.create_index("ix_exchanges_gaps", "exchanges", columns, sqlite_where=where, postgresql_where=where)
