"""Indexes for the console's lists: the newest exchanges, all of them or those of one contract, system or outcome."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_index("ix_exchanges_sealed", "exchanges", ["sealed_ms", "id"])
    for column in ("contract", "sender", "receiver", "outcome"):
        op.create_index(f"ix_exchanges_{column}", "exchanges", [column, "sealed_ms", "id"])
