"""Alembic runs this file for each migration, on the connection that `adapters.ledger.database` hands over."""

from __future__ import annotations

from alembic import context

from adapters.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
