"""The tree of a chat's messages, asked and changed within one transaction: versions, branches, the memory of a path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Text, delete, func, insert, literal, select, text, update

from desktop_app.domain.conversation import SUMMARY, DeletedBranch, DeletedBranchSummary, Role, preview_of_message
from desktop_app.domain.recalled_places import MEMORY_START, with_other_ids
from desktop_app.storage.bulk_rows import insert_rows, next_id
from desktop_app.storage.tables import attachments, messages

_ROOT_TO_LEAF = text(
    """
    WITH RECURSIVE up(id, parent_id, steps) AS (
        SELECT id, parent_id, 0 FROM messages WHERE id = :leaf
        UNION ALL
        SELECT m.id, m.parent_id, up.steps + 1 FROM up JOIN messages AS m ON m.id = up.parent_id
    )
    SELECT id FROM up ORDER BY steps DESC
    """
)
_STARTED_AT = f"CASE WHEN json_valid(m.settings_used) THEN json_extract(m.settings_used, '$.{MEMORY_START}') END"
_MEMORY_STARTS = text(
    f"""
    WITH RECURSIVE up(id, parent_id, steps, start) AS (
        SELECT id, parent_id, 0, {_STARTED_AT} FROM messages AS m WHERE id = :leaf
        UNION ALL
        SELECT m.id, m.parent_id, up.steps + 1, {_STARTED_AT}
        FROM up JOIN messages AS m ON m.id = up.parent_id
    )
    SELECT up.start FROM up WHERE up.start IN (SELECT id FROM up) ORDER BY up.steps LIMIT 1
    """
)
# Ids grow, and a child is younger than its parent: the youngest message below is the end of the newest path.
_NEWEST_BELOW = text(
    """
    WITH RECURSIVE down(id) AS (
        SELECT :top
        UNION ALL
        SELECT m.id FROM down JOIN messages AS m ON m.parent_id = down.id
        WHERE m.deleted_at IS NULL AND m.kind <> 'summary'
    )
    SELECT max(id) FROM down
    """
)


_ALL_BELOW = text(
    """
    WITH RECURSIVE down(id) AS (
        SELECT :top
        UNION ALL
        SELECT m.id FROM down JOIN messages AS m ON m.parent_id = down.id
    )
    SELECT id FROM down
    """
)
_REMOVED_AT_ONCE = 500


def path_ids(connection: Connection, leaf_id: int) -> list[int]:
    """Ids from the root down to `leaf_id`."""
    return list(connection.execute(_ROOT_TO_LEAF, {"leaf": leaf_id}).scalars())


def newest_leaf(connection: Connection, message_id: int) -> int:
    """The end of the newest path below a message, deleted branches left out; itself where nothing follows."""
    return int(connection.execute(_NEWEST_BELOW, {"top": message_id}).scalar_one())


def versions(connection: Connection, message_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Each message that has siblings with the ids of all of them and its own, in order; deleted ones left out."""
    if not message_ids:
        return {}
    listed = func.json_each(literal(str(list(message_ids)), Text)).table_valued("value")
    sibling = messages.alias()
    statement = (
        select(messages.c.id, sibling.c.id)
        .join(listed, messages.c.id == listed.c.value)
        .join(
            sibling,
            (sibling.c.conversation_id == messages.c.conversation_id)
            & sibling.c.parent_id.is_not_distinct_from(messages.c.parent_id),
        )
        .where(sibling.c.deleted_at.is_(None), sibling.c.kind != SUMMARY)
        .order_by(messages.c.id, sibling.c.sibling_order, sibling.c.id)
    )
    found: dict[int, list[int]] = {}
    for message_id, sibling_id in connection.execute(statement):
        found.setdefault(message_id, []).append(sibling_id)
    return {message_id: tuple(ids) for message_id, ids in found.items() if len(ids) > 1}


def summaries_below(connection: Connection, message_ids: Sequence[int]) -> list[int]:
    """Ids of the summaries that hang beside a path of these messages."""
    listed = func.json_each(literal(str(list(message_ids)), Text)).table_valued("value")
    statement = (
        select(messages.c.id)
        .join(listed, messages.c.parent_id == listed.c.value)
        .where(messages.c.kind == SUMMARY, messages.c.deleted_at.is_(None))
        .order_by(messages.c.id)
    )
    return list(connection.execute(statement).scalars())


def memory_start_of(connection: Connection, leaf_id: int | None, known: int | None) -> int | None:
    """Where the decoder's memory begins on the path to `leaf_id`: where it moved to last on this very path, else
    `known` if that stands on it.
    """
    if leaf_id is None:
        return None
    moved = connection.execute(_MEMORY_STARTS, {"leaf": leaf_id}).scalar()
    if moved is not None:
        return int(moved)
    return known if known is not None and known in path_ids(connection, leaf_id) else None


def remember_memory_start(connection: Connection, leaf_id: int, start_id: int | None) -> None:
    """Note with the last message of a path where the memory begins on it, so that coming back to it finds it again."""
    used = connection.execute(select(messages.c.settings_used).where(messages.c.id == leaf_id)).scalar()
    values = {key: value for key, value in (used or {}).items() if key != MEMORY_START}
    if start_id is not None:
        values[MEMORY_START] = start_id
    connection.execute(update(messages).where(messages.c.id == leaf_id).values(settings_used=values))


def fallback(connection: Connection, message_id: int, parent_id: int | None, siblings: Sequence[int]) -> int | None:
    """The leaf shown once the branch at `message_id` is gone: of the version before it, else after it, else above."""
    at = siblings.index(message_id) if message_id in siblings else 0
    others = [*reversed(siblings[:at]), *siblings[at + 1 :]]
    return newest_leaf(connection, others[0]) if others else parent_id


def deleted_branches(connection: Connection, conversation_id: int) -> list[DeletedBranchSummary]:
    """The deleted branches of a chat, the one deleted last first; of what is inside another one, each by itself."""
    columns = (messages.c.id, messages.c.parent_id, messages.c.deleted_at)
    every = select(*columns).where(messages.c.conversation_id == conversation_id, messages.c.kind != SUMMARY)
    within: dict[int, int] = {}  # messages of deleted branches, each with the first one of the innermost
    inside: set[int] = set()  # first messages of branches inside others
    leaves: dict[int, int] = {}
    for message_id, parent_id, deleted_at in connection.execute(every.order_by(messages.c.id)):
        outer = within.get(parent_id)
        if deleted_at is not None:
            within[message_id] = message_id
            if outer is not None:
                inside.add(message_id)
        elif outer is not None:
            within[message_id] = outer
        if message_id in within:
            leaves[within[message_id]] = message_id
    counts = Counter(within.values())
    rows, _carried = read_rows(connection, list(leaves))
    found = [
        DeletedBranchSummary(
            DeletedBranch(conversation_id, row["id"], row["parent_id"], leaves[row["id"]]),
            Role(row["role"]),
            preview_of_message(row["text"], row["settings_used"]),
            row["deleted_at"],
            counts[row["id"]],
            is_inside=row["id"] in inside,
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (each.deleted_at, each.branch.message_id), reverse=True)


def remove_branch(connection: Connection, message_id: int) -> bool:
    """Remove a deleted branch for good; false where it is not there, or not deleted."""
    deleted = messages.c.deleted_at.is_not(None)
    if connection.execute(select(messages.c.id).where(messages.c.id == message_id, deleted)).scalar() is None:
        return False
    ids = sorted(connection.execute(_ALL_BELOW, {"top": message_id}).scalars(), reverse=True)
    # From its leaves on: SQLite follows a foreign key through no more than 1,000 generations.
    for start in range(0, len(ids), _REMOVED_AT_ONCE):
        listed = func.json_each(literal(str(ids[start : start + _REMOVED_AT_ONCE]), Text)).table_valued("value")
        connection.execute(delete(messages).where(messages.c.id.in_(select(listed.c.value))))
    return True


def read_rows(connection: Connection, message_ids: Sequence[int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The stored rows of messages, in the order of `message_ids`, and of what they carry."""
    listed = func.json_each(literal(str(list(message_ids)), Text)).table_valued("value")
    found = connection.execute(select(messages).join(listed, messages.c.id == listed.c.value)).mappings()
    by_id = {row["id"]: dict(row) for row in found}
    carried = connection.execute(
        select(attachments).join(listed, attachments.c.message_id == listed.c.value).order_by(attachments.c.id)
    ).mappings()
    return [by_id[message_id] for message_id in message_ids], [dict(row) for row in carried]


def draft_rows(connection: Connection, conversation_id: int) -> list[dict[str, Any]]:
    """The stored rows of what a chat's unsent draft carries."""
    statement = select(attachments).where(
        attachments.c.conversation_id == conversation_id, attachments.c.message_id.is_(None)
    )
    return [dict(row) for row in connection.execute(statement.order_by(attachments.c.id)).mappings()]


def add_rows(
    connection: Connection,
    conversation_id: int,
    rows: Sequence[Mapping[str, Any]],
    carried: Sequence[Mapping[str, Any]],
) -> dict[int, int]:
    """Write copies of messages into another chat, parents first; old ids to new ones."""
    first = next_id(connection, "messages")
    new_ids = {row["id"]: first + place for place, row in enumerate(rows)}
    insert_rows(connection, messages, (_moved(row, conversation_id, new_ids) for row in rows))
    for row in carried:
        values = {name: value for name, value in row.items() if name != "id"}
        values["conversation_id"] = conversation_id
        values["message_id"] = new_ids[row["message_id"]] if row["message_id"] is not None else None
        connection.execute(insert(attachments).values(**values))
    return new_ids


def _moved(row: Mapping[str, Any], conversation_id: int, new_ids: Mapping[int, int]) -> dict[str, Any]:
    """A message's row in another chat, every id in it the new one."""
    own = {"id": new_ids[row["id"]], "conversation_id": conversation_id, "parent_id": new_ids.get(row["parent_id"])}
    return {**row, **own, "settings_used": with_other_ids(row["settings_used"], new_ids)}
