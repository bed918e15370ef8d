"""Notes in which a word stands with its signs (C++, .NET, f(x)), of which the word index has the letters only."""

from __future__ import annotations

from sqlalchemy import Connection, String, bindparam, or_, select, true

from desktop_app.domain.surface_forms import SurfaceForm, stands_in
from desktop_app.storage.like import contains
from desktop_app.storage.matching_notes import MATCHING_NOTES
from desktop_app.storage.tables import note_tags, notes

MOST_FOUND = 500
"""The newest that have it are enough for any list."""


def notes_with_form(connection: Connection, form: SurfaceForm) -> list[int]:
    """The newest notes outside the trash that have it in title, text, properties or, as #tag, among their tags."""
    columns = (notes.c.title, notes.c.text, notes.c.properties)
    written = true() if form.number else or_(*(contains(column, form.text) for column in columns))
    statement = (
        select(notes.c.id, *columns)
        .where(notes.c.id.in_(MATCHING_NOTES), notes.c.trashed_at.is_(None), written)
        .order_by(notes.c.id.desc())
    )
    found: list[int] = []
    with connection.execute(statement, {"match": form.match, "tail_match": form.match}) as rows:
        for note_id, *texts in rows:
            if stands_in(form, texts):
                found.append(note_id)
            if len(found) == MOST_FOUND:
                break
    return list(dict.fromkeys((*found, *_tagged(connection, form.tag))))


def _tagged(connection: Connection, tag: str) -> list[int]:
    """The notes with that tag or one below it."""
    if not tag:
        return []
    asked = bindparam("tag", tag, String)
    statement = (
        select(note_tags.c.note_id)
        .join(notes, notes.c.id == note_tags.c.note_id)
        .where(notes.c.trashed_at.is_(None), or_(note_tags.c.tag == asked, note_tags.c.tag.startswith(f"{tag}/")))
        .order_by(note_tags.c.note_id.desc())
        .limit(MOST_FOUND)
    )
    return list(connection.execute(statement.distinct()).scalars())
