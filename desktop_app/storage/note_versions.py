"""Earlier texts of notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.notes import Note, NoteVersion
from desktop_app.domain.version_thinning import VersionStamp, is_due, versions_to_drop
from desktop_app.storage.database import inserted_id
from desktop_app.storage.tables import note_versions as table

_COLUMNS = (table.c.id, table.c.note_id, table.c.saved_at, table.c.title, table.c.text, table.c.front_matter)


def keep(connection: Connection, old: Note, now: datetime, *, always: bool) -> None:
    """Make `old`, about to be replaced, a version when one is due, and drop the ones too many."""
    statement = (
        select(table.c.id, table.c.kept_at, table.c.size).where(table.c.note_id == old.id).order_by(table.c.id.desc())
    )
    stamps = [VersionStamp(*row) for row in connection.execute(statement)]
    if not always and not is_due(stamps[0].kept_at if stamps else None, now):
        return
    values = {
        "note_id": old.id,
        "saved_at": old.edited_at,
        "kept_at": now,
        "size": len(old.text),
        "title": old.title,
        "text": old.text,
        "front_matter": old.front_matter,
    }
    made = inserted_id(connection, insert(table).values(**values))
    dropped = versions_to_drop([VersionStamp(made, now, len(old.text)), *stamps], now)
    if dropped:
        connection.execute(delete(table).where(table.c.id.in_(dropped)))


def of_note(connection: Connection, note_id: int) -> list[NoteVersion]:
    """The versions of a note, newest first."""
    statement = select(*_COLUMNS).where(table.c.note_id == note_id).order_by(table.c.id.desc())
    return [_as_version(row) for row in connection.execute(statement)]


def get(connection: Connection, version_id: int) -> NoteVersion:
    """One version. Raises NotFoundError."""
    row = connection.execute(select(*_COLUMNS).where(table.c.id == version_id)).first()
    if row is None:
        raise NotFoundError(
            "This version is not there any more.", "Old versions are thinned with age.", "Choose another."
        )
    return _as_version(row)


def _as_version(row: Any) -> NoteVersion:
    return NoteVersion(row.id, row.note_id, row.saved_at, row.title, row.text, row.front_matter)
