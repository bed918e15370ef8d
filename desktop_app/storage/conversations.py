"""Chats and their messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import asdict, replace
from sqlalchemy import Connection, Text, delete, func, insert, literal, select, text, update

from desktop_app.domain.attachments import Attachment
from desktop_app.domain.chat_list import ChatFilter
from desktop_app.domain.conversation import (
    CHAT,
    SUMMARY,
    ChatCopy,
    Conversation,
    DeletedBranchSummary,
    Message,
    Role,
    preview_of_message,
)
from desktop_app.domain.free_writing import PieceChanges
from desktop_app.domain.generation import GenerationFigures, StopReason
from desktop_app.domain.token_alternatives import compressed, decompressed
from desktop_app.storage import message_tree, writing_pieces
from desktop_app.storage.attachments import Attachments, add_to_message, give_to_message
from desktop_app.storage.chat_changes import (
    chat_of,
    memory_start_below,
    next_change_order,
    no_such_chat,
    preview_values,
    set_chat,
    show_path,
    touch_chat,
)
from desktop_app.storage.chat_rows import CONVERSATION_COLUMNS, as_conversation, chat_folders, listed_chats
from desktop_app.storage.database import ReadsAndWrites, inserted_id
from desktop_app.storage.like import name_contains
from desktop_app.storage.message_rows import FIGURES, as_messages, message_of, messages_of, no_such_message
from desktop_app.storage.tables import MESSAGE_COLUMNS, conversations, messages
from desktop_app.storage.token_ids import packed

# From the leaf towards the root, `limit` steps at most: a page of a long chat costs what the page costs.
_PATH = text(
    """
    WITH RECURSIVE up(id, parent_id) AS (
        SELECT id, parent_id FROM messages WHERE id = :leaf
        UNION ALL
        SELECT m.id, m.parent_id FROM up JOIN messages AS m ON m.id = up.parent_id
        LIMIT :limit
    )
    SELECT id FROM up
    """
)


class Conversations:
    """Implements ConversationStore."""

    def __init__(self, database: ReadsAndWrites, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self.attachments = Attachments(database, clock)

    def create(self, title: str = "", *, kind: str = CHAT) -> Conversation:
        """A new, empty chat, or one of free writing, changed now."""
        now = self._clock()

        def work(connection: Connection) -> Conversation:
            statement = insert(conversations).values(
                title=title,
                created_at=now,
                changed_at=now,
                change_order=next_change_order(),
                draft="",
                preview="",
                settings={},
                kind=kind,
            )
            return chat_of(connection, inserted_id(connection, statement))

        return self._database.write(work)

    def get(self, conversation_id: int) -> Conversation:
        """One chat, in the trash or not. Raises NotFoundError, as all that take an id."""
        return self._database.read(lambda connection: chat_of(connection, conversation_id))

    def list_conversations(
        self, *, text: str = "", trashed: bool = False, limit: int = 200, offset: int = 0
    ) -> list[Conversation]:
        """Newest change first; `text` narrows titles."""
        column = conversations.c.trashed_at
        statement = (
            select(*CONVERSATION_COLUMNS)
            .where(column.is_not(None) if trashed else column.is_(None))
            .order_by(conversations.c.change_order.desc())
            .limit(limit)
            .offset(offset)
        )
        if text:
            statement = statement.where(name_contains(conversations.c.title, text))
        return self._database.read(lambda connection: [as_conversation(row) for row in connection.execute(statement)])

    def list_chats(self, filter: ChatFilter, *, limit: int, offset: int = 0) -> list[Conversation]:
        """Rows of the list: pinned ones first, in the order they were pinned; then newest change first."""
        return self._database.read(lambda connection: listed_chats(connection, filter, limit, offset))

    def folders(self) -> list[tuple[str, int]]:
        """Each folder with the number of chats in it and below, sorted by name; archive and trash not counted."""
        return self._database.read(chat_folders)

    def set_pinned(self, conversation_id: int, pinned: bool) -> None:
        """Put it above all others, or back to its day."""
        self._change(conversation_id, pinned_at=self._clock() if pinned else None)

    def set_archived(self, conversation_id: int, archived: bool) -> None:
        """Put it out of the way, or back."""
        self._change(conversation_id, archived_at=self._clock() if archived else None)

    def set_folder(self, conversation_id: int, folder: str) -> None:
        """Put it into a folder; "" is none."""
        self._change(conversation_id, folder=folder)

    def empty_trash(self) -> int:
        """Delete what is in the trash for good; how many chats that were."""
        statement = delete(conversations).where(conversations.c.trashed_at.is_not(None))
        return self._database.write(lambda connection: connection.execute(statement).rowcount)

    def rename(self, conversation_id: int, title: str) -> None:
        """Give it another title; that does not count as a change of the chat."""
        self._change(conversation_id, title=title)

    def trash(self, conversation_id: int) -> None:
        """Move it to the trash."""
        self._change(conversation_id, trashed_at=self._clock())

    def restore(self, conversation_id: int) -> None:
        """Take it out of the trash."""
        self._change(conversation_id, trashed_at=None)

    def delete_forever(self, conversation_id: int) -> None:
        """Delete it; its messages go with it."""

        def work(connection: Connection) -> None:
            found = connection.execute(delete(conversations).where(conversations.c.id == conversation_id))
            if not found.rowcount:
                raise no_such_chat()

        self._database.write(work)

    def set_draft(self, conversation_id: int, draft: str) -> None:
        """Keep the text that was not sent yet."""
        self._change(conversation_id, draft=draft)

    def set_memory_start(self, conversation_id: int, message_id: int | None) -> None:
        """Set the first message the decoder still sees; None where it sees all. The shown path keeps it."""

        def work(connection: Connection) -> None:
            leaf = chat_of(connection, conversation_id).active_leaf_id
            if leaf is not None:
                message_tree.remember_memory_start(connection, leaf, message_id)
            set_chat(connection, conversation_id, memory_start_id=message_id)

        self._database.write(work)

    def set_active_leaf(self, conversation_id: int, message_id: int | None) -> None:
        """Choose the path that is shown by its last message; the decoder's memory begins where it did on that path."""
        self._database.write(lambda connection: show_path(connection, conversation_id, message_id))

    # Branches -----------------------------------------------------------------------------------

    def versions(self, message_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """The messages that have siblings, each with the ids of all of them and its own, in order."""
        return self._database.read(lambda connection: message_tree.versions(connection, message_ids))

    def newest_leaf(self, message_id: int) -> int:
        """The last message of the newest path below a message; itself where nothing follows. Raises NotFoundError."""

        def work(connection: Connection) -> int:
            return message_tree.newest_leaf(connection, message_of(connection, message_id).id)

        return self._database.read(work)

    def delete_branch(self, message_id: int) -> None:
        """Take a message with all below it out of view; the shown path falls back to a sibling, else to its parent."""
        now = self._clock()

        def work(connection: Connection) -> None:
            message = message_of(connection, message_id)
            siblings = message_tree.versions(connection, [message_id]).get(message_id, (message_id,))
            connection.execute(update(messages).where(messages.c.id == message_id).values(deleted_at=now))
            leaf = chat_of(connection, message.conversation_id).active_leaf_id
            if leaf is not None and message_id in message_tree.path_ids(connection, leaf):
                shown = message_tree.fallback(connection, message_id, message.parent_id, siblings)
                show_path(connection, message.conversation_id, shown)

        self._database.write(work)

    def restore_branch(self, message_id: int, leaf_id: int | None) -> None:
        """Undo `delete_branch` and show the path to `leaf_id` again. A deleted branch that it is in comes back, too."""

        def work(connection: Connection) -> None:
            message = message_of(connection, message_id)
            above = message_tree.path_ids(connection, message_id)
            listed = func.json_each(literal(str(above), Text)).table_valued("value")
            marked = messages.c.deleted_at.is_not(None) & messages.c.id.in_(select(listed.c.value))
            connection.execute(update(messages).where(marked).values(deleted_at=None))
            show_path(connection, message.conversation_id, leaf_id)

        self._database.write(work)

    def deleted_branches(self, conversation_id: int) -> list[DeletedBranchSummary]:
        """The deleted branches of a chat, the one deleted last first, those inside another one too."""
        return self._database.read(lambda connection: message_tree.deleted_branches(connection, conversation_id))

    def remove_branch(self, message_id: int) -> None:
        """Remove a deleted branch for good. Raises NotFoundError for one that is not deleted."""

        def work(connection: Connection) -> None:
            if not message_tree.remove_branch(connection, message_id):
                raise no_such_message()

        self._database.write(work)

    def copy_of(self, conversation_id: int, leaf_id: int | None = None) -> ChatCopy:
        """A chat as it is stored, to be written into another: the path to `leaf_id`, or without one the whole tree."""

        def work(connection: Connection) -> ChatCopy:
            chat = chat_of(connection, conversation_id)
            if leaf_id is not None:
                ids = message_tree.path_ids(connection, leaf_id)
                ids += message_tree.summaries_below(connection, ids)
            else:
                every = select(messages.c.id).where(messages.c.conversation_id == conversation_id)
                ids = list(connection.execute(every.order_by(messages.c.id)).scalars())
            settings = connection.execute(
                select(conversations.c.settings).where(conversations.c.id == conversation_id)
            ).scalar_one()
            rows, carried = message_tree.read_rows(connection, ids)
            if leaf_id is None:
                carried += message_tree.draft_rows(connection, conversation_id)
            shown = leaf_id if leaf_id is not None else chat.active_leaf_id
            start = message_tree.memory_start_of(connection, shown, chat.memory_start_id)
            return ChatCopy(dict(settings), shown, start, tuple(rows), tuple(carried), chat.kind)

        return self._database.read(work)

    def add_copy(self, copy: ChatCopy, title: str) -> Conversation:
        """Write a copied chat as a new one, changed now."""

        def fill(connection: Connection, created: Conversation) -> Conversation:
            new_ids = message_tree.add_rows(connection, created.id, copy.messages, copy.attachments)
            leaf = new_ids.get(copy.leaf_id) if copy.leaf_id is not None else None
            start = new_ids.get(copy.memory_start_id) if copy.memory_start_id is not None else None
            set_chat(connection, created.id, settings=dict(copy.settings), memory_start_id=start)
            show_path(connection, created.id, leaf)
            return chat_of(connection, created.id)

        with self._database.transaction():
            chat = self.create(title, kind=copy.kind)
            return self._database.write(lambda connection: fill(connection, chat))

    def add_message(
        self,
        conversation_id: int,
        parent_id: int | None,
        role: Role,
        text: str,
        *,
        model_fingerprint: str | None = None,
        model_name: str | None = None,
        settings_used: Mapping[str, Any] | None = None,
        attachment_ids: Sequence[int] = (),
        found: Sequence[Attachment] = (),
    ) -> Message:
        """Append under `parent_id` (next sibling order) and make it the active leaf. Raises NotFoundError.

        It carries the attachments of these ids from then on, moved from the draft or copied from another message, and
        behind them what was `found` for it, stored in the same commit.
        """
        now = self._clock()

        def work(connection: Connection) -> Message:
            if parent_id is not None:
                owner = connection.execute(
                    select(messages.c.conversation_id).where(messages.c.id == parent_id)
                ).scalar()
                if owner != conversation_id:
                    raise no_such_message()
            siblings = select(func.coalesce(func.max(messages.c.sibling_order), -1) + 1).where(
                messages.c.conversation_id == conversation_id,
                messages.c.parent_id.is_(None) if parent_id is None else messages.c.parent_id == parent_id,
            )
            touch_chat(
                connection, conversation_id, now, **preview_values(preview_of_message(text, settings_used or {}))
            )
            chat = chat_of(connection, conversation_id)
            statement = insert(messages).values(
                conversation_id=conversation_id,
                parent_id=parent_id,
                sibling_order=connection.execute(siblings).scalar_one(),
                role=role.value,
                created_at=now,
                error="",
                model_fingerprint=model_fingerprint,
                model_name=model_name,
                settings_used=dict(settings_used or {}),
                text=text,
            )
            message_id = inserted_id(connection, statement)
            give_to_message(connection, conversation_id, attachment_ids, message_id)
            add_to_message(connection, conversation_id, found, message_id, len(attachment_ids), now)
            start = memory_start_below(connection, chat, parent_id)
            set_chat(connection, conversation_id, active_leaf_id=message_id, memory_start_id=start)
            return message_of(connection, message_id)

        return self._database.write(work)

    def save_partial(self, message_id: int, text: str, token_ids: Sequence[int]) -> None:
        """Commit what an answer has so far; its stop reason stays None."""

        def work(connection: Connection) -> None:
            statement = (
                update(messages).where(messages.c.id == message_id).values(text=text, token_ids=packed(token_ids))
            )
            if not connection.execute(statement).rowcount:
                raise no_such_message()

        self._database.write(work)

    def finish_message(
        self,
        message_id: int,
        text: str,
        token_ids: Sequence[int],
        stop_reason: StopReason,
        figures: GenerationFigures | None,
        error: str = "",
        *,
        settings_added: Mapping[str, Any] | None = None,
        alternatives: bytes = b"",
    ) -> Message:
        """Commit the whole answer, why it ended, its figures, and what its tokens were chosen from.

        `settings_added` joins what it was begun with.
        """
        now = self._clock()

        def work(connection: Connection) -> Message:
            values: dict[str, Any] = asdict(figures) if figures is not None else dict.fromkeys(FIGURES)
            statement = (
                update(messages)
                .where(messages.c.id == message_id)
                .values(
                    text=text,
                    token_ids=packed(token_ids),
                    stop_reason=stop_reason.value,
                    error=error,
                    alternatives=compressed(alternatives),
                    **{name: values[name] for name in FIGURES},
                )
            )
            if not connection.execute(statement).rowcount:
                raise no_such_message()
            message = message_of(connection, message_id)
            if settings_added:
                message = replace(message, settings_used={**message.settings_used, **settings_added})
                used = update(messages).where(messages.c.id == message_id)
                connection.execute(used.values(settings_used=dict(message.settings_used)))
            preview = preview_of_message(text, message.settings_used)
            touch_chat(connection, message.conversation_id, now, **preview_values(preview))
            return message

        return self._database.write(work)

    def alternatives_of(self, message_id: int) -> bytes:
        """The records of the answer's tokens (domain.token_alternatives); none where they were not kept."""
        statement = select(messages.c.alternatives).where(messages.c.id == message_id)
        return decompressed(self._database.read(lambda connection: connection.execute(statement).scalar()))

    def get_message(self, message_id: int) -> Message:
        """One message. Raises NotFoundError."""
        return self._database.read(lambda connection: message_of(connection, message_id))

    def path(self, conversation_id: int, *, before_id: int | None = None, limit: int | None = None) -> list[Message]:
        """The shown path, oldest first, ending at the active leaf, or just before `before_id`; the last `limit` of
        it.
        """

        def work(connection: Connection) -> list[Message]:
            if before_id is None:
                start = select(conversations.c.active_leaf_id).where(conversations.c.id == conversation_id)
            else:
                start = select(messages.c.parent_id).where(
                    messages.c.id == before_id, messages.c.conversation_id == conversation_id
                )
            found = connection.execute(start).first()
            if found is None:
                raise no_such_chat() if before_id is None else no_such_message()
            if found[0] is None:
                return []
            steps = -1 if limit is None else limit
            ids = connection.execute(_PATH, {"leaf": found[0], "limit": steps}).scalars().all()
            return messages_of(connection, list(reversed(ids)))

        return self._database.read(work)

    def tree(self, conversation_id: int) -> list[Message]:
        """All messages of a chat, those not on the shown path, too, in the order they were made."""
        statement = (
            select(*MESSAGE_COLUMNS).where(messages.c.conversation_id == conversation_id).order_by(messages.c.id)
        )
        return self._database.read(
            lambda connection: as_messages(connection, connection.execute(statement).mappings().all())
        )

    def siblings(self, message_id: int) -> list[int]:
        """Ids of the message and of its siblings (answers to the same message), in sibling order."""

        def work(connection: Connection) -> list[int]:
            message = message_of(connection, message_id)
            parent = messages.c.parent_id
            statement = (
                select(messages.c.id)
                .where(
                    messages.c.kind != SUMMARY,
                    messages.c.conversation_id == message.conversation_id,
                    parent.is_(None) if message.parent_id is None else parent == message.parent_id,
                    messages.c.deleted_at.is_(None),
                )
                .order_by(messages.c.sibling_order, messages.c.id)
            )
            return list(connection.execute(statement).scalars())

        return self._database.read(work)

    def mark_interrupted(self) -> int:
        """At start: give answers left unfinished by a crash the stop reason INTERRUPTED; how many."""
        unfinished = (messages.c.role == Role.ASSISTANT.value) & messages.c.stop_reason.is_(None)
        if not self._database.read(
            lambda connection: connection.execute(select(messages.c.id).where(unfinished)).first()
        ):
            return 0
        statement = update(messages).where(unfinished).values(stop_reason=StopReason.INTERRUPTED.value)
        return self._database.write(lambda connection: connection.execute(statement).rowcount)

    def settings_of(self, conversation_id: int) -> Mapping[str, Any]:
        """The settings that belong to this chat alone."""

        def work(connection: Connection) -> Mapping[str, Any]:
            statement = select(conversations.c.settings).where(conversations.c.id == conversation_id)
            found = connection.execute(statement).first()
            if found is None:
                raise no_such_chat()
            values: Mapping[str, Any] = found[0]
            return values

        return self._database.read(work)

    def set_settings_of(self, conversation_id: int, values: Mapping[str, Any]) -> None:
        """Replace them."""
        self._change(conversation_id, settings=dict(values))

    # Free writing -------------------------------------------------------------------------------

    def change_pieces(self, conversation_id: int, changes: PieceChanges, *, title: str | None = None) -> None:
        """Commit what a new text makes of the pieces, all or nothing; `title` where the title follows the text."""
        now = self._clock()

        def work(connection: Connection) -> None:
            leaf = chat_of(connection, conversation_id).active_leaf_id
            leaf = writing_pieces.change(connection, conversation_id, leaf, changes, now)
            show_path(connection, conversation_id, leaf)
            touch_chat(connection, conversation_id, now, **({} if title is None else {"title": title}))

        self._database.write(work)

    # The context window -------------------------------------------------------------------------

    def messages_by_id(self, message_ids: Sequence[int]) -> list[Message]:
        """The messages that exist, in the order asked for."""
        return self._database.read(lambda connection: messages_of(connection, list(message_ids)))

    def left_out(self, first_id: int) -> tuple[list[int], list[int]]:
        """(ids, those of them that are pinned) of the messages before `first_id` on its path, oldest first."""

        def work(connection: Connection) -> tuple[list[int], list[int]]:
            above = connection.execute(select(messages.c.parent_id).where(messages.c.id == first_id)).scalar()
            if above is None:
                return [], []
            ids = connection.execute(_PATH, {"leaf": above, "limit": -1}).scalars().all()
            listed = func.json_each(literal(str(list(ids)), Text)).table_valued("value")
            pinned = select(messages.c.id).join(listed, messages.c.id == listed.c.value).where(messages.c.pinned != 0)
            return list(reversed(ids)), sorted(connection.execute(pinned).scalars())

        return self._database.read(work)

    def memory_start_at(self, message_id: int) -> int | None:
        """The first message the decoder would see where the chat went on behind this one; None where it sees all."""

        def work(connection: Connection) -> int | None:
            chat = chat_of(connection, message_of(connection, message_id).conversation_id)
            return memory_start_below(connection, chat, message_id)

        return self._database.read(work)

    def set_pinned_message(self, message_id: int, pinned: bool) -> Message:
        """Pin the message to the context window, or let go of it."""
        return self._change_message(message_id, pinned=int(pinned))

    def add_summary(
        self, conversation_id: int, last_id: int, text: str, *, model_fingerprint: str, model_name: str
    ) -> Message:
        """A summary of the messages up to `last_id`. It hangs there beside the path, and no shown path leads to it."""
        now = self._clock()

        def work(connection: Connection) -> Message:
            owner = connection.execute(select(messages.c.conversation_id).where(messages.c.id == last_id)).scalar()
            if owner != conversation_id:
                raise no_such_message()
            statement = insert(messages).values(
                conversation_id=conversation_id,
                parent_id=last_id,
                sibling_order=-1,
                role=Role.SYSTEM.value,
                created_at=now,
                error="",
                kind=SUMMARY,
                model_fingerprint=model_fingerprint,
                model_name=model_name,
                settings_used={},
                text=text,
            )
            return message_of(connection, inserted_id(connection, statement))

        return self._database.write(work)

    def summary_of(self, message_ids: Sequence[int]) -> Message | None:
        """The summary that reaches furthest into the messages of a path, the newest one of these; None without one."""
        listed = func.json_each(literal(str(list(message_ids)), Text)).table_valued("value")
        statement = (
            select(messages)
            .join(listed, messages.c.parent_id == listed.c.value)
            .where(messages.c.kind == SUMMARY, messages.c.deleted_at.is_(None))
            .order_by(messages.c.parent_id.desc(), messages.c.id.desc())
            .limit(1)
        )

        def work(connection: Connection) -> Message | None:
            row = connection.execute(statement).mappings().first()
            return as_messages(connection, [row])[0] if row is not None else None

        return self._database.read(work)

    def set_summary_text(self, message_id: int, text: str) -> Message:
        """Replace a summary's text."""
        return self._change_message(message_id, text=text)

    def add_settings_used(self, message_id: int, values: Mapping[str, Any]) -> Message:
        """Note more about how an answer was made."""

        def work(connection: Connection) -> Message:
            used = {**message_of(connection, message_id).settings_used, **values}
            connection.execute(update(messages).where(messages.c.id == message_id).values(settings_used=used))
            return message_of(connection, message_id)

        return self._database.write(work)

    def _change_message(self, message_id: int, **values: object) -> Message:
        statement = update(messages).where(messages.c.id == message_id).values(**values)

        def work(connection: Connection) -> Message:
            if not connection.execute(statement).rowcount:
                raise no_such_message()
            return message_of(connection, message_id)

        return self._database.write(work)

    def _change(self, conversation_id: int, **values: object) -> None:
        self._database.write(lambda connection: set_chat(connection, conversation_id, **values))
