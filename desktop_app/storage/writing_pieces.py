"""The pieces of free writing, changed within one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from desktop_app.domain.conversation import EDITED, Role
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.free_writing import PieceChanges
from desktop_app.storage.database import inserted_id
from desktop_app.storage.tables import messages


def change(
    connection: Connection, conversation_id: int, leaf_id: int | None, changes: PieceChanges, now: datetime
) -> int | None:
    """Change the pieces of the path that ends at `leaf_id`; where it ends from now on. Raises NotFoundError."""
    for piece_id, words in changes.texts.items():
        _set_text(connection, conversation_id, piece_id, words)
    if changes.dropped_id is not None:
        leaf_id = _take_back(connection, conversation_id, changes.dropped_id, now)
    if changes.added:
        leaf_id = _add(connection, conversation_id, leaf_id, changes.added, now)
    return leaf_id


def _set_text(connection: Connection, conversation_id: int, piece_id: int, words: str) -> None:
    of_piece = (messages.c.id == piece_id) & (messages.c.conversation_id == conversation_id)
    row = connection.execute(select(messages.c.role, messages.c.settings_used).where(of_piece)).first()
    if row is None:
        raise _no_piece()
    statement = update(messages).where(of_piece).values(text=words)
    if row.role == Role.ASSISTANT.value:  # its tokens are no longer those of its text
        used = {**row.settings_used, EDITED: True}
        statement = statement.values(token_ids=None, alternatives=None, settings_used=used)
    connection.execute(statement)


def _take_back(connection: Connection, conversation_id: int, piece_id: int, now: datetime) -> int | None:
    """Mark the branch as deleted, as it stands; what came before it."""
    of_piece = (messages.c.id == piece_id) & (messages.c.conversation_id == conversation_id)
    row = connection.execute(select(messages.c.parent_id).where(of_piece)).first()
    if row is None:
        raise _no_piece()
    connection.execute(update(messages).where(of_piece).values(deleted_at=now))
    parent_id: int | None = row.parent_id
    return parent_id


def _add(connection: Connection, conversation_id: int, parent_id: int | None, words: str, now: datetime) -> int:
    parent = messages.c.parent_id
    siblings = select(func.coalesce(func.max(messages.c.sibling_order), -1) + 1).where(
        messages.c.conversation_id == conversation_id, parent.is_(None) if parent_id is None else parent == parent_id
    )
    statement = insert(messages).values(
        conversation_id=conversation_id,
        parent_id=parent_id,
        sibling_order=connection.execute(siblings).scalar_one(),
        role=Role.USER.value,
        created_at=now,
        error="",
        settings_used={},
        text=words,
    )
    return inserted_id(connection, statement)


def _no_piece() -> NotFoundError:
    return NotFoundError("A part of this text is not there any more.", "It was changed elsewhere.", "Open it again.")
