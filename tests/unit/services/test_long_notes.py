"""Notes too long for one row of the word index: found by words of head and tail, and no save waits for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, StoreError
from desktop_app.domain.long_notes import HEAD_BYTES, tail_start
from desktop_app.domain.search_question import parse_question
from desktop_app.services.long_notes import LongNoteWords
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing

FILLER = "filler " * 150_000  # a megabyte: a head and some eight pieces


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "inkwell.sqlite3", backups=tmp_path / "backups")
    yield opened
    opened.close()


@pytest.fixture
def words(store: Store) -> LongNoteWords:
    return LongNoteWords(store.long_notes)


def found(store: Store, match: str) -> list[int]:
    return [note_id for note_id, _ in store.words.search_notes(match, 10)]


def pieces_of(store: Store, note_id: int) -> list[str]:
    with closing(sqlite3.connect(store.path)) as connection:
        rows = connection.execute("SELECT text FROM note_tails WHERE note_id = ? ORDER BY ordinal, id", (note_id,))
        return [row[0] for row in rows]


def assert_whole(store: Store, note_id: int) -> None:
    store.words.integrity_check()
    text = store.notes.get(note_id).text
    assert "".join(pieces_of(store, note_id)) == text[tail_start(text) :]
    assert store.long_notes.due() == []


def test_words_of_the_head_are_found_at_once_and_those_of_the_tail_once_it_is_filled(
    store: Store, words: LongNoteWords
) -> None:
    note = store.notes.create("Log", f"heron {FILLER} egret crane {FILLER} gull")
    assert found(store, "heron") == [note.id]
    assert found(store, "egret") == found(store, "gull") == []
    assert store.passages.counts(None)[1] == 1
    words.fill(CancelToken())
    for word in ("heron", "egret", '"egret crane"', "gull", "gul*", "egret AND crane"):
        assert found(store, word) == [note.id], word
    assert_whole(store, note.id)


def test_an_edit_is_found_and_what_went_is_not(store: Store, words: LongNoteWords) -> None:
    note = store.notes.create("Log", f"{FILLER} egret {FILLER} gull")
    words.fill(CancelToken())
    before = pieces_of(store, note.id)
    store.notes.save(note.id, title="Log", text=f"start {FILLER} osprey {FILLER} gull")
    words.fill(CancelToken())
    assert (found(store, "egret"), found(store, "osprey"), found(store, "gull")) == ([], [note.id], [note.id])
    assert len(set(pieces_of(store, note.id)) - set(before)) <= 4
    assert_whole(store, note.id)
    store.notes.save(note.id, title="Log", text="short")
    words.fill(CancelToken())
    assert found(store, "gull") == []
    assert_whole(store, note.id)


def test_the_trash_is_not_found_and_what_is_deleted_leaves_nothing(store: Store, words: LongNoteWords) -> None:
    note = store.notes.create("Log", f"{FILLER} egret")
    words.fill(CancelToken())
    store.notes.trash([note.id])
    assert found(store, "egret") == []
    words.fill(CancelToken())
    assert pieces_of(store, note.id) == []
    store.notes.restore([note.id])
    words.fill(CancelToken())
    assert found(store, "egret") == [note.id]
    store.notes.delete_forever([note.id])
    words.fill(CancelToken())
    assert pieces_of(store, note.id) == store.long_notes.due() == []
    store.words.integrity_check()


def test_stopped_anywhere_it_goes_on_where_it_was(store: Store, words: LongNoteWords) -> None:
    note = store.notes.create("Log", f"{FILLER} egret {FILLER}")
    words.fill(CancelToken())
    store.notes.save(note.id, title="Log", text=f"{FILLER[: HEAD_BYTES + 100_000]} osprey {FILLER} egret {FILLER}")
    stops = 0
    while True:
        stops += 1
        cancel = CancelToken()
        try:
            words.fill(cancel, cancel.cancel)
        except CancelledError:
            store.words.integrity_check()
            assert stops < 100
            if not store.long_notes.due():
                break
        else:
            break
    assert_whole(store, note.id)


def test_a_note_that_is_changed_while_it_is_filled_ends_right(store: Store, words: LongNoteWords) -> None:
    note = store.notes.create("Log", f"{FILLER} egret")
    edits = iter((f"{FILLER} osprey", f"{FILLER} kite {FILLER}"))

    def edit() -> None:
        if (text := next(edits, None)) is not None:
            store.notes.save(note.id, title="Log", text=text)

    words.fill(CancelToken(), edit)
    assert (found(store, "egret"), found(store, "osprey"), found(store, "kite")) == ([], [], [note.id])
    assert_whole(store, note.id)


def test_filters_and_exclusions_look_at_the_tail_too(store: Store, words: LongNoteWords) -> None:
    long = store.notes.create("Log", f"{FILLER} egret").id
    other = store.notes.create("Other", "egret filler").id
    words.fill(CancelToken())
    asked = parse_question('filler -"egret"', today=date(2026, 1, 1))
    assert store.words.best_notes(['"filler"'], 10, asked.conditions) == []
    titled = parse_question("egret title:log", today=date(2026, 1, 1))
    assert [note for note, _ in store.words.best_notes(['"egret"'], 10, titled.conditions)] == [long]
    assert [note for note, _ in store.words.best_notes(['"egret"'], 10)] == [other, long]


def test_two_phrases_may_stand_far_apart(store: Store, words: LongNoteWords) -> None:
    note = store.notes.create("Log", f"grey heron {FILLER} white egret {FILLER} black kite")
    store.notes.create("Other", "white egret")
    words.fill(CancelToken())
    asked = ['"grey heron"', '"white egret"', '"black kite"']
    assert [one for one, _ in store.words.long_notes_with_all(asked)] == [note.id]
    assert store.words.long_notes_with_all([*asked, '"red kite"']) == []


def test_what_stands_only_in_a_tail_is_known(store: Store, words: LongNoteWords) -> None:
    note = store.notes.create("Log", f"{FILLER} spoonbills")
    words.fill(CancelToken())
    assert store.words.document_frequencies(["spoonbills", "egret"]) == {"spoonbills": 1, "egret": 0}
    assert store.words.has_beginning("spoonb")
    assert store.words.notes_with_part("onbil") == [note.id]
    assert store.words.spelled_like("spoonbyl") == ["spoonbil"]


def test_indexing_fills_it_without_an_encoder(store: Store) -> None:
    note = store.notes.create("Log", f"{FILLER} egret")
    encoder = FakeEncoder()
    encoder.failure = StoreError("no encoder")
    with pytest.raises(StoreError):
        fake_indexing(store, encoder).run()
    assert found(store, "egret") == [note.id]


def test_very_many_passages_are_stored_in_several_commits(store: Store) -> None:
    note = store.notes.create("Log", "\n\n".join(f"## {number}\nword{number} " + "text " * 30 for number in range(700)))
    encoder = FakeEncoder()
    fake_indexing(store, encoder).run()
    first = {chunk.hash: chunk.id for chunk in store.passages.chunks_of([note.id])}
    store.notes.save(note.id, title="Log", text="## new\nhello\n\n" + note.text.replace("word300 ", ""))
    embedded = len(encoder.embedded)
    fake_indexing(store, encoder).run()
    second = store.passages.chunks_of([note.id])
    assert len(second) > 700
    assert sum(first.get(chunk.hash) != chunk.id for chunk in second) <= 3
    assert len(encoder.embedded) - embedded <= 3
    text = store.notes.get(note.id).text
    assert [chunk.start for chunk in second] == sorted(chunk.start for chunk in second)
    assert all(text[chunk.start : chunk.end].split()[0] in chunk.embedded_text for chunk in second)
    assert store.passages.counts(encoder.fingerprint)[1:] == (0, 0)
