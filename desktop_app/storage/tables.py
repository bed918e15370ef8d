"""The tables, as SQLAlchemy Core models: importing the ORM would cost the window's start more than a tenth of a
second, and nothing here would use it. Migrations make the tables; a test compares both.

Times are whole microseconds since 1970 in UTC. Texts pass `CleanText`, the one boundary where lone surrogates are
replaced. Full-text tables and their triggers are in `migrations/versions`, since no model can say them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    desc,
    text,
)
from sqlalchemy.types import TypeDecorator

from desktop_app.domain.text_cleaning import without_lone_surrogates

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970; a time without a zone is taken as UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(value: int) -> datetime:
    """The moment in UTC; nearest representable one for values no calendar holds."""
    try:
        return _EPOCH + timedelta(microseconds=value)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if value < 0 else datetime.max.replace(tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, stored as microseconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_microseconds(value)


class CleanText(TypeDecorator[str]):
    """Text that UTF-8 can hold: the boundary where lone surrogates become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else without_lone_surrogates(value)


class JsonText(TypeDecorator[Any]):
    """A JSON value; text that is no JSON (a damaged row) reads as an empty object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return {}


class JsonObject(JsonText):
    """A JSON object; anything else (a damaged row) reads as an empty one."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        found = super().process_result_value(value, dialect)
        return found if isinstance(found, dict) else {}


metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", CleanText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("change_order", Integer, nullable=False),
    Column("active_leaf_id", Integer),
    Column("memory_start_id", Integer),
    Column("draft", CleanText, nullable=False),
    Column("preview", CleanText, nullable=False),
    Column("settings", JsonObject, nullable=False),
    Column("trashed_at", Moment),
    Column("pinned_at", Moment),
    Column("archived_at", Moment),
    Column("folder", CleanText, nullable=False, server_default=""),
    Column("kind", Text, nullable=False, server_default="chat"),
    Index("conversations_by_change", "trashed_at", desc("change_order")),
    sqlite_autoincrement=True,
)
"""A chat. `change_order` grows at each change: the list is sorted by it, not by the clock. `settings` are the values
that belong to this chat alone. `kind` is "chat", or "writing" for free writing."""

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("parent_id", ForeignKey("messages.id", ondelete="CASCADE")),
    Column("sibling_order", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("stop_reason", Text),
    Column("error", CleanText, nullable=False),
    Column("model_fingerprint", Text),
    Column("model_name", CleanText),
    Column("prompt_tokens", Integer),
    Column("cached_tokens", Integer),
    Column("restored_tokens", Integer),
    Column("generated_tokens", Integer),
    Column("read_s", Float),
    Column("first_token_s", Float),
    Column("write_s", Float),
    Column("tokens_per_s", Float),
    Column("seed", Integer),
    Column("settings_used", JsonObject, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("token_ids", LargeBinary),
    Column("deleted_at", Moment),
    Column("pinned", Integer, nullable=False, server_default="0"),
    Column("kind", Text, nullable=False, server_default=""),
    Column("alternatives", LargeBinary),
    Index("messages_by_parent", "conversation_id", "parent_id", "sibling_order"),
    Index("messages_by_parent_alone", "parent_id"),
    sqlite_autoincrement=True,
)
"""A node of a chat's tree. `token_ids` are unsigned 32-bit little-endian, valid for `model_fingerprint`.

`deleted_at` marks the root of a branch that was deleted and may come back. A `pinned` message never leaves the context
window. `kind` is "summary" for what stands in place of earlier messages. `alternatives` are the likeliest tokens at
each place of an answer."""

MESSAGE_COLUMNS = tuple(column for column in messages.c if column.name != "alternatives")
"""What a message is read with; the alternatives outweigh its text and are wanted by the token view alone."""

attachments = Table(
    "attachments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE")),
    Column("ordinal", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("note_id", Integer),
    Column("created_at", Moment, nullable=False),
    Column("text", CleanText, nullable=False),
    Index("attachments_by_message", "message_id", "ordinal"),
    Index("attachments_by_conversation", "conversation_id", "message_id"),
    sqlite_autoincrement=True,
)
"""What a message carries: the text of a file ("file"), of a paste ("paste") or of a note ("note", with `note_id`).

Without a message it belongs to the chat's unsent draft. `size` is that of the file, in bytes."""

presets = Table(
    "presets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("description", CleanText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("values", JsonObject, nullable=False),
    sqlite_autoincrement=True,
)
"""Instructions, sampling, context and maximum length under a name of one's own."""

_LISTED = ("created_at", "folder", "title", "snippet", "tags")
"""What lists show or sort by beside that: with it in the index they read nothing else."""

UNCHUNKED = "trashed_at IS NULL AND (chunked_revision IS NULL OR chunked_revision != revision)"

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", CleanText, nullable=False),
    Column("folder", CleanText, nullable=False),
    Column("snippet", CleanText, nullable=False),
    Column("tags", CleanText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("edited_at", Moment, nullable=False),
    Column("trashed_at", Moment),
    Column("source_path", CleanText, nullable=False),
    Column("source_file", CleanText, nullable=False),
    Column("source_hash", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("chunked_revision", Integer),
    Column("is_welcome", Integer, nullable=False),
    Column("front_matter", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("properties", CleanText, nullable=False, server_default=""),
    Column("pinned", Integer, nullable=False, server_default="0"),
    Index("notes_by_edit", "trashed_at", desc("pinned"), desc("edited_at"), desc("id"), *_LISTED),
    Index("notes_unchunked", "edited_at", "id", sqlite_where=text(UNCHUNKED)),
    Index("notes_by_folder", "trashed_at", "folder"),
    Index("notes_by_source_file", "source_file"),
    Index("notes_by_source_path", "source_path"),
    sqlite_autoincrement=True,
)
"""A note. `text` stands behind what lists show, so that they need not walk over long texts.

`properties` repeats what `front_matter` says beside title, tags and dates, for the full-text index, as `tags` repeats
`note_tags`, one a line. `chunked_revision` is the revision whose chunks are stored. `source_file` is the absolute path
a note was imported from and `source_hash` the sha256 of the file then."""

note_tags = Table(
    "note_tags",
    metadata,
    Column("note_id", ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", CleanText, primary_key=True),
    Index("note_tags_by_tag", "tag", "note_id"),
)
"""A tag of a note."""

note_versions = Table(
    "note_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("note_id", ForeignKey("notes.id", ondelete="CASCADE"), nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("kept_at", Moment, nullable=False),
    Column("size", Integer, nullable=False),
    Column("title", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("front_matter", CleanText),
    Index("note_versions_by_note", "note_id", "id"),
    sqlite_autoincrement=True,
)
"""An earlier text of a note. `size` is the text's length in characters, for thinning without reading it;
`front_matter` is NULL for versions that were kept before it was kept with them.
"""

note_names = Table(
    "note_names",
    metadata,
    Column("note_id", ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    Column("key", CleanText, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("is_title", Integer, nullable=False),
    Index("note_names_by_key", "key", "note_id"),
)
"""What a link may call a note: its title, its aliases, the name of its file. `key` is the name as links compare it."""

note_links = Table(
    "note_links",
    metadata,
    Column("note_id", ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, nullable=False),
    Column("target", CleanText, nullable=False),
    Column("heading", CleanText, nullable=False),
    Column("key", CleanText, nullable=False),
    Column("tail", CleanText, nullable=False),
    Column("excerpt", CleanText, nullable=False),
    Index("note_links_by_key", "key", "note_id"),
    Index("note_links_by_tail", "tail", "note_id"),
)
"""A link in a note's text, at characters [start, end). `key` is the whole target as links compare it, `tail` what
stands behind its last slash; `excerpt` is the line around it. Made of the text in the commit that stores it."""

note_files = Table(
    "note_files",
    metadata,
    Column("hash", Text, primary_key=True, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("added_at", Moment, nullable=False),
)
"""A file that notes name or were imported from. Its bytes lie beside the database, under `hash`, their sha256."""

note_attachments = Table(
    "note_attachments",
    metadata,
    Column("note_id", ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", CleanText, primary_key=True),
    Column("tail", CleanText, nullable=False),
    Column("hash", ForeignKey("note_files.hash", ondelete="CASCADE"), nullable=False),
    Index("note_attachments_by_tail", "tail", "note_id"),
    Index("note_attachments_by_hash", "hash"),
)
"""What a name in a note's text means (`kind` "named"; `key` is the whole name as references compare it, `tail` what
stands behind its last slash), or the file that the note was imported from ("original", with an empty `key`). A row
stays when the name goes out of the text: a version may say it, and undo brings it back."""
source_folders = Table(
    "source_folders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", CleanText, nullable=False),
    Column("top", CleanText, nullable=False),
    Column("kind", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    UniqueConstraint("path", name="source_folders_by_path"),
    sqlite_autoincrement=True,
)
"""A folder on the disk that notes came from: "linked" or "copied"."""

source_files = Table(
    "source_files",
    metadata,
    Column("folder_id", ForeignKey("source_folders.id", ondelete="CASCADE"), primary_key=True),
    Column("path", CleanText, primary_key=True),
    Column("note_id", Integer),
    Column("hash", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("inode", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("title", CleanText, nullable=False),
    Column("tags", CleanText, nullable=False),
    Column("problem", CleanText, nullable=False),
    Column("is_conflict", Integer, nullable=False),
    Column("writing", Text, nullable=False, server_default=""),
    Index("source_files_by_note", "note_id"),
)
"""A file of such a folder, and its note, as both were when they were last in step.

`note_id` refers to no row on purpose: a note that was deleted for good leaves its file's row behind, or its file would
be taken for a new one. Without a note, `problem` says why the file is none."""

long_notes = Table(
    "long_notes",
    metadata,
    Column("note_id", Integer, primary_key=True),
    Column("is_filled", Integer, nullable=False),
)
"""A note whose tail the word index has in pieces (domain/long_notes.py); kept by triggers. It refers to no row: the
pieces of a note that was deleted go later, a few at a time."""

note_tails = Table(
    "note_tails",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("note_id", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("text", CleanText, nullable=False),
    Index("note_tails_by_note", "note_id", "ordinal"),
    sqlite_autoincrement=True,
)
"""A piece of such a tail. Its text is never changed: pieces come and go."""

chunks = Table(
    "chunks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("note_id", ForeignKey("notes.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("embedded_by", Text),
    Column("heading_path", JsonText, nullable=False),
    Column("embedded_text", CleanText, nullable=False),
    Index("chunks_by_note", "note_id", "ordinal"),
    Index("chunks_by_hash", "hash", "note_id"),
    Index("chunks_by_encoder", "embedded_by", "note_id"),
    sqlite_autoincrement=True,
)
"""A passage of a note: character offsets into its text, and what the encoder reads.

`embedded_by` names the encoder whose vector is known to be there, so that what is due is found without looking
every chunk up."""

vectors = Table(
    "vectors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("chunk_hash", Text, nullable=False),
    Column("dimensions", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    UniqueConstraint("fingerprint", "chunk_hash", name="vectors_by_hash"),
)
"""The unit vector (float32, little-endian) of one encoder for one embedded text."""

message_index = Table(
    "message_index",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("embedded_by", Text),
    Index("message_index_by_encoder", "embedded_by", "message_id"),
)
"""Which encoder has read a message as it is now; kept by triggers. `revision` grows with each change of what is
read."""

message_passages = Table(
    "message_passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Index("message_passages_by_message", "message_id", "ordinal"),
    Index("message_passages_by_hash", "hash", "fingerprint"),
    sqlite_autoincrement=True,
)
"""A passage of a message: character offsets into its text, and the vector (float32, little-endian) of an encoder.
`hash` is that of what the encoder read. While a message is due, the passages may be those of an earlier text."""

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
"""Who does a piece of background work, until when."""

ui_state = Table(
    "ui_state",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JsonText, nullable=False),
)
"""A small value the window remembers."""

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)
"""A number that only grows, such as the version of the vectors."""
