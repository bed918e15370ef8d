"""Of very long notes the word index has the head in the note's row, and the tail in pieces that are filled in later."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Bytes, since SQL's functions of text stop at a NUL.
_HEAD = 512 * 1024
_TOKENIZER = "tokenize='porter unicode61 remove_diacritics 2'"


def _is_long(text: str) -> str:
    return f"length(CAST({text} AS BLOB)) > {_HEAD}"


def _head(text: str) -> str:
    return f"CASE WHEN {_is_long(text)} THEN CAST(substr(CAST({text} AS BLOB), 1, {_HEAD}) AS TEXT) ELSE {text} END"


_LEAVE = f"""
        INSERT INTO notes_words(notes_words, rowid, title, text, tags, properties)
        VALUES ('delete', old.id, old.title, {_head("old.text")}, old.tags, old.properties);
"""
_ENTER = f"""
        INSERT INTO notes_words(rowid, title, text, tags, properties)
        VALUES (new.id, new.title, {_head("new.text")}, new.tags, new.properties);
"""
_COLUMNS = "id, title, text, tags, properties, trashed_at"
_TO_BE_FILLED = "INSERT INTO long_notes(note_id, is_filled) VALUES (new.id, 0) ON CONFLICT DO UPDATE SET is_filled = 0"

_TABLES = (
    """
    CREATE TABLE long_notes (
        note_id INTEGER NOT NULL PRIMARY KEY,
        is_filled INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE note_tails (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        note_id INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,
        text TEXT NOT NULL
    )
    """,
    "CREATE INDEX note_tails_by_note ON note_tails (note_id, ordinal)",
    f"CREATE VIRTUAL TABLE tails_words USING fts5(text, content='note_tails', content_rowid='id', {_TOKENIZER})",
    "CREATE VIRTUAL TABLE tails_vocabulary USING fts5vocab(tails_words, row)",
    """
    CREATE TRIGGER tails_words_inserted AFTER INSERT ON note_tails BEGIN
        INSERT INTO tails_words(rowid, text) VALUES (new.id, new.text);
    END
    """,
    """
    CREATE TRIGGER tails_words_deleted BEFORE DELETE ON note_tails BEGIN
        INSERT INTO tails_words(tails_words, rowid, text) VALUES ('delete', old.id, old.text);
    END
    """,
)

_CUT = (
    f"""
    INSERT INTO notes_words(notes_words, rowid, title, text, tags, properties)
    SELECT 'delete', id, title, text, tags, properties FROM notes WHERE trashed_at IS NULL AND {_is_long("text")}
    """,
    f"""
    INSERT INTO notes_words(rowid, title, text, tags, properties)
    SELECT id, title, {_head("text")}, tags, properties FROM notes WHERE trashed_at IS NULL AND {_is_long("text")}
    """,
    f"INSERT INTO long_notes(note_id, is_filled) SELECT id, 0 FROM notes WHERE {_is_long('text')}",
    "DROP VIEW live_notes",
    f"""
    CREATE VIEW live_notes AS SELECT id, title, {_head("text")} AS text, tags, properties
    FROM notes WHERE trashed_at IS NULL
    """,
)

_TRIGGERS = (
    "DROP TRIGGER notes_words_inserted",
    "DROP TRIGGER notes_words_leave",
    "DROP TRIGGER notes_words_return",
    "DROP TRIGGER notes_words_deleted",
    f"CREATE TRIGGER notes_words_inserted AFTER INSERT ON notes WHEN new.trashed_at IS NULL BEGIN{_ENTER}    END",
    f"""
    CREATE TRIGGER notes_words_leave BEFORE UPDATE OF {_COLUMNS} ON notes
    WHEN old.trashed_at IS NULL BEGIN{_LEAVE}    END
    """,
    f"""
    CREATE TRIGGER notes_words_return AFTER UPDATE OF {_COLUMNS} ON notes
    WHEN new.trashed_at IS NULL BEGIN{_ENTER}    END
    """,
    f"CREATE TRIGGER notes_words_deleted BEFORE DELETE ON notes WHEN old.trashed_at IS NULL BEGIN{_LEAVE}    END",
    f"""
    CREATE TRIGGER long_notes_inserted AFTER INSERT ON notes WHEN {_is_long("new.text")} BEGIN
        {_TO_BE_FILLED};
    END
    """,
    f"""
    CREATE TRIGGER long_notes_updated AFTER UPDATE OF text, trashed_at ON notes
    WHEN {_is_long("new.text")} OR EXISTS (SELECT 1 FROM long_notes WHERE note_id = new.id) BEGIN
        {_TO_BE_FILLED};
    END
    """,
    """
    CREATE TRIGGER long_notes_deleted AFTER DELETE ON notes BEGIN
        UPDATE long_notes SET is_filled = 0 WHERE note_id = old.id;
    END
    """,
)


def upgrade() -> None:
    """Add the tables, leave only the heads of long notes in the word index, and say that their tails are to come."""
    for statement in (*_TABLES, *_CUT, *_TRIGGERS):
        op.execute(statement.strip())


def downgrade() -> None:
    """Not offered: an older program opens a newer store for reading only."""
    raise NotImplementedError("a verified backup is made before each migration")
