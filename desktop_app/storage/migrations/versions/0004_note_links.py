"""Links between notes, the names by which they call them, and notes that stay on top of the list."""

from __future__ import annotations

import sqlite3

from alembic import op

from desktop_app.storage.link_rows import fill_links

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE notes ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
    "DROP INDEX notes_by_edit",
    "CREATE INDEX notes_by_edit ON notes "
    "(trashed_at, pinned DESC, edited_at DESC, id DESC, created_at, folder, title, snippet, tags)",
    """
    CREATE TABLE note_names (
        note_id INTEGER NOT NULL,
        "key" TEXT NOT NULL,
        name TEXT NOT NULL,
        is_title INTEGER NOT NULL,
        PRIMARY KEY (note_id, "key"),
        FOREIGN KEY(note_id) REFERENCES notes (id) ON DELETE CASCADE
    )
    """,
    'CREATE INDEX note_names_by_key ON note_names ("key", note_id)',
    """
    CREATE TABLE note_links (
        note_id INTEGER NOT NULL,
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        target TEXT NOT NULL,
        heading TEXT NOT NULL,
        "key" TEXT NOT NULL,
        tail TEXT NOT NULL,
        excerpt TEXT NOT NULL,
        PRIMARY KEY (note_id, start),
        FOREIGN KEY(note_id) REFERENCES notes (id) ON DELETE CASCADE
    )
    """,
    'CREATE INDEX note_links_by_key ON note_links ("key", note_id)',
    "CREATE INDEX note_links_by_tail ON note_links (tail, note_id)",
)


def upgrade() -> None:
    """Add column and tables, and fill them from the notes that are there."""
    for statement in _STATEMENTS:
        op.execute(statement.strip())
    connection = op.get_bind().connection.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    fill_links(connection)


def downgrade() -> None:
    """Not offered: an older program opens a newer store for reading only."""
    raise NotImplementedError("a verified backup is made before each migration")
