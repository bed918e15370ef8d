"""Alembic's environment: runs on the connection it is handed, inside that connection's transaction."""

from __future__ import annotations

from alembic import context

from desktop_app.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
