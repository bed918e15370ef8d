"""Messages by their words, and the texts of a chat's shown path."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Text, func, literal, select, text

from desktop_app.domain.chat_search import FoundMessage
from desktop_app.domain.conversation import Role
from desktop_app.domain.query import POSTING_BUDGET
from desktop_app.storage.database import Database
from desktop_app.storage.tables import conversations, messages

# The newest messages only are ranked where a word stands in very many: BM25 of all would take too long while typing.
_RANKED = text(
    """
    SELECT found.id, m.conversation_id, -found.score
    FROM (
        SELECT rowid AS id, rank AS score FROM messages_words WHERE messages_words MATCH :match
        ORDER BY rowid DESC LIMIT :most
    ) AS found
    JOIN messages AS m ON m.id = found.id JOIN conversations AS c ON c.id = m.conversation_id
    WHERE c.trashed_at IS NULL
        AND (:folder IS NULL OR c.folder = :folder OR substr(c.folder, 1, length(:folder) + 1) = :folder || '/')
    ORDER BY found.score, found.id DESC LIMIT :limit
    """
)
# UNION, not UNION ALL: ways that meet are walked once.
_ANCESTORS = text(
    """
    WITH RECURSIVE up(id, parent_id, deleted) AS (
        SELECT m.id, m.parent_id, m.deleted_at IS NOT NULL
        FROM messages AS m JOIN json_each(:ids) AS wanted ON m.id = wanted.value
        UNION
        SELECT m.id, m.parent_id, m.deleted_at IS NOT NULL FROM up JOIN messages AS m ON m.id = up.parent_id
    )
    SELECT id, parent_id, deleted FROM up
    """
)
_PATH_TEXTS = text(
    """
    WITH RECURSIVE up(id, parent_id) AS (
        SELECT m.id, m.parent_id
        FROM conversations AS c JOIN messages AS m ON m.id = c.active_leaf_id WHERE c.id = :chat
        UNION ALL
        SELECT m.id, m.parent_id FROM up JOIN messages AS m ON m.id = up.parent_id
    )
    SELECT m.id, m.role, m.text FROM up JOIN messages AS m ON m.id = up.id ORDER BY m.id
    """
)
_ON_PATH = text(
    """
    WITH RECURSIVE up(id, parent_id) AS (
        SELECT m.id, m.parent_id
        FROM conversations AS c JOIN messages AS m ON m.id = c.active_leaf_id WHERE c.id = :chat
        UNION ALL
        SELECT m.id, m.parent_id FROM up JOIN messages AS m ON m.id = up.parent_id WHERE up.id > :message
    )
    SELECT 1 FROM up WHERE id = :message
    """
)


class MessageSearch:
    """Implements MessageIndex."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, match: str, *, limit: int, folder: str | None = None) -> list[FoundMessage]:
        """Finished messages for an FTS5 MATCH expression, best first; chats in the trash and deleted branches left out.

        Raises StoreError for an expression that FTS5 does not understand.
        """

        def work(connection: Connection) -> list[FoundMessage]:
            asked = 2 * limit
            while True:
                values = {"match": match, "most": POSTING_BUDGET, "folder": folder, "limit": asked}
                ranked = connection.execute(_RANKED, values).all()
                deleted = _in_deleted_branches(connection, [row[0] for row in ranked])
                kept = [row for row in ranked if row[0] not in deleted][:limit]
                if len(kept) == limit or len(ranked) < asked:
                    return _with_texts(connection, {row[0]: row[2] for row in kept})
                asked *= 4

        return self._database.read(work)

    def path_texts(self, conversation_id: int) -> list[tuple[int, Role, str]]:
        """(message id, role, text) of the whole shown path, oldest first."""

        def work(connection: Connection) -> list[tuple[int, Role, str]]:
            rows = connection.execute(_PATH_TEXTS, {"chat": conversation_id})
            return [(row[0], Role(row[1]), row[2]) for row in rows]

        return self._database.read(work)

    def is_on_path(self, conversation_id: int, message_id: int) -> bool:
        """True when the message stands on the chat's shown path."""
        values = {"chat": conversation_id, "message": message_id}
        return self._database.read(lambda connection: connection.execute(_ON_PATH, values).first() is not None)


def _in_deleted_branches(connection: Connection, ids: list[int]) -> set[int]:
    """Those of the messages that stand in a branch that was deleted."""
    rows = connection.execute(_ANCESTORS, {"ids": str(ids)}).all()
    known: dict[int, tuple[int | None, bool]] = {row[0]: (row[1], bool(row[2])) for row in rows}
    verdicts: dict[int, bool] = {}

    def is_deleted(message_id: int) -> bool:
        way: list[int] = []
        at: int | None = message_id
        verdict = False
        while at is not None and at in known:
            if at in verdicts or known[at][1]:
                verdict = verdicts.get(at, True)
                break
            way.append(at)
            at = known[at][0]
        verdicts.update(dict.fromkeys([*way, message_id], verdict))
        return verdict

    return {each for each in ids if is_deleted(each)}


def _with_texts(connection: Connection, scores: dict[int, float]) -> list[FoundMessage]:
    listed = func.json_each(literal(str(list(scores)), Text)).table_valued("value")
    statement = (
        select(
            messages.c.id,
            messages.c.conversation_id,
            messages.c.role,
            messages.c.text,
            conversations.c.title,
            conversations.c.archived_at,
        )
        .join(listed, messages.c.id == listed.c.value)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
    )
    rows: dict[int, Any] = {row.id: row for row in connection.execute(statement)}
    return [
        FoundMessage(
            conversation_id=rows[message_id].conversation_id,
            message_id=message_id,
            title=rows[message_id].title,
            role=Role(rows[message_id].role),
            text=rows[message_id].text,
            score=score,
            archived=rows[message_id].archived_at is not None,
        )
        for message_id, score in scores.items()
    ]
