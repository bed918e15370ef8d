"""Rows of the lists of chats: pinned ones, folders, archive and trash."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from desktop_app.domain.chat_list import ChatFilter, ChatPlace
from desktop_app.domain.conversation import Conversation
from desktop_app.domain.folders import counted_with_below
from desktop_app.storage.like import name_contains
from desktop_app.storage.tables import conversations

CONVERSATION_COLUMNS = tuple(
    conversations.c[name]
    for name in (
        "id",
        "title",
        "created_at",
        "changed_at",
        "active_leaf_id",
        "memory_start_id",
        "draft",
        "preview",
        "trashed_at",
        "pinned_at",
        "archived_at",
        "folder",
        "kind",
    )
)


def as_conversation(row: Row[Any]) -> Conversation:
    """A chat from a row of CONVERSATION_COLUMNS."""
    return Conversation(**row._mapping)


def listed_chats(connection: Connection, filter: ChatFilter, limit: int, offset: int) -> list[Conversation]:
    """What ConversationStore.list_chats gives."""
    columns = conversations.c
    statement = select(*CONVERSATION_COLUMNS).where(_is_in(filter)).limit(limit).offset(offset)
    if filter.text:
        statement = statement.where(name_contains(columns.title, filter.text))
    if filter.folder is not None:
        statement = statement.where(is_in_folder(filter.folder))
    if filter.place is ChatPlace.CHATS:
        archived_last = [columns.archived_at.is_not(None)] if filter.text else []
        statement = statement.order_by(*archived_last, columns.pinned_at.is_(None), columns.pinned_at)
    statement = statement.order_by(columns.change_order.desc())
    return [as_conversation(row) for row in connection.execute(statement)]


def _is_in(filter: ChatFilter) -> ColumnElement[bool]:
    columns = conversations.c
    if filter.place is ChatPlace.TRASH:
        return columns.trashed_at.is_not(None)
    if filter.place is ChatPlace.ARCHIVE:
        return columns.trashed_at.is_(None) & columns.archived_at.is_not(None)
    return columns.trashed_at.is_(None) if filter.text else columns.trashed_at.is_(None) & columns.archived_at.is_(None)


def is_in_folder(folder: str) -> ColumnElement[bool]:
    """True for chats of the folder and of those below it."""
    below = f"{folder}/"
    column = conversations.c.folder
    return or_(column == folder, func.substr(column, 1, len(below)) == below)


def chat_folders(connection: Connection) -> list[tuple[str, int]]:
    """What ConversationStore.folders gives."""
    columns = conversations.c
    statement = (
        select(columns.folder, func.count())
        .where(columns.trashed_at.is_(None), columns.archived_at.is_(None), columns.folder != "")
        .group_by(columns.folder)
    )
    return counted_with_below((row[0], row[1]) for row in connection.execute(statement))
