"""What drafts and messages carry: texts of files, of pastes and of notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, delete, func, insert, literal, select, update

from desktop_app.domain.attachments import Attachment, AttachmentKind
from desktop_app.domain.errors import NotFoundError
from desktop_app.storage.database import ReadsAndWrites, inserted_id
from desktop_app.storage.tables import attachments, conversations


class Attachments:
    """Implements AttachmentStore."""

    def __init__(self, database: ReadsAndWrites, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(
        self,
        conversation_id: int,
        kind: AttachmentKind,
        name: str,
        text: str,
        *,
        media_type: str,
        size: int,
        note_id: int | None = None,
    ) -> Attachment:
        """Add one to the chat's draft, after those that are there. Raises NotFoundError without that chat."""
        values = {"kind": kind.value, "name": name, "media_type": media_type, "size": size, "note_id": note_id}
        return self._database.write(
            lambda connection: _add(connection, conversation_id, self._clock(), {**values, "text": text})
        )

    def of_draft(self, conversation_id: int) -> list[Attachment]:
        """What the chat's draft carries, in its order."""
        statement = (
            select(attachments)
            .where(attachments.c.conversation_id == conversation_id, attachments.c.message_id.is_(None))
            .order_by(attachments.c.ordinal, attachments.c.id)
        )
        return self._database.read(lambda connection: [_as_attachment(row) for row in connection.execute(statement)])

    def get(self, attachment_id: int) -> Attachment:
        """One attachment, of a draft or of a message. Raises NotFoundError."""
        return self._database.read(lambda connection: _get(connection, attachment_id))

    def remove_from_draft(self, attachment_id: int) -> None:
        """Delete one of a draft; one that a message carries, or that is gone, stays as it is."""
        statement = delete(attachments).where(attachments.c.id == attachment_id, attachments.c.message_id.is_(None))
        self._database.write(lambda connection: connection.execute(statement))


def carried_by(connection: Connection, message_ids: Sequence[int]) -> dict[int, tuple[Attachment, ...]]:
    """What each of these messages carries, in its order; messages that carry nothing are left out."""
    if not message_ids:
        return {}
    # The ids travel as one JSON list, so that one prepared statement serves all lengths.
    listed = func.json_each(literal(str(list(message_ids)), Text)).table_valued("value")
    statement = (
        select(attachments)
        .join(listed, attachments.c.message_id == listed.c.value)
        .order_by(attachments.c.message_id, attachments.c.ordinal, attachments.c.id)
    )
    found: dict[int, tuple[Attachment, ...]] = {}
    for row in connection.execute(statement):
        found[row.message_id] = (*found.get(row.message_id, ()), _as_attachment(row))
    return found


def give_to_message(
    connection: Connection, conversation_id: int, attachment_ids: Sequence[int], message_id: int
) -> None:
    """The message carries these from now on, in this order: moved from the chat's draft, copied from a message."""
    for ordinal, attachment_id in enumerate(attachment_ids):
        known = (attachments.c.id == attachment_id) & (attachments.c.conversation_id == conversation_id)
        row = connection.execute(select(attachments).where(known)).mappings().first()
        values = {"message_id": message_id, "ordinal": ordinal}
        if row is not None and row["message_id"] is None:
            connection.execute(update(attachments).where(known).values(**values))
        elif row is not None:
            copied = {name: value for name, value in row.items() if name != "id"}
            connection.execute(insert(attachments).values(**copied | values))


def add_to_message(
    connection: Connection,
    conversation_id: int,
    found: Sequence[Attachment],
    message_id: int,
    first_ordinal: int,
    now: datetime,
) -> None:
    """Store `found`, which no draft ever had, with the message that carries it."""
    for ordinal, each in enumerate(found, first_ordinal):
        values = {"kind": each.kind.value, "name": each.name, "media_type": each.media_type, "size": each.size}
        place = {"conversation_id": conversation_id, "message_id": message_id, "ordinal": ordinal, "created_at": now}
        connection.execute(insert(attachments).values(**values, **place, note_id=each.note_id, text=each.text))


def _add(connection: Connection, conversation_id: int, now: datetime, values: dict[str, Any]) -> Attachment:
    known = connection.execute(select(conversations.c.id).where(conversations.c.id == conversation_id)).first()
    if known is None:
        raise NotFoundError("This chat is not there any more.", "It was deleted.", "Choose another chat.")
    ordinal = (
        select(func.coalesce(func.max(attachments.c.ordinal), -1) + 1)
        .where(attachments.c.conversation_id == conversation_id, attachments.c.message_id.is_(None))
        .scalar_subquery()
    )
    statement = insert(attachments).values(conversation_id=conversation_id, ordinal=ordinal, created_at=now, **values)
    return _get(connection, inserted_id(connection, statement))


def _get(connection: Connection, attachment_id: int) -> Attachment:
    row = connection.execute(select(attachments).where(attachments.c.id == attachment_id)).first()
    if row is None:
        raise NotFoundError("This attachment is not there any more.", "It was removed, or its chat was deleted.", "")
    return _as_attachment(row)


def _as_attachment(row: Row[Any]) -> Attachment:
    values = dict(row._mapping)
    return Attachment(**{**values, "kind": AttachmentKind(values["kind"])})
