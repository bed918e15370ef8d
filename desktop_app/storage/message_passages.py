"""Passages of messages with their vectors, and which messages an encoder has still to read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Text, bindparam, delete, func, insert, literal, select, text, update

from desktop_app.domain.conversation import Role
from desktop_app.domain.message_passages import DueMessage, EmbeddedMessage, MessagePlace
from desktop_app.domain.reasoning import begins_inside
from desktop_app.storage import vector_counter
from desktop_app.storage.database import Database
from desktop_app.storage.tables import conversations, message_index, message_passages, messages

_PAGE = 4000
_SAID = ""  # the kind of what somebody said; summaries have another one

# What is due of the messages that can be found: not in the trash, and no answer that is still being written.
_LIVE = (
    "m.id = i.message_id AND (m.role <> 'assistant' OR m.stop_reason IS NOT NULL) "
    "AND c.id = m.conversation_id AND c.trashed_at IS NULL"
)
_FROM = "FROM message_index AS i CROSS JOIN messages AS m CROSS JOIN conversations AS c"
# Written so that the index over `embedded_by` serves it.
_NOT_YET = "(i.embedded_by IS NULL OR i.embedded_by < :fingerprint OR i.embedded_by > :fingerprint)"
_DUE = text(
    f"SELECT i.message_id {_FROM} WHERE {_NOT_YET} AND {_LIVE} ORDER BY c.change_order DESC, m.id DESC LIMIT :n"
)
_DUE_COUNT = text(f"SELECT count(*) {_FROM} WHERE {_NOT_YET} AND {_LIVE}")
_COUNT = text(f"SELECT count(*) {_FROM} WHERE {_LIVE}")
_READ = text("SELECT count(*) FROM message_index WHERE embedded_by = :fingerprint")
_PASSAGES = text("SELECT count(*) FROM message_passages WHERE fingerprint = :fingerprint")
# Pages in the order of the passages' own index, as those of notes are read (storage/passages.py).
_VECTORS = text(
    "SELECT p.id, p.message_id, p.vector, p.ordinal "
    "FROM message_passages AS p CROSS JOIN messages AS m CROSS JOIN conversations AS c "
    "WHERE (p.message_id, p.ordinal, p.id) > (:message_id, :ordinal, :passage_id) AND p.fingerprint = :fingerprint "
    "AND m.id = p.message_id AND c.id = m.conversation_id AND c.trashed_at IS NULL "
    "ORDER BY p.message_id, p.ordinal, p.id LIMIT :limit"
)
_PLACE = (
    update(message_passages)
    .where(message_passages.c.id == bindparam("place"))
    .values(ordinal=bindparam("new_ordinal"), start=bindparam("new_start"), end=bindparam("new_end"))
)


class MessagePassages:
    """Implements MessagePassageStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due_ids(self, fingerprint: str, limit: int) -> list[int]:
        """Messages that this encoder has not read as they are now, those of the chat changed last first, and there the
        newest. Without those in the trash, and without an answer that is being written.
        """
        values = {"fingerprint": fingerprint, "n": limit}
        return self._database.read(lambda connection: list(connection.execute(_DUE, values).scalars()))

    def due_count(self, fingerprint: str | None) -> int:
        """How many there are; without a fingerprint all messages that can be found. Looks at each of them."""
        statement = _COUNT if fingerprint is None else _DUE_COUNT
        values = {} if fingerprint is None else {"fingerprint": fingerprint}
        return int(self._database.read(lambda connection: connection.execute(statement, values).scalar_one()))

    def read_count(self, fingerprint: str) -> int:
        """Messages that this encoder has read as they are now."""
        return self._count(_READ, fingerprint)

    def passage_count(self, fingerprint: str) -> int:
        """Passages with a vector of this encoder."""
        return self._count(_PASSAGES, fingerprint)

    def _count(self, statement: Any, fingerprint: str) -> int:
        values = {"fingerprint": fingerprint}
        return int(self._database.read(lambda connection: connection.execute(statement, values).scalar_one()))

    def has_read_any(self, fingerprint: str) -> bool:
        """Whether that encoder has read any message."""
        statement = select(message_index.c.message_id).where(message_index.c.embedded_by == fingerprint).limit(1)
        return self._database.read(lambda connection: connection.execute(statement).first()) is not None

    def read(self, message_ids: Sequence[int]) -> list[DueMessage]:
        """The messages that exist, in the order asked for, as they are now."""
        statement = (
            select(
                messages.c.id,
                messages.c.role,
                messages.c.kind,
                messages.c.text,
                messages.c.settings_used,
                conversations.c.title,
                message_index.c.revision,
            )
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .join(message_index, message_index.c.message_id == messages.c.id)
            .where(messages.c.id.in_(_values(list(message_ids))))
        )
        rows = self._database.read(lambda connection: connection.execute(statement).all())
        found = {
            row.id: DueMessage(
                row.id,
                row.revision,
                row.title,
                Role(row.role),
                row.text,
                begins_inside(row.text, row.settings_used),
                row.kind == _SAID,
            )
            for row in rows
        }
        return [found[message_id] for message_id in message_ids if message_id in found]

    def known_vectors(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, bytes]:
        """The vectors of this encoder that are there already, of whichever message, by the hash of what was read."""
        columns = message_passages.c
        statement = select(columns.hash, columns.vector).where(
            columns.hash.in_(_values(list(hashes))), columns.fingerprint == fingerprint
        )
        return self._database.read(lambda connection: {row[0]: row[1] for row in connection.execute(statement)})

    def store(self, fingerprint: str, embedded: Sequence[EmbeddedMessage]) -> int:
        """Commit what an encoder made of messages; how many of them are no longer due.

        A message that changed meanwhile, or is gone, is passed over. Passages whose hash did not change keep their row.
        """

        def work(connection: Connection) -> int:
            done = sum(_store(connection, fingerprint, each) for each in embedded)
            vector_counter.bump(connection, vector_counter.MESSAGES)
            return done

        return self._database.write(work)

    def vectors(self, fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        """(passage id, message id, vector) of all chats not trashed, by message and there in the order of its text;
        read in pages, so that no writer's log grows meanwhile.
        """
        message_id, ordinal, passage_id = 0, -1, 0
        while True:
            values = {
                "fingerprint": fingerprint,
                "message_id": message_id,
                "ordinal": ordinal,
                "passage_id": passage_id,
                "limit": _PAGE,
            }
            page = self._database.read(lambda connection: connection.execute(_VECTORS, values).all())  # noqa: B023
            for row in page:
                yield row[0], row[1], row[2]
            if len(page) < _PAGE:
                return
            passage_id, message_id, _, ordinal = page[-1]

    def vectors_version(self) -> int:
        """Changes whenever passages of messages, their vectors, or the trash of chats change, by any process."""
        return self._database.read(lambda connection: vector_counter.value(connection, vector_counter.MESSAGES))

    def places(self, passage_ids: Sequence[int]) -> list[MessagePlace]:
        """Where these passages stand; without those of messages that changed since."""
        columns = message_passages.c
        statement = (
            select(columns.id, columns.message_id, columns.start, columns.end)
            .join(message_index, message_index.c.message_id == columns.message_id)
            .where(columns.id.in_(_values(list(passage_ids))), message_index.c.embedded_by == columns.fingerprint)
        )
        return self._database.read(
            lambda connection: [MessagePlace(*row) for row in connection.execute(statement).all()]
        )


def _store(connection: Connection, fingerprint: str, embedded: EmbeddedMessage) -> bool:
    """True where the message is no longer due."""
    own = message_index.c.message_id == embedded.message_id
    revision = connection.execute(select(message_index.c.revision).where(own)).scalar()
    if revision != embedded.revision:
        return False
    columns = message_passages.c
    of_message = columns.message_id == embedded.message_id
    rows = connection.execute(
        select(columns.id, columns.hash, columns.ordinal, columns.start, columns.end).where(
            of_message, columns.fingerprint == fingerprint
        )
    )
    old: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        old[row.hash].append(row)
    changed: list[dict[str, Any]] = []
    fresh: list[dict[str, Any]] = []
    kept: list[int] = []
    for ordinal, passage in zip(embedded.ordinals, embedded.passages, strict=True):
        place = (ordinal, passage.start, passage.end)
        if old[passage.hash]:
            row = old[passage.hash].pop()
            kept.append(row.id)
            if (row.ordinal, row.start, row.end) != place:
                changed.append(
                    {"place": row.id, "new_ordinal": ordinal, "new_start": passage.start, "new_end": passage.end}
                )
        else:
            values = dict(zip(("ordinal", "start", "end"), place, strict=True))
            own_values = {"message_id": embedded.message_id, "hash": passage.hash, "fingerprint": fingerprint}
            fresh.append({**own_values, **values, "vector": passage.vector})
    if embedded.complete:  # what is left is of an earlier text, or of another encoder
        connection.execute(delete(message_passages).where(of_message, columns.id.not_in(_values(kept))))
        connection.execute(update(message_index).where(own).values(embedded_by=fingerprint))
    if changed:
        connection.execute(_PLACE, changed)
    if fresh:
        connection.execute(insert(message_passages), fresh)
    return embedded.complete


def _values(values: list[Any]) -> Select[Any]:
    """Values as one JSON parameter, so that lists of any length use one statement."""
    return select(func.json_each(literal(json.dumps(values), Text)).table_valued("value").c.value)
