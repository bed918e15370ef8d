"""Which schema this program knows. A test holds these against the migrations."""

from __future__ import annotations

HEAD_REVISION = "0010"
"""The newest migration; Alembic is imported only where an existing store says another one."""

SCHEMA_NUMBER = 10
"""`user_version` of a store at the head; a higher one was written by a newer Inkwell."""

WORD_TABLES = ("notes_words", "tails_words", "messages_words")
"""The full-text tables. All can be made again from the texts."""
