"""Notes that may have open tasks, found by the sign that each of them has."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from desktop_app.domain.notes import NoteFilter
from desktop_app.domain.open_tasks import SIGN
from desktop_app.storage.database import Database
from desktop_app.storage.notes import filtered
from desktop_app.storage.tables import notes

_AT_ONCE = 50
"""Texts read in one statement."""


class NoteTasks:
    """Implements TaskNotesStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def texts_with_boxes(self, filter: NoteFilter) -> Iterator[tuple[int, str, str, str]]:
        """(id, title, folder, text) of the notes that the filter lets through and that may have an open task, the
        newest first: ticking one changes no order.
        """
        wanted = filtered(select(notes.c.id), filter).where(func.instr(notes.c.text, SIGN) > 0)
        wanted = wanted.order_by(notes.c.created_at.desc(), notes.c.id.desc())
        ids = self._database.read(lambda connection: list(connection.execute(wanted).scalars()))
        columns = select(notes.c.id, notes.c.title, notes.c.folder, notes.c.text)
        for first in range(0, len(ids), _AT_ONCE):
            asked = ids[first : first + _AT_ONCE]
            statement = columns.where(notes.c.id.in_(asked))

            def work(connection: Connection) -> dict[int, tuple[int, str, str, str]]:
                rows = connection.execute(statement).all()  # noqa: B023 - run before the next turn
                return {row.id: (row.id, row.title, row.folder, row.text) for row in rows}

            found = self._database.read(work)
            yield from (found[note_id] for note_id in asked if note_id in found)
