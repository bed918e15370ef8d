"""Whole chats, read for a file and written from one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from desktop_app.domain.chat_record import AttachmentRecord, ChatRecord, ChatSummary, MessageRecord
from desktop_app.domain.conversation import Role, preview_of_message
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.generation import GenerationFigures, StopReason
from desktop_app.domain.recalled_places import with_other_ids
from desktop_app.storage.bulk_rows import insert_rows, next_id
from desktop_app.storage.database import Database, inserted_id
from desktop_app.storage.tables import attachments, conversations, messages
from desktop_app.storage.token_ids import packed, unpacked

_OF_CHAT = ("title", "created_at", "changed_at", "draft", "settings", "trashed_at", "pinned_at", "archived_at")
_OF_ATTACHMENT = AttachmentRecord.__struct_fields__
_FIGURES = GenerationFigures.__struct_fields__
_SUMMARY = ("id", "title", "created_at", "changed_at", "trashed_at", "pinned_at", "archived_at", "folder", "kind")

_IMPORTED = "imported:"
"""Stands before the fingerprint of an imported answer, so that no model takes its token ids for ids of its own.

They come from a file and may say something else than its text does: where one turn ends and another begins, too. The
decoder reads the text instead.
"""


class ChatRecords:
    """Implements ChatRecordStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def summaries(self, *, trashed: bool = False, archived: bool = False) -> list[ChatSummary]:
        """The chats outside the trash and the archive, or those in one of them, newest change first."""
        columns = conversations.c
        count = (
            select(func.count())
            .select_from(messages)
            .where(messages.c.conversation_id == columns.id)
            .scalar_subquery()
            .label("messages")
        )
        statement = select(*(columns[name] for name in _SUMMARY), count).order_by(columns.change_order.desc())
        statement = statement.where(columns.trashed_at.is_not(None) if trashed else columns.trashed_at.is_(None))
        if not trashed:
            statement = statement.where(columns.archived_at.is_not(None) if archived else columns.archived_at.is_(None))
        return self._database.read(
            lambda connection: [ChatSummary(**row) for row in connection.execute(statement).mappings()]
        )

    def read(self, conversation_id: int) -> ChatRecord:
        """A chat with all its branches, in the trash or not. Raises NotFoundError."""

        def work(connection: Connection) -> ChatRecord:
            found = select(conversations).where(conversations.c.id == conversation_id)
            row = connection.execute(found).mappings().first()
            if row is None:
                raise NotFoundError("This chat is not there any more.", "It was deleted.", "Choose another chat.")
            return _record(connection, row)

        return self._database.read(work)

    def add(self, chats: Iterable[ChatRecord]) -> list[int]:
        """Write them all in one transaction, or none, and return their ids. They are taken one by one, in the thread
        that writes; what taking one raises is raised here.

        They take the place in the list that their last change gives them. Answers that were being written when they
        were exported are interrupted ones.
        """

        def work(connection: Connection) -> list[int]:
            added = [(_insert_chat(connection, chat), chat.changed_at) for chat in chats]
            _sort_in(connection, added)
            return [chat_id for chat_id, _ in added]

        return self._database.write(work)


# Reading ----------------------------------------------------------------------------------------


def _record(connection: Connection, chat: RowMapping) -> ChatRecord:
    of_chat = messages.c.conversation_id == chat["id"]
    rows = connection.execute(select(messages).where(of_chat).order_by(messages.c.id)).mappings().all()
    places = {row["id"]: place for place, row in enumerate(rows)}
    carried = _attachments_of(connection, chat["id"])
    return ChatRecord(
        messages=tuple(_message_record(row, places, carried.get(row["id"], ())) for row in rows),
        active_leaf=places.get(chat["active_leaf_id"]),
        memory_start=places.get(chat["memory_start_id"]),
        draft_attachments=carried.get(None, ()),
        folder=chat["folder"],
        kind=chat["kind"],
        **{name: chat[name] for name in _OF_CHAT},
    )


def _message_record(row: RowMapping, places: dict[int, int], carried: tuple[AttachmentRecord, ...]) -> MessageRecord:
    return MessageRecord(
        parent=None if row["parent_id"] is None else places[row["parent_id"]],
        sibling_order=row["sibling_order"],
        role=Role(row["role"]),
        text=row["text"],
        created_at=row["created_at"],
        token_ids=unpacked(row["token_ids"]),
        model_fingerprint=_fingerprint_in_file(row["model_fingerprint"]),
        model_name=row["model_name"],
        stop_reason=None if row["stop_reason"] is None else StopReason(row["stop_reason"]),
        error=row["error"],
        figures=_figures(row),
        settings_used=with_other_ids(row["settings_used"], places),
        deleted_at=row["deleted_at"],
        pinned=bool(row["pinned"]),
        kind=row["kind"],
        alternatives=row["alternatives"],
        attachments=carried,
    )


def _figures(row: RowMapping) -> GenerationFigures | None:
    if row["generated_tokens"] is None:
        return None
    return GenerationFigures(**{name: row[name] for name in _FIGURES})


def _attachments_of(connection: Connection, conversation_id: int) -> dict[int | None, tuple[AttachmentRecord, ...]]:
    """By message id; None for those of the draft."""
    statement = (
        select(attachments)
        .where(attachments.c.conversation_id == conversation_id)
        .order_by(attachments.c.ordinal, attachments.c.id)
    )
    found: dict[int | None, tuple[AttachmentRecord, ...]] = {}
    for row in connection.execute(statement).mappings():
        one = AttachmentRecord(**{name: row[name] for name in _OF_ATTACHMENT})
        found[row["message_id"]] = (*found.get(row["message_id"], ()), one)
    return found


# Writing ----------------------------------------------------------------------------------------


def _insert_chat(connection: Connection, chat: ChatRecord) -> int:
    # Ids are given out beforehand, so that rows that name each other can go in by the hundred.
    first = next_id(connection, "messages")
    leaf = None if chat.active_leaf is None else chat.messages[chat.active_leaf]
    statement = insert(conversations).values(
        change_order=0,
        active_leaf_id=None if chat.active_leaf is None else first + chat.active_leaf,
        memory_start_id=None if chat.memory_start is None else first + chat.memory_start,
        preview="" if leaf is None else preview_of_message(leaf.text, leaf.settings_used),
        folder=chat.folder,
        kind=chat.kind,
        **{name: getattr(chat, name) for name in _OF_CHAT},
    )
    chat_id = inserted_id(connection, statement)
    insert_rows(connection, messages, _message_rows(chat, chat_id, first))
    insert_rows(connection, attachments, _attachment_rows(chat, chat_id, first))
    return chat_id


def _message_rows(chat: ChatRecord, chat_id: int, first: int) -> Iterator[dict[str, Any]]:
    ids = {place: first + place for place in range(len(chat.messages))}
    for place, message in enumerate(chat.messages):
        reason = message.stop_reason
        if reason is None and message.role is Role.ASSISTANT:
            reason = StopReason.INTERRUPTED
        figures = dict.fromkeys(_FIGURES) if message.figures is None else asdict(message.figures)
        yield {
            "id": first + place,
            "conversation_id": chat_id,
            "parent_id": None if message.parent is None else first + message.parent,
            "sibling_order": message.sibling_order,
            "role": message.role.value,
            "created_at": message.created_at,
            "stop_reason": None if reason is None else reason.value,
            "error": message.error,
            "model_fingerprint": _fingerprint_in_store(message.model_fingerprint),
            "model_name": message.model_name,
            "settings_used": with_other_ids(message.settings_used, ids),
            "text": message.text,
            "token_ids": None if message.token_ids is None else packed(message.token_ids),
            "deleted_at": message.deleted_at,
            "pinned": int(message.pinned),
            "kind": message.kind,
            "alternatives": message.alternatives,
            **{name: figures[name] for name in _FIGURES},
        }


def _fingerprint_in_store(fingerprint: str | None) -> str | None:
    return None if fingerprint is None else f"{_IMPORTED}{fingerprint}"


def _fingerprint_in_file(fingerprint: str | None) -> str | None:
    return None if fingerprint is None else fingerprint.removeprefix(_IMPORTED)


def _attachment_rows(chat: ChatRecord, chat_id: int, first: int) -> Iterator[dict[str, Any]]:
    carriers: list[tuple[int | None, tuple[AttachmentRecord, ...]]] = [(None, chat.draft_attachments)]
    carriers += [(first + place, message.attachments) for place, message in enumerate(chat.messages)]
    for message_id, carried in carriers:
        for ordinal, attachment in enumerate(carried):
            values = {name: getattr(attachment, name) for name in _OF_ATTACHMENT}
            # The note of that number may be another one here; its text is in the attachment.
            yield {
                **values,
                "note_id": None,
                "conversation_id": chat_id,
                "message_id": message_id,
                "ordinal": ordinal,
            }


def _sort_in(connection: Connection, added: Sequence[tuple[int, datetime]]) -> None:
    """Give the new chats, each with its last change, their places among the others, by when they were changed last.

    The others keep their order among themselves, whatever their clocks said.
    """
    new_ids = {chat_id for chat_id, _ in added}
    columns = conversations.c
    statement = select(columns.id, columns.changed_at, columns.change_order).order_by(columns.change_order)
    old = [row for row in connection.execute(statement) if row.id not in new_ids]
    new = deque(sorted(added, key=lambda pair: pair[1]))
    order: list[tuple[int, int]] = []  # id, change order until now
    for row in old:
        while new and new[0][1] < row.changed_at:
            order.append((new.popleft()[0], 0))
        order.append((row.id, row.change_order))
    order += [(chat_id, 0) for chat_id, _ in new]
    moved = []
    last = 0
    for chat_id, before in order:
        last = before if before > last else last + 1
        if last != before:
            moved.append({"chat": chat_id, "place": last})
    one = update(conversations).where(columns.id == bindparam("chat")).values(change_order=bindparam("place"))
    if moved:
        connection.execute(one, moved)
