"""The column of notes that makes their front matter's other properties findable."""

from __future__ import annotations

import sqlite3

from desktop_app.domain.front_matter import other_properties


def fill_properties(connection: sqlite3.Connection) -> None:
    """Write the properties of all notes whose front matter says some and that have none yet."""
    rows = connection.execute("SELECT id, front_matter FROM notes WHERE front_matter <> '' AND properties = ''")
    filled = [(properties, note_id) for note_id, lines in rows if (properties := other_properties(lines))]
    connection.executemany("UPDATE notes SET properties = ? WHERE id = ?", filled)
