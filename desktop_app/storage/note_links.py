"""Links between notes, as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from desktop_app.domain.wiki_links import Backlink, Candidate, NoteName, chosen, name_key, tail_key, target_key
from desktop_app.storage.database import Database
from desktop_app.storage.like import begins_with, name_contains
from desktop_app.storage.tables import note_links, note_names, notes

_AT_ONCE = 500
"""Keys asked for in one statement."""


class NoteLinks:
    """Implements NoteLinkStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def resolve(self, targets: Sequence[str], folder: str) -> dict[str, int]:
        """The note that each target means in a note of `folder`; those that mean none are left out."""
        return self._database.read(
            lambda connection: {
                target: note_id for (target, _), note_id in _resolved(connection, {(one, folder) for one in targets})
            }
        )

    def targets_of(self, note_id: int) -> list[str]:
        """What the note's links are to, each once."""
        statement = select(note_links.c.target).distinct().where(note_links.c.note_id == note_id)
        statement = statement.where(note_links.c.target != "")
        return self._database.read(lambda connection: list(connection.execute(statement).scalars()))

    def links_to(self, note_id: int) -> list[Backlink]:
        """Links that mean this note; by note, the last edited first."""
        keys = select(note_names.c.key).where(note_names.c.note_id == note_id)
        return self._links(or_(note_links.c.key.in_(keys), note_links.c.tail.in_(keys)), note_id)

    def links_to_nothing(self, name: str) -> list[Backlink]:
        """Links that say this name and mean no note."""
        key = target_key(name)
        return self._links((note_links.c.key == key) | (note_links.c.tail == key), None) if key else []

    def _links(self, saying: ColumnElement[bool], meaning: int | None) -> list[Backlink]:
        statement = (
            select(note_links, notes.c.title, notes.c.folder)
            .join(notes, notes.c.id == note_links.c.note_id)
            .where(saying, notes.c.trashed_at.is_(None))
            .order_by(notes.c.edited_at.desc(), notes.c.id.desc(), note_links.c.start)
        )

        def work(connection: Connection) -> list[Backlink]:
            rows = connection.execute(statement).all()
            meant = dict(_resolved(connection, {(row.target, row.folder) for row in rows}))
            return [_as_backlink(row) for row in rows if meant.get((row.target, row.folder)) == meaning]

        return self._database.read(work)

    def names(self, text: str, limit: int) -> list[NoteName]:
        """Names that contain the words of `text`: those that begin with it first, then the last edited."""
        statement = (
            select(note_names.c.note_id, note_names.c.name, note_names.c.is_title, notes.c.title, notes.c.folder)
            .join(notes, notes.c.id == note_names.c.note_id)
            .where(notes.c.trashed_at.is_(None), name_contains(note_names.c.key, name_key(text)))
            .order_by(begins_with(note_names.c.key, name_key(text)).desc(), notes.c.edited_at.desc(), notes.c.id.desc())
            .limit(limit)
        )
        return self._database.read(
            lambda connection: [
                NoteName(row.note_id, row.name, bool(row.is_title), row.title, row.folder)
                for row in connection.execute(statement)
            ]
        )


def _resolved(connection: Connection, wanted: set[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    """((target, folder of the note that links), note meant) for what means a note."""
    keys = sorted({key for target, _ in wanted for key in (target_key(target), tail_key(target)) if key})
    by_key: dict[str, list[tuple[int, str]]] = {}
    for first in range(0, len(keys), _AT_ONCE):
        statement = (
            select(note_names.c.key, note_names.c.note_id, notes.c.folder)
            .join(notes, notes.c.id == note_names.c.note_id)
            .where(note_names.c.key.in_(keys[first : first + _AT_ONCE]), notes.c.trashed_at.is_(None))
        )
        for key, note_id, folder in connection.execute(statement):
            by_key.setdefault(key, []).append((note_id, folder))
    found = []
    for target, folder in wanted:
        whole, tail = target_key(target), tail_key(target)
        candidates = [Candidate(*one) for one in by_key.get(whole, ())]
        if tail != whole:
            candidates += [Candidate(*one, by_tail=True) for one in by_key.get(tail, ())]
        note_id = chosen(target, folder, candidates)
        if note_id is not None:
            found.append(((target, folder), note_id))
    return found


def _as_backlink(row: Any) -> Backlink:
    return Backlink(row.note_id, row.title, row.folder, row.start, row.end, row.target, row.excerpt)
