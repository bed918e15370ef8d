"""The tables, as SQLAlchemy models. Migrations make them; a test compares both.

Times are whole microseconds since 1970 in UTC. Texts pass `CleanText`, the one boundary where lone surrogates are
replaced. Full-text tables and their triggers are in `migrations/versions`, since no model can say them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    desc,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
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
        except ValueError:
            return {}


class Base(DeclarativeBase):
    """Base of all models."""


class ConversationRow(Base):
    """A chat. `change_order` grows at each change: the list is sorted by it, not by the clock."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index("conversations_by_change", "trashed_at", desc("change_order")),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(CleanText)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    change_order: Mapped[int] = mapped_column(Integer)
    active_leaf_id: Mapped[int | None] = mapped_column(Integer)
    memory_start_id: Mapped[int | None] = mapped_column(Integer)
    draft: Mapped[str] = mapped_column(CleanText)
    preview: Mapped[str] = mapped_column(CleanText)
    settings: Mapped[Mapping[str, Any]] = mapped_column(JsonText)
    trashed_at: Mapped[datetime | None] = mapped_column(Moment)


class MessageRow(Base):
    """A node of a chat's tree. `token_ids` are unsigned 32-bit little-endian, valid for `model_fingerprint`."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("messages_by_parent", "conversation_id", "parent_id", "sibling_order"),
        Index("messages_by_parent_alone", "parent_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    sibling_order: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    stop_reason: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str] = mapped_column(CleanText)
    model_fingerprint: Mapped[str | None] = mapped_column(Text)
    model_name: Mapped[str | None] = mapped_column(CleanText)
    prompt_tokens: Mapped[int | None] = mapped_column(Integer)
    cached_tokens: Mapped[int | None] = mapped_column(Integer)
    restored_tokens: Mapped[int | None] = mapped_column(Integer)
    generated_tokens: Mapped[int | None] = mapped_column(Integer)
    read_s: Mapped[float | None] = mapped_column(Float)
    first_token_s: Mapped[float | None] = mapped_column(Float)
    write_s: Mapped[float | None] = mapped_column(Float)
    tokens_per_s: Mapped[float | None] = mapped_column(Float)
    seed: Mapped[int | None] = mapped_column(Integer)
    settings_used: Mapped[Mapping[str, Any]] = mapped_column(JsonText)
    text: Mapped[str] = mapped_column(CleanText)
    token_ids: Mapped[bytes | None] = mapped_column(LargeBinary)


UNCHUNKED = "trashed_at IS NULL AND (chunked_revision IS NULL OR chunked_revision != revision)"


class NoteRow(Base):
    """A note. `text` stands last, so that lists need not walk over long texts.

    `tags` repeats `note_tags`, one a line, for the full-text index. `chunked_revision` is the revision whose chunks
    are stored. `source_file` is the absolute path a note was imported from and `source_hash` the sha256 of the file
    then.
    """

    __tablename__ = "notes"
    __table_args__ = (
        Index("notes_by_edit", "trashed_at", desc("edited_at"), desc("id"), "created_at", "folder", "title", "snippet"),
        Index("notes_unchunked", "edited_at", "id", sqlite_where=text(UNCHUNKED)),
        Index("notes_by_folder", "trashed_at", "folder"),
        Index("notes_by_source_file", "source_file"),
        Index("notes_by_source_path", "source_path"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(CleanText)
    folder: Mapped[str] = mapped_column(CleanText)
    snippet: Mapped[str] = mapped_column(CleanText)
    tags: Mapped[str] = mapped_column(CleanText)
    created_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime] = mapped_column(Moment)
    trashed_at: Mapped[datetime | None] = mapped_column(Moment)
    source_path: Mapped[str] = mapped_column(CleanText)
    source_file: Mapped[str] = mapped_column(CleanText)
    source_hash: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    chunked_revision: Mapped[int | None] = mapped_column(Integer)
    is_welcome: Mapped[bool] = mapped_column(Integer)
    front_matter: Mapped[str] = mapped_column(CleanText)
    text: Mapped[str] = mapped_column(CleanText)


class NoteTagRow(Base):
    """A tag of a note."""

    __tablename__ = "note_tags"
    __table_args__ = (Index("note_tags_by_tag", "tag", "note_id"),)

    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(CleanText, primary_key=True)


class NoteVersionRow(Base):
    """An earlier text of a note. `size` is the text's length in characters, for thinning without reading it."""

    __tablename__ = "note_versions"
    __table_args__ = (Index("note_versions_by_note", "note_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"))
    saved_at: Mapped[datetime] = mapped_column(Moment)
    kept_at: Mapped[datetime] = mapped_column(Moment)
    size: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(CleanText)
    text: Mapped[str] = mapped_column(CleanText)


class ChunkRow(Base):
    """A passage of a note: character offsets into its text, and what the encoder reads.

    `embedded_by` names the encoder whose vector is known to be there, so that what is due is found without looking
    every chunk up.
    """

    __tablename__ = "chunks"
    __table_args__ = (
        Index("chunks_by_note", "note_id", "ordinal"),
        Index("chunks_by_hash", "hash", "note_id"),
        Index("chunks_by_encoder", "embedded_by", "note_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(Integer)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(Text)
    embedded_by: Mapped[str | None] = mapped_column(Text)
    heading_path: Mapped[Any] = mapped_column(JsonText)
    embedded_text: Mapped[str] = mapped_column(CleanText)


class VectorRow(Base):
    """The unit vector (float32, little-endian) of one encoder for one embedded text."""

    __tablename__ = "vectors"
    __table_args__ = (UniqueConstraint("fingerprint", "chunk_hash", name="vectors_by_hash"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    chunk_hash: Mapped[str] = mapped_column(Text)
    dimensions: Mapped[int] = mapped_column(Integer)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class LeaseRow(Base):
    """Who does a piece of background work, until when."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    owner: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class UiStateRow(Base):
    """A small value the window remembers."""

    __tablename__ = "ui_state"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[Any] = mapped_column(JsonText)


class CounterRow(Base):
    """A number that only grows, such as the version of the vectors."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[int] = mapped_column(Integer)


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


metadata = Base.metadata
conversations = _table(ConversationRow)
messages = _table(MessageRow)
notes = _table(NoteRow)
note_tags = _table(NoteTagRow)
note_versions = _table(NoteVersionRow)
chunks = _table(ChunkRow)
vectors = _table(VectorRow)
leases = _table(LeaseRow)
ui_state = _table(UiStateRow)
counters = _table(CounterRow)
