"""Words with filters: scored as without, and the word index is walked once, not anew for each note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, event

from desktop_app.domain.conversation import Role
from desktop_app.domain.search_question import Filter, FilterKind
from desktop_app.storage.store import Store

IN_FOLDER = (Filter(FilterKind.FOLDER, "work", 0, 0),)
_Asked = Callable[[Store], Sequence[Any]]


@pytest.fixture
def notes(store: Store) -> Store:
    with store.transaction():
        for number in range(12):
            folder = "work" if number % 3 else "home"
            store.notes.create(f"Heron {number}", "heron " * number + "waits", folder=folder)
    return store


@pytest.mark.parametrize(
    "asked",
    [
        lambda store: store.words.search_notes('"heron"', 5, IN_FOLDER),
        lambda store: store.words.best_notes(['"heron"', '"waits"'], 5, IN_FOLDER),
        lambda store: store.words.search_notes('"heron"', 5, within=range(2, 9)),
    ],
)
def test_no_statement_looks_each_note_up_in_the_word_index(notes: Store, asked: _Asked) -> None:
    assert not _lookups(notes, "notes_words", asked)


def test_a_filter_changes_no_score(notes: Store) -> None:
    everything = dict(notes.words.search_notes('"heron" OR "waits"', 50))
    filtered = notes.words.search_notes('"heron" OR "waits"', 50, IN_FOLDER)
    inside = notes.filtered_notes.ids(IN_FOLDER)
    assert sorted(note_id for note_id, _ in filtered) == inside
    assert dict(filtered) == pytest.approx({note_id: everything[note_id] for note_id in inside})
    assert [score for _, score in filtered] == sorted((score for _, score in filtered), reverse=True)
    assert notes.words.search_notes('"heron" OR "waits"', 50, within=inside) == filtered


def test_messages_with_filters_are_found_in_one_walk_too(notes: Store) -> None:
    chat = notes.conversations.create("Birds")
    notes.conversations.add_message(chat.id, None, Role.USER, "the heron waits")
    titled = (Filter(FilterKind.TITLE, "birds", 0, 0),)
    assert not _lookups(notes, "messages_words", lambda store: store.messages.find('"heron"', limit=5, filters=titled))


def _lookups(store: Store, table: str, asked: _Asked) -> list[str]:
    """The plans of what was asked of a word index that ask for one row id after the other."""
    database = store.words._database
    statements: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        if f"{table} MATCH" in statement:
            statements.append((statement, values))

    event.listen(database._reading, "before_cursor_execute", listen)
    assert asked(store)
    event.remove(database._reading, "before_cursor_execute", listen)

    def plan(connection: Connection) -> list[str]:
        plans = (connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values) for sql, values in statements)
        return [row[3] for rows in plans for row in rows if f"{table} VIRTUAL" in row[3]]

    # FTS5 says "=" in its plan for such a look-up (fts5BestIndexMethod).
    walks = database.read(plan)
    assert walks
    return [walk for walk in walks if "=" in walk.partition("INDEX")[2]]
