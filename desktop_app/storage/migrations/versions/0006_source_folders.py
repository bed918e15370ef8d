"""Folders on the disk that notes came from, and their files."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE source_folders (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL,
        top TEXT NOT NULL,
        kind TEXT NOT NULL,
        added_at INTEGER NOT NULL,
        CONSTRAINT source_folders_by_path UNIQUE (path)
    )
    """,
    """
    CREATE TABLE source_files (
        folder_id INTEGER NOT NULL,
        path TEXT NOT NULL,
        note_id INTEGER,
        hash TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        title TEXT NOT NULL,
        tags TEXT NOT NULL,
        problem TEXT NOT NULL,
        is_conflict INTEGER NOT NULL,
        PRIMARY KEY (folder_id, path),
        FOREIGN KEY(folder_id) REFERENCES source_folders (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX source_files_by_note ON source_files (note_id)",
)


def upgrade() -> None:
    """Add both tables, empty."""
    for statement in _STATEMENTS:
        op.execute(statement.strip())


def downgrade() -> None:
    """Not offered: an older program opens a newer store for reading only."""
    raise NotImplementedError("a verified backup is made before each migration")
