"""One chat's row, read and changed within a transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from desktop_app.domain.conversation import Conversation, preview_of_message
from desktop_app.domain.errors import NotFoundError
from desktop_app.storage import message_tree
from desktop_app.storage.chat_rows import CONVERSATION_COLUMNS, as_conversation
from desktop_app.storage.message_rows import message_of
from desktop_app.storage.tables import conversations


def set_chat(connection: Connection, conversation_id: int, **values: object) -> None:
    """Set columns of a chat. Raises NotFoundError."""
    statement = update(conversations).where(conversations.c.id == conversation_id).values(**values)
    if not connection.execute(statement).rowcount:
        raise no_such_chat()


def show_path(connection: Connection, conversation_id: int, leaf_id: int | None) -> None:
    """Show the path that ends at a message, or an empty chat. Raises NotFoundError."""
    chat = chat_of(connection, conversation_id)
    shown = message_of(connection, leaf_id) if leaf_id is not None else None
    set_chat(
        connection,
        conversation_id,
        active_leaf_id=leaf_id,
        memory_start_id=message_tree.memory_start_of(connection, leaf_id, chat.memory_start_id),
        preview="" if shown is None else preview_of_message(shown.text, shown.settings_used),
    )


def next_change_order() -> Any:
    """The place of a chat that changes now: above all others."""
    return select(func.coalesce(func.max(conversations.c.change_order), 0) + 1).scalar_subquery()


def preview_values(words: str) -> dict[str, str]:
    """The list's second line: it stays the question's while an answer has no words, and where it ended without any."""
    return {"preview": words} if words else {}


def touch_chat(connection: Connection, conversation_id: int, now: datetime, **values: object) -> None:
    """Say that a chat changed now, and set more columns of it. Raises NotFoundError."""
    statement = (
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(changed_at=now, change_order=next_change_order(), **values)
    )
    if not connection.execute(statement).rowcount:
        raise no_such_chat()


def memory_start_below(connection: Connection, chat: Conversation, parent_id: int | None) -> int | None:
    """Where the decoder's memory begins for a message that follows `parent_id`."""
    if parent_id == chat.active_leaf_id:
        return chat.memory_start_id
    return message_tree.memory_start_of(connection, parent_id, chat.memory_start_id)  # it begins another branch


def chat_of(connection: Connection, conversation_id: int) -> Conversation:
    """One chat, in the trash or not. Raises NotFoundError."""
    row = connection.execute(select(*CONVERSATION_COLUMNS).where(conversations.c.id == conversation_id)).first()
    if row is None:
        raise no_such_chat()
    return as_conversation(row)


def no_such_chat() -> NotFoundError:
    """The error for a chat that is not there."""
    return NotFoundError("This chat is not there any more.", "It was deleted.", "Choose another chat.")
