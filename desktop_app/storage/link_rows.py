"""The rows that say how notes are called and where they link to; made of the notes, so that they can be made again."""

from __future__ import annotations

import sqlite3
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection, delete, insert, update

from desktop_app.domain.front_matter import aliases, typed_front_matter
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.domain.wiki_links import WikiLink, changed_links, excerpt, find_links, tail_key, target_key
from desktop_app.storage.tables import note_links, note_names

_NAMES = 'INSERT INTO note_names(note_id, "key", name, is_title) VALUES (:note_id, :key, :name, :is_title)'
_LINKS = (
    'INSERT INTO note_links(note_id, start, "end", target, heading, "key", tail, excerpt) '
    "VALUES (:note_id, :start, :end, :target, :heading, :key, :tail, :excerpt)"
)
_NEW_NAMES, _NEW_LINKS = insert(note_names), insert(note_links)


def put_names(connection: Connection, note_id: int, title: str, source_path: str, *front_matters: str) -> None:
    """Replace what links may call the note; aliases come from front matter that is kept beside its text or in it."""
    connection.execute(delete(note_names).where(note_names.c.note_id == note_id))
    put_new_names(connection, note_id, title, source_path, *front_matters)


def put_new_names(connection: Connection, note_id: int, title: str, source_path: str, *front_matters: str) -> None:
    """`put_names` for a note that has no names yet."""
    rows = _name_rows(note_id, title, source_path, *front_matters)
    if rows:
        connection.execute(_NEW_NAMES, rows)


def put_links(connection: Connection, note_id: int, old: str, new: str) -> None:
    """The note's text was `old` and is `new`: its links follow."""
    if not any("[" in text and "[[" in text for text in (old, new)):
        return
    changes = changed_links(old, new)
    own = note_links.c.note_id == note_id
    if old:
        gone = own & (note_links.c.start >= changes.start) & (note_links.c.start < changes.end)
        connection.execute(delete(note_links).where(gone))
    if changes.shift and "[[" in old[changes.end :]:
        moved = own & (note_links.c.start >= changes.end)
        # By way of negative places: rows that move one after the other must not meet.
        connection.execute(update(note_links).where(moved).values(start=-note_links.c.start - changes.shift - 1))
        back = own & (note_links.c.start < 0)
        values = {"start": -note_links.c.start - 1, "end": note_links.c.end + changes.shift}
        connection.execute(update(note_links).where(back).values(values))
    rows = [_link_row(note_id, new, link) for link in changes.added]
    if rows:
        connection.execute(_NEW_LINKS, rows)


def fill_links(connection: sqlite3.Connection) -> None:
    """Make the rows of all notes anew."""
    connection.execute("DELETE FROM note_names")
    connection.execute("DELETE FROM note_links")
    notes = connection.execute(
        "SELECT id, title, source_path, front_matter, "
        "CASE WHEN substr(text, 1, 3) IN ('---', '+++') THEN text ELSE '' END FROM notes"
    )
    for note_id, title, source_path, front_matter, text in notes.fetchall():
        rows = _name_rows(note_id, title, source_path, front_matter, typed_front_matter(text))
        connection.executemany(_NAMES, rows)
    linking = connection.execute("SELECT id FROM notes WHERE instr(text, '[[')").fetchall()
    for (note_id,) in linking:
        text = connection.execute("SELECT text FROM notes WHERE id = ?", (note_id,)).fetchone()[0]
        connection.executemany(_LINKS, [_link_row(note_id, text, link) for link in find_links(text)])


def _name_rows(note_id: int, title: str, source_path: str, *front_matters: str) -> list[dict[str, Any]]:
    others = [name for lines in front_matters for name in aliases(lines)]
    names = [title, *others, PurePosixPath(source_path).stem]
    rows: dict[str, dict[str, Any]] = {}
    for number, name in enumerate(map(without_lone_surrogates, names)):
        key = target_key(name)
        if key and key not in rows:
            rows[key] = {"note_id": note_id, "key": key, "name": name, "is_title": int(number == 0)}
    return list(rows.values())


def _link_row(note_id: int, text: str, link: WikiLink) -> dict[str, Any]:
    return {
        "note_id": note_id,
        "start": link.start,
        "end": link.end,
        "target": without_lone_surrogates(link.target),
        "heading": without_lone_surrogates(link.heading),
        "key": target_key(link.target),
        "tail": tail_key(link.target),
        "excerpt": without_lone_surrogates(excerpt(text, link)),
    }
