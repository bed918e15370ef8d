"""Links between notes as the store keeps them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.domain.notes import ImportSource
from desktop_app.domain.wiki_links import find_links
from desktop_app.storage.link_rows import fill_links
from desktop_app.storage.store import Store


def _rows(store: Store) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store.path)) as connection:
        return connection.execute("SELECT start, end, target FROM note_links ORDER BY note_id, start").fetchall()


def test_links_follow_the_text_in_its_commit(store: Store) -> None:
    text = "a [[b]]\n\nc [[d]] [[e]]\n"
    note = store.notes.create("a", text)
    for change in (
        "a [[b]] [[x]]\n\nc [[d]] [[e]]\n",
        "new line\n" + text,
        "",
        "```\n[[a]]\n```\n[[b]]",
        text * 40,
        text,
    ):
        store.notes.save(note.id, title="a", text=change)
        assert _rows(store) == [(link.start, link.end, link.target) for link in find_links(change)], change
    store.notes.delete_forever([note.id])
    assert _rows(store) == []


def test_backlinks_are_what_means_the_note(store: Store) -> None:
    near = store.notes.create("Ink", "black", folder="Work")
    far = store.notes.create("Ink", "blue", folder="Home")
    first = store.notes.create("Pen", "needs [[ink]] and [[Home/Ink#Blue]]", folder="Work/Tools")
    gone = store.notes.create("Gone", "[[Ink]]")
    store.notes.trash([gone.id])
    assert [(link.note_id, link.excerpt) for link in store.note_links.links_to(near.id)] == [
        (first.id, "needs [[ink]] and [[Home/Ink#Blue]]")
    ]
    assert [(link.target, link.title) for link in store.note_links.links_to(far.id)] == [("Home/Ink", "Pen")]
    store.notes.restore([gone.id])
    assert {link.note_id for link in store.note_links.links_to(near.id)} == {first.id, gone.id}
    store.notes.trash([near.id])
    assert len(store.note_links.links_to(far.id)) == 3


def test_a_note_answers_to_title_aliases_and_file_name(store: Store) -> None:
    source = ImportSource("Poets/sappho.md", "/x/sappho.md", "0", front_matter="aliases: [Psappho, 'The tenth muse']\n")
    note = store.notes.create("Sappho of Lesbos", "x", source=source, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    names = ["sappho of lesbos", "psappho", "The Tenth Muse", "Sappho", "Sapph"]
    assert store.note_links.resolve(names, "") == dict.fromkeys(names[:4], note.id)
    assert [(one.name, one.is_title) for one in store.note_links.names("muse", 5)] == [("The tenth muse", False)]
    store.notes.save(note.id, title="Sappho the poet", text="x")
    assert store.note_links.resolve(["Sappho of Lesbos", "Sappho the poet"], "") == {"Sappho the poet": note.id}
    store.notes.trash([note.id])
    assert store.note_links.resolve(names, "") == {}


def test_names_that_begin_with_what_is_typed_come_first(store: Store, clock: object) -> None:
    for title in ("Tinker", "Inkwell", "Ink", "100%", "Over"):
        store.notes.create(title, "")
    assert [one.name for one in store.note_links.names("ink", 5)] == ["Ink", "Inkwell", "Tinker"]
    assert [one.name for one in store.note_links.names("%", 5)] == ["100%"]
    assert len(store.note_links.names("", 3)) == 3


def test_older_stores_get_their_links(tmp_path: Path) -> None:
    from tests.migrations.test_migrations import _migrated

    path = tmp_path / "a.sqlite3"
    _migrated(path, "0003")
    with closing(sqlite3.connect(path)) as connection:
        for title, text in (("Ink", "x"), ("Pen", "[[Ink]]")):
            connection.execute(
                "INSERT INTO notes(title, folder, snippet, tags, created_at, edited_at, source_path, source_file, "
                "source_hash, revision, is_welcome, front_matter, text) "
                "VALUES (?, '', '', '', 1, 1, '', '', '', 1, 0, '', ?)",
                (title, text),
            )
        connection.execute("PRAGMA user_version=3")
        connection.commit()
    with closing(Store.open(path, backups=tmp_path / "b")) as store:
        assert [link.title for link in store.note_links.links_to(1)] == ["Pen"]


def test_aliases_that_stand_in_the_text_are_names_too(store: Store) -> None:
    typed = "---\naliases: [Iron gall]\n---\n# Ink\n"
    note = store.notes.create("Ink", typed)
    assert store.note_links.resolve(["iron gall"], "") == {"iron gall": note.id}
    with closing(sqlite3.connect(store.path)) as connection:
        before = connection.execute("SELECT note_id, key, name, is_title FROM note_names ORDER BY key").fetchall()
        fill_links(connection)
        after = connection.execute("SELECT note_id, key, name, is_title FROM note_names ORDER BY key").fetchall()
        connection.rollback()
    assert before == after
    store.notes.save(note.id, title="Ink", text=typed.replace("Iron gall", "The black one"))
    assert store.note_links.resolve(["iron gall", "the black one"], "") == {"the black one": note.id}
    store.notes.save(note.id, title="Ink", text="# Ink\n")
    assert store.note_links.resolve(["the black one"], "") == {}
