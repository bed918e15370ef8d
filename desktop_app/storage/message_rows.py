"""Messages as they are read from their rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, Text, func, literal, select

from desktop_app.domain.attachments import Attachment
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.generation import GenerationFigures, StopReason
from desktop_app.storage.attachments import carried_by
from desktop_app.storage.tables import MESSAGE_COLUMNS, messages
from desktop_app.storage.token_ids import unpacked

FIGURES = (
    "prompt_tokens",
    "cached_tokens",
    "restored_tokens",
    "generated_tokens",
    "read_s",
    "first_token_s",
    "write_s",
    "tokens_per_s",
    "seed",
)
"""The columns of an answer's figures, named as the fields of GenerationFigures."""


def message_of(connection: Connection, message_id: int) -> Message:
    """One message. Raises NotFoundError."""
    row = connection.execute(select(*MESSAGE_COLUMNS).where(messages.c.id == message_id)).mappings().first()
    if row is None:
        raise no_such_message()
    return as_messages(connection, [row])[0]


def messages_of(connection: Connection, ids: list[int]) -> list[Message]:
    """The messages in the order of `ids`. The ids travel as one JSON list, so that one prepared statement serves all
    lengths.
    """
    if not ids:
        return []
    listed = func.json_each(literal(str(ids), Text)).table_valued("value")
    rows = connection.execute(select(*MESSAGE_COLUMNS).join(listed, messages.c.id == listed.c.value)).mappings().all()
    found = {message.id: message for message in as_messages(connection, rows)}
    return [found[message_id] for message_id in ids if message_id in found]


def as_messages(connection: Connection, rows: Sequence[RowMapping]) -> list[Message]:
    """The messages of rows of MESSAGE_COLUMNS, with what they carry."""
    carried = carried_by(connection, [row["id"] for row in rows if row["role"] == Role.USER.value])
    return [_as_message(row, carried.get(row["id"], ())) for row in rows]


def _as_message(row: RowMapping, carried: tuple[Attachment, ...]) -> Message:
    figures = None
    if row["generated_tokens"] is not None:
        figures = GenerationFigures(**{name: row[name] for name in FIGURES})
    return Message(
        id=row["id"],
        conversation_id=row["conversation_id"],
        parent_id=row["parent_id"],
        sibling_order=row["sibling_order"],
        role=Role(row["role"]),
        text=row["text"],
        created_at=row["created_at"],
        token_ids=unpacked(row["token_ids"]),
        model_fingerprint=row["model_fingerprint"],
        model_name=row["model_name"],
        stop_reason=StopReason(row["stop_reason"]) if row["stop_reason"] is not None else None,
        error=row["error"],
        figures=figures,
        settings_used=row["settings_used"],
        pinned=bool(row["pinned"]),
        kind=row["kind"],
        attachments=carried,
    )


def no_such_message() -> NotFoundError:
    """What is raised for a message that is gone."""
    return NotFoundError("This message is not there any more.", "Its chat was deleted.", "")
