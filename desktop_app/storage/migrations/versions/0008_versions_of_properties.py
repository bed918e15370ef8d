"""A version of a note keeps the lines of its front matter, too; of those kept before it is not known."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; NULL where nobody knows what it was."""
    op.execute("ALTER TABLE note_versions ADD COLUMN front_matter TEXT")


def downgrade() -> None:
    """Not offered: an older program opens a newer store for reading only."""
    raise NotImplementedError("a verified backup is made before each migration")
