"""Which notes meet the filters of a question, and in which order of time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Text, func, literal, select

from desktop_app.domain.search_question import Filter
from desktop_app.storage.database import Database
from desktop_app.storage.search_filters import note_conditions
from desktop_app.storage.tables import notes


class FilteredNotes:
    """Implements NoteSieve."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ids(self, filters: Sequence[Filter]) -> list[int]:
        """All notes outside the trash that meet every filter, by id."""
        statement = select(notes.c.id).where(*note_conditions(filters)).order_by(notes.c.id)
        return self._database.read(lambda connection: list(connection.execute(statement).scalars()))

    def newest(self, filters: Sequence[Filter], limit: int) -> list[int]:
        """Those of them that were edited last, newest first."""
        statement = select(notes.c.id).where(*note_conditions(filters))
        statement = statement.order_by(notes.c.edited_at.desc(), notes.c.id.desc()).limit(limit)
        return self._database.read(lambda connection: list(connection.execute(statement).scalars()))

    def by_date(self, note_ids: Sequence[int]) -> list[int]:
        """These notes, the one edited last first."""
        listed = select(func.json_each(literal(str(list(note_ids)), Text)).table_valued("value").c.value)
        statement = select(notes.c.id).where(notes.c.id.in_(listed))
        statement = statement.order_by(notes.c.edited_at.desc(), notes.c.id.desc())
        return self._database.read(lambda connection: list(connection.execute(statement).scalars()))
