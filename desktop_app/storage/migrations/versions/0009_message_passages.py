"""Passages of messages with their vectors, and which messages they are to be made of."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_DUE = "SET revision = revision + 1, embedded_by = NULL"
_STALE = "UPDATE counters SET value = value + 1 WHERE name = 'message_vectors';"

_TABLES = (
    """
    CREATE TABLE message_index (
        message_id INTEGER NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL,
        embedded_by TEXT,
        FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX message_index_by_encoder ON message_index (embedded_by, message_id)",
    """
    CREATE TABLE message_passages (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        message_id INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        hash TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        vector BLOB NOT NULL,
        FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX message_passages_by_message ON message_passages (message_id, ordinal)",
    "CREATE INDEX message_passages_by_hash ON message_passages (hash, fingerprint)",
    "CREATE VIRTUAL TABLE messages_vocabulary USING fts5vocab(messages_words, row)",
    "INSERT INTO counters(name, value) VALUES ('message_vectors', 0)",
    "INSERT INTO message_index(message_id, revision, embedded_by) SELECT id, 0, NULL FROM messages",
)

_TRIGGERS = (
    """
    CREATE TRIGGER message_index_inserted AFTER INSERT ON messages BEGIN
        INSERT INTO message_index(message_id, revision, embedded_by) VALUES (new.id, 0, NULL);
    END
    """,
    # An answer that is being written is none of its business: its row says that it is due as it is.
    f"""
    CREATE TRIGGER message_index_updated AFTER UPDATE OF text, stop_reason ON messages
    WHEN (new.role <> 'assistant' OR new.stop_reason IS NOT NULL)
    AND (new.text IS NOT old.text OR new.stop_reason IS NOT old.stop_reason) BEGIN
        UPDATE message_index {_DUE} WHERE message_id = new.id;
    END
    """,
    # The title stands in front of what the encoder reads.
    f"""
    CREATE TRIGGER message_index_renamed AFTER UPDATE OF title ON conversations WHEN new.title IS NOT old.title BEGIN
        UPDATE message_index {_DUE} WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = new.id);
    END
    """,
    f"CREATE TRIGGER message_passages_deleted AFTER DELETE ON message_passages BEGIN {_STALE} END",
    f"""
    CREATE TRIGGER message_passages_trashed AFTER UPDATE OF trashed_at ON conversations
    WHEN (new.trashed_at IS NULL) <> (old.trashed_at IS NULL) BEGIN {_STALE} END
    """,
)


def upgrade() -> None:
    """Add the tables; every message is due."""
    for statement in (*_TABLES, *_TRIGGERS):
        op.execute(statement.strip())


def downgrade() -> None:
    """Not offered: an older program opens a newer store for reading only."""
    raise NotImplementedError("a verified backup is made before each migration")
