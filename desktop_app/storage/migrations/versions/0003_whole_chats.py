"""Chats are organised, their branches can go and come back, and messages carry attachments; presets of one's own."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE conversations ADD COLUMN pinned_at INTEGER",
    "ALTER TABLE conversations ADD COLUMN archived_at INTEGER",
    "ALTER TABLE conversations ADD COLUMN folder TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE conversations ADD COLUMN kind TEXT NOT NULL DEFAULT 'chat'",
    "ALTER TABLE messages ADD COLUMN deleted_at INTEGER",
    "ALTER TABLE messages ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE messages ADD COLUMN kind TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE messages ADD COLUMN alternatives BLOB",
    """
    CREATE TABLE attachments (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        conversation_id INTEGER NOT NULL,
        message_id INTEGER,
        ordinal INTEGER NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        note_id INTEGER,
        created_at INTEGER NOT NULL,
        text TEXT NOT NULL,
        FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
        FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX attachments_by_message ON attachments (message_id, ordinal)",
    "CREATE INDEX attachments_by_conversation ON attachments (conversation_id, message_id)",
    """
    CREATE TABLE presets (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        "values" TEXT NOT NULL
    )
    """,
)


def upgrade() -> None:
    """Add what is missing; nothing that stands there changes."""
    for statement in _STATEMENTS:
        op.execute(statement.strip())


def downgrade() -> None:
    """Not offered: an older program opens a newer store for reading only."""
    raise NotImplementedError("a verified backup is made before each migration")
