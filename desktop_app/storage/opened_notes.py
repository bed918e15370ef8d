"""The notes that were opened last: one short list among the window's small values, so that it needs no table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Integer, Subquery, Text, case, cast, func, literal, select, true, type_coerce
from sqlalchemy.dialects.sqlite import insert

from desktop_app.storage.tables import ui_state

MOST_OPENED = 200
_KEY = "notes.opened"


def mark(connection: Connection, note_id: int) -> None:
    """This one was opened just now."""
    stored = connection.execute(select(ui_state.c.value).where(ui_state.c.key == _KEY)).scalar()
    before = [each for each in stored if each != note_id] if isinstance(stored, list) else []
    statement = insert(ui_state).values(key=_KEY, value=[note_id, *before][:MOST_OPENED])
    upsert = statement.on_conflict_do_update(index_elements=[ui_state.c.key], set_={"value": statement.excluded.value})
    connection.execute(upsert)


def places() -> Subquery:
    """(id, place) of each, the last opened at place 0."""
    written = type_coerce(ui_state.c.value, Text)
    whole = case((func.json_valid(written) == 1, written), else_=literal("[]"))
    each: Any = func.json_each(whole).table_valued("key", "value")
    statement = (
        select(each.c.value.label("id"), cast(each.c.key, Integer).label("place"))
        .select_from(ui_state)
        .join(each, true())
        .where(ui_state.c.key == _KEY)
    )
    return statement.subquery("opened")
