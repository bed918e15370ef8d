"""What a note's front matter says beside title, tags and dates is found by its words."""

from __future__ import annotations

import sqlite3

from alembic import op

from desktop_app.storage.properties import fill_properties

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BEFORE = (
    "DROP TRIGGER notes_words_inserted",
    "DROP TRIGGER notes_words_leave",
    "DROP TRIGGER notes_words_return",
    "DROP TRIGGER notes_words_deleted",
    "DROP TABLE notes_vocabulary",
    "DROP TABLE notes_words",
    "DROP VIEW live_notes",
    "ALTER TABLE notes ADD COLUMN properties TEXT NOT NULL DEFAULT ''",
)

_AFTER = (
    "CREATE VIEW live_notes AS SELECT id, title, text, tags, properties FROM notes WHERE trashed_at IS NULL",
    """
    CREATE VIRTUAL TABLE notes_words USING fts5(
        title, text, tags, properties, content='live_notes', content_rowid='id',
        tokenize='porter unicode61 remove_diacritics 2', prefix='3 4'
    )
    """,
    "CREATE VIRTUAL TABLE notes_vocabulary USING fts5vocab(notes_words, row)",
    """
    CREATE TRIGGER notes_words_inserted AFTER INSERT ON notes WHEN new.trashed_at IS NULL BEGIN
        INSERT INTO notes_words(rowid, title, text, tags, properties)
        VALUES (new.id, new.title, new.text, new.tags, new.properties);
    END
    """,
    """
    CREATE TRIGGER notes_words_leave BEFORE UPDATE OF id, title, text, tags, properties, trashed_at ON notes
    WHEN old.trashed_at IS NULL BEGIN
        INSERT INTO notes_words(notes_words, rowid, title, text, tags, properties)
        VALUES ('delete', old.id, old.title, old.text, old.tags, old.properties);
    END
    """,
    """
    CREATE TRIGGER notes_words_return AFTER UPDATE OF id, title, text, tags, properties, trashed_at ON notes
    WHEN new.trashed_at IS NULL BEGIN
        INSERT INTO notes_words(rowid, title, text, tags, properties)
        VALUES (new.id, new.title, new.text, new.tags, new.properties);
    END
    """,
    """
    CREATE TRIGGER notes_words_deleted BEFORE DELETE ON notes WHEN old.trashed_at IS NULL BEGIN
        INSERT INTO notes_words(notes_words, rowid, title, text, tags, properties)
        VALUES ('delete', old.id, old.title, old.text, old.tags, old.properties);
    END
    """,
)


def upgrade() -> None:
    """Add the column, fill it, and make the index of notes again with it."""
    for statement in _BEFORE:
        op.execute(statement)
    connection = op.get_bind().connection.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    fill_properties(connection)
    for statement in _AFTER:
        op.execute(statement.strip())
    op.execute("INSERT INTO notes_words(notes_words) VALUES ('rebuild')")


def downgrade() -> None:
    """Not offered: an older program opens a newer store for reading only."""
    raise NotImplementedError("a verified backup is made before each migration")
