"""Pictures and other files of notes: what is stored, and which note names it how."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE note_files (
        hash TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        added_at INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE note_attachments (
        note_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        "key" TEXT NOT NULL,
        tail TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (note_id, kind, "key"),
        FOREIGN KEY(note_id) REFERENCES notes (id) ON DELETE CASCADE,
        FOREIGN KEY(hash) REFERENCES note_files (hash) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX note_attachments_by_tail ON note_attachments (tail, note_id)",
    "CREATE INDEX note_attachments_by_hash ON note_attachments (hash)",
)


def upgrade() -> None:
    """Add the tables; no note had files before."""
    for statement in _STATEMENTS:
        op.execute(statement.strip())


def downgrade() -> None:
    """Not offered: an older program opens a newer store for reading only."""
    raise NotImplementedError("a verified backup is made before each migration")
