"""Notes whose words may name another note, by the word index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, func, or_, select

from desktop_app.domain.mentions import MOST_READ
from desktop_app.domain.query import is_unspaced
from desktop_app.domain.wiki_links import name_key
from desktop_app.storage.database import Database
from desktop_app.storage.like import contains
from desktop_app.storage.matching_notes import MATCHING_NOTES
from desktop_app.storage.tables import notes

_AT_ONCE = 20
"""Texts read in one statement."""

_BEHIND = 1_000
"""Characters read behind those that are looked at, for the line around the last ones."""


class NoteMentions:
    """Implements NoteMentionStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def notes_saying(self, names: Sequence[str], limit: int) -> list[int]:
        """Notes outside the trash whose text may say one of the names, the last edited first."""
        spaced = [name for name in names if not is_unspaced(name)]
        conditions: list[ColumnElement[bool]] = [
            contains(notes.c.text, name_key(name)) for name in names if is_unspaced(name)
        ]
        parameters: dict[str, str] = {}
        if spaced:
            match = " OR ".join(_phrase(name) for name in spaced)
            parameters = {"match": f"text : ({match})", "tail_match": match}
            conditions.append(notes.c.id.in_(MATCHING_NOTES))
        if not conditions:
            return []
        statement = (
            select(notes.c.id)
            .where(or_(*conditions), notes.c.trashed_at.is_(None))
            .order_by(notes.c.edited_at.desc(), notes.c.id.desc())
            .limit(limit)
        )

        def work(connection: Connection) -> list[int]:
            return list(connection.execute(statement, parameters).scalars())

        return self._database.read(work)

    def texts_of(self, note_ids: Sequence[int]) -> Iterator[tuple[int, str, str, str]]:
        """(id, title, folder, text) of these notes, in this order, those that are gone left out; of a long text as much
        as is looked at.
        """
        for first in range(0, len(note_ids), _AT_ONCE):
            asked = note_ids[first : first + _AT_ONCE]
            read = func.substr(notes.c.text, 1, MOST_READ + _BEHIND).label("text")
            statement = select(notes.c.id, notes.c.title, notes.c.folder, read).where(notes.c.id.in_(asked))

            def work(connection: Connection) -> dict[int, tuple[int, str, str, str]]:
                rows = connection.execute(statement).all()  # noqa: B023 - run before the next turn
                return {row.id: (row.id, row.title, row.folder, row.text) for row in rows}

            found = self._database.read(work)
            yield from (found[note_id] for note_id in asked if note_id in found)


def _phrase(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
