"""An index of what is being tried again, which the console counts; few rows are ever in it."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    retrying = text("state = 'retrying'")
    op.create_index("ix_exchanges_retrying", "exchanges", ["seen_ms"], sqlite_where=retrying, postgresql_where=retrying)
