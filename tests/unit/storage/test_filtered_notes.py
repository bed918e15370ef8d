"""What met filters is remembered, and never longer than it is true."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.search_question import Filter, FilterKind
from desktop_app.storage.store import Store


def _filter(kind: FilterKind, value: str, *, excluded: bool = False, start: int = 0, growing: bool = False) -> Filter:
    return Filter(kind, value, start, start + len(value), excluded=excluded, growing=growing)


NOT_WORK = [_filter(FilterKind.FOLDER, "Work", excluded=True)]
NOT_RED = [_filter(FilterKind.TAG, "red", excluded=True)]


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What was asked of any store."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def test_folders_are_compared_whatever_their_case_and_with_what_is_below(store: Store) -> None:
    top = store.notes.create("top", "x").id
    inside = [store.notes.create(folder, "x", folder=folder).id for folder in ("Work", "Work/a", "b/WORK/c")]
    beside = store.notes.create("beside", "x", folder="Workshop").id
    umlaut = store.notes.create("umlaut", "x", folder="ÄRGER").id
    gone = store.notes.create("gone", "x", folder="Work").id
    store.notes.trash([gone])
    ids = store.filtered_notes.ids
    assert ids(NOT_WORK) == [top, beside, umlaut]
    assert ids([_filter(FilterKind.FOLDER, "work")]) == inside
    assert ids([_filter(FilterKind.FOLDER, "work", growing=True)]) == [*inside, beside]
    assert ids([_filter(FilterKind.FOLDER, "ärger")]) == [umlaut]
    assert ids([_filter(FilterKind.FOLDER, "")]) == [top]


def test_the_same_filters_are_looked_up_once(store: Store, statements: list[str]) -> None:
    for number in range(5):
        store.notes.create("word", "x", folder="Work" if number % 2 else "Home")
    first = store.filtered_notes.ids(NOT_WORK)
    statements.clear()
    elsewhere = [_filter(FilterKind.FOLDER, "Work", excluded=True, start=7)]
    with store.words.interruptible(CancelToken()):
        assert store.filtered_notes.ids(elsewhere) == first
        found = store.words.best_notes(['"word"'], 10, elsewhere)
        assert {note_id for note_id, _ in found} == set(first)
    assert not [each for each in statements if "group_concat(notes.id" in each]


def test_every_change_is_seen_whoever_made_it(store: Store) -> None:
    note = store.notes.create("word", "x")
    sieve, words = store.filtered_notes, store.words

    def found_by(filters: list[Filter]) -> bool:
        listed = [note_id for note_id, _ in words.best_notes(['"word"'], 10, filters)]
        assert sieve.ids(filters) == listed
        return listed == [note.id]

    assert found_by(NOT_WORK)
    store.notes.move([note.id], "Work")
    assert not found_by(NOT_WORK)
    assert found_by(NOT_RED)
    store.notes.set_tags(note.id, ["red"])
    assert not found_by(NOT_RED)
    other = sqlite3.connect(store.path)
    with other:
        other.execute("UPDATE notes SET folder = 'Home'")
        other.execute("DELETE FROM note_tags")
    other.close()
    assert found_by(NOT_WORK)
    assert found_by(NOT_RED)


def test_what_is_not_committed_is_seen_inside_and_not_remembered(store: Store) -> None:
    note = store.notes.create("word", "x")

    def half() -> None:
        with store.transaction():
            assert store.filtered_notes.ids(NOT_WORK) == [note.id]
            store.notes.move([note.id], "Work")
            assert store.filtered_notes.ids(NOT_WORK) == []
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with store.transaction():
        assert store.filtered_notes.ids(NOT_WORK) == [note.id]


def test_filters_without_end_are_not_all_kept(store: Store) -> None:
    note = store.notes.create("word", "x", folder="f1")
    for number in range(50):
        met = store.filtered_notes.ids([_filter(FilterKind.FOLDER, f"f{number}")])
        assert met == ([note.id] if number == 1 else [])
    kept = store._database.read(lambda connection: connection.info["filtered_notes"][1])
    assert 0 < len(kept) <= 4
