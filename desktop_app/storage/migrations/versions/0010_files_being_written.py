"""What is about to be written to a linked file is known before, so that our own writing is told from another's."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nothing is being written while a store is opened."""
    op.execute("ALTER TABLE source_files ADD COLUMN writing TEXT NOT NULL DEFAULT ''")


def downgrade() -> None:
    """Not offered: an older program opens a newer store for reading only."""
    raise NotImplementedError("a verified backup is made before each migration")
