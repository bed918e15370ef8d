"""Messages by their words, and the texts of a chat's shown path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Float, Integer, Select, Text, func, literal, literal_column, or_, select, text

from desktop_app.domain.chat_search import FoundMessage
from desktop_app.domain.conversation import Role
from desktop_app.domain.query import POSTING_BUDGET
from desktop_app.domain.reasoning import begins_inside
from desktop_app.domain.search_question import Filter
from desktop_app.storage.database import Database
from desktop_app.storage.full_text import Tokenizer
from desktop_app.storage.search_filters import message_conditions
from desktop_app.storage.tables import conversations, messages

RANKED = 5_000
"""Of more messages that hold all words, the newest are ranked: FTS5 takes 2 ms a thousand."""

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
_WITH_TERM = text("SELECT doc FROM messages_vocabulary WHERE term = :term")
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
        self._tokenizer = Tokenizer()

    def find(
        self,
        match: str,
        *,
        limit: int,
        folder: str | None = None,
        filters: Sequence[Filter] = (),
        newest_first: bool = False,
    ) -> list[FoundMessage]:
        """Finished messages for an FTS5 MATCH expression, best first; chats in the trash and deleted branches left out.

        Raises StoreError for an expression that FTS5 does not understand.
        """
        ranked = _ranked(filters, folder, newest_first=newest_first)

        def work(connection: Connection) -> list[FoundMessage]:
            asked = 2 * limit
            while True:
                rows = connection.execute(ranked.limit(asked), {"match": match}).all()
                deleted = _in_deleted_branches(connection, [row[0] for row in rows])
                kept = [row for row in rows if row[0] not in deleted][:limit]
                if len(kept) == limit or len(rows) < asked:
                    return _with_texts(connection, {row[0]: row[2] for row in kept})
                asked *= 4

        return self._database.read(work)

    def newest(self, filters: Sequence[Filter], limit: int) -> list[FoundMessage]:
        """The newest message of each chat that meets every filter, newest first; as `find` otherwise."""
        statement = (
            select(messages.c.id, messages.c.conversation_id)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(*message_conditions(filters), messages.c.kind == "", messages.c.text != "")
            .where(or_(messages.c.role == Role.USER.value, messages.c.stop_reason.is_not(None)))
            .order_by(messages.c.id.desc())
        )

        def work(connection: Connection) -> list[FoundMessage]:
            asked = 4 * limit
            while True:
                rows = connection.execute(statement.limit(asked)).all()
                deleted = _in_deleted_branches(connection, [row[0] for row in rows])
                newest: dict[int, int] = {}
                for message_id, chat_id in rows:
                    if message_id not in deleted:
                        newest.setdefault(chat_id, message_id)
                if len(newest) >= limit or len(rows) < asked or asked >= POSTING_BUDGET:
                    return _with_texts(connection, dict.fromkeys(list(newest.values())[:limit], 0.0))
                asked *= 4

        return self._database.read(work)

    def ids(self, filters: Sequence[Filter]) -> set[int]:
        """The messages that meet every filter, outside the trash."""
        statement = (
            select(messages.c.id)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(*message_conditions(filters))
        )
        return self._database.read(lambda connection: set(connection.execute(statement).scalars()))

    def findable(self, message_ids: Sequence[int]) -> set[int]:
        """Those that `find` may find: finished, said by somebody, neither in the trash nor in a deleted branch."""
        listed = func.json_each(literal(str(list(message_ids)), Text)).table_valued("value")
        statement = (
            select(messages.c.id)
            .join(listed, messages.c.id == listed.c.value)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(conversations.c.trashed_at.is_(None), messages.c.kind == "")
            .where(or_(messages.c.role != Role.ASSISTANT.value, messages.c.stop_reason.is_not(None)))
        )

        def work(connection: Connection) -> set[int]:
            ids = list(connection.execute(statement).scalars())
            return set(ids) - _in_deleted_branches(connection, ids)

        return self._database.read(work)

    def by_id(self, scores: Mapping[int, float]) -> list[FoundMessage]:
        """The messages that exist, in this order, with these scores."""
        return self._database.read(lambda connection: _with_texts(connection, scores))

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many messages each (unstemmed, lower-case) term stands, by the index's own tokenizer; 0 where nowhere.

        For a term of several words it is the rarest word's number, an upper bound.
        """
        tokens = self._tokenizer.tokens(terms)

        def work(connection: Connection) -> dict[str, int]:
            known = {token: 0 for group in tokens for token in group}
            for token in known:
                known[token] = int(connection.execute(_WITH_TERM, {"term": token}).scalar() or 0)
            return {
                term: min((known[token] for token in group), default=0)
                for term, group in zip(terms, tokens, strict=True)
            }

        return self._database.read(work)

    def close(self) -> None:
        """Give the tokenizer's memory back."""
        self._tokenizer.close()

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


def _ranked(filters: Sequence[Filter], folder: str | None, *, newest_first: bool) -> Select[Any]:
    """(message id, chat id, BM25) of what matches `:match`.

    The newest messages only are ranked where a word stands in very many: BM25 of all would take too long while typing.
    """
    row_id = literal_column("rowid", Integer)
    matching = (
        select(row_id.label("id"), literal_column("rank", Float).label("score"))
        .select_from(text("messages_words"))
        .where(text("messages_words MATCH :match"))
        .order_by(row_id.desc())
        .limit(RANKED)
    )
    if filters:
        # Inside, so that a filter for old messages is not defeated by many newer ones. The plus keeps SQLite from
        # running the whole MATCH again for each message that is allowed.
        allowed = select(messages.c.id).join(conversations, conversations.c.id == messages.c.conversation_id)
        matching = matching.where(literal_column("+rowid", Integer).in_(allowed.where(*message_conditions(filters))))
    found = matching.subquery("found")
    statement = (
        select(found.c.id, messages.c.conversation_id, -found.c.score)
        .join(messages, messages.c.id == found.c.id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.trashed_at.is_(None))
    )
    if folder is not None:
        below = func.substr(conversations.c.folder, 1, len(folder) + 1) == folder + "/"
        statement = statement.where(or_(conversations.c.folder == folder, below))
    order = (found.c.id.desc(),) if newest_first else (found.c.score, found.c.id.desc())
    return statement.order_by(*order)


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


def _with_texts(connection: Connection, scores: Mapping[int, float]) -> list[FoundMessage]:
    listed = func.json_each(literal(str(list(scores)), Text)).table_valued("value")
    statement = (
        select(
            messages.c.id,
            messages.c.conversation_id,
            messages.c.role,
            messages.c.text,
            messages.c.settings_used,
            messages.c.created_at,
            conversations.c.title,
            conversations.c.folder,
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
            said_at=rows[message_id].created_at,
            folder=rows[message_id].folder,
            begins_inside=begins_inside(rows[message_id].text, rows[message_id].settings_used),
        )
        for message_id, score in scores.items()
        if message_id in rows
    ]
