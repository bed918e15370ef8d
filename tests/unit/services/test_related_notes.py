"""Related notes: those that share what a note is about, with the passage that does, as the note is now."""

from __future__ import annotations

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.related_notes import Related
from desktop_app.services import related_notes
from desktop_app.services.note_vectors import NoteVectors
from desktop_app.services.related_notes import RelatedNotes
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing

OTHERS = (
    "Sails, masts, harbour, wind.",
    "Ledger, taxes, fees, receipts.",
    "Goalkeeper, penalty, referee, whistle.",
    "Granite, basalt, limestone, marble.",
    "Violin, cello, trumpet, harp, drum.",
    "Python, list, tuple, loop, class.",
    "Tram, ticket, platform, timetable.",
    "Needle, thread, button, sleeve.",
    "Comet, orbit, moon, telescope.",
    "Parliament, law, vote, minister.",
    "Daffodil, tulip, rose, hedge.",
)
BREAD = "# Bread\n\nFlour and yeast rise into dough in the oven."
LOAF = (
    "# Loaf\n\n## Weather\n\nRain fell on the roof all night.\n\n## Baking\n\nDough of flour and yeast, then the oven."
)


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def store(real_store: Store, encoder: FakeEncoder) -> Store:
    for text in (BREAD, LOAF, *OTHERS):
        real_store.notes.create("", text)
    fake_indexing(real_store, encoder).run()
    return real_store


def related(store: Store, note_id: int = 1) -> Related:
    vectors = NoteVectors(store.passages, lambda: None)
    return RelatedNotes(store.notes, store.passages, vectors).for_note(note_id, CancelToken())


def test_what_is_related_comes_with_its_passage_and_no_encoder_is_needed(store: Store) -> None:
    found = related(store)
    assert found.indexed
    assert [note.note_id for note in found.notes] == [2]
    (loaf,) = found.notes
    text = store.notes.get(2).text
    assert "Dough of flour and yeast" in text[loaf.start : loaf.end]
    assert "Dough of flour and yeast" in loaf.words
    assert "#" not in loaf.words


def test_a_note_that_changed_is_compared_as_it_is_now(store: Store, encoder: FakeEncoder) -> None:
    vectors = NoteVectors(store.passages, lambda: None)
    service = RelatedNotes(store.notes, store.passages, vectors)
    assert [note.note_id for note in service.for_note(1, CancelToken()).notes] == [2]
    vectors._seconds = 1e6  # reading all again would take long: the means are old from now on
    store.notes.save(1, title="", text="Violin and cello, harp and drum.")
    assert [note.note_id for note in service.for_note(1, CancelToken()).notes] == [2], "not indexed yet"
    fake_indexing(store, encoder).run()
    (found,) = service.for_note(1, CancelToken()).notes
    assert store.notes.get(found.note_id).text.startswith("Violin")


def test_notes_in_the_trash_and_deleted_ones_are_not_listed(store: Store) -> None:
    vectors = NoteVectors(store.passages, lambda: None)
    service = RelatedNotes(store.notes, store.passages, vectors)
    assert [note.note_id for note in service.for_note(1, CancelToken()).notes] == [2]
    vectors._seconds = 1e6  # and the means know the note for a while
    store.notes.trash([2])
    assert service.for_note(1, CancelToken()).notes == ()
    store.notes.delete_forever([2])
    assert service.for_note(1, CancelToken()).notes == ()


def test_a_note_without_text_and_one_that_is_not_there_have_no_vectors(store: Store) -> None:
    empty = store.notes.create("", "")
    assert not related(store, empty.id).indexed
    assert not related(store, 999).indexed


def test_a_store_of_two_notes_tells_as_well(real_store: Store, encoder: FakeEncoder) -> None:
    for text in (BREAD, LOAF):
        real_store.notes.create("", text)
    assert not related(real_store).indexed
    fake_indexing(real_store, encoder).run()
    assert [note.note_id for note in related(real_store).notes] == [2]


def test_equal_notes_are_listed_but_not_all_of_them(real_store: Store, encoder: FakeEncoder) -> None:
    for _ in range(60):
        real_store.notes.create("Daily", "Water the plants and feed the cat.")
    fake_indexing(real_store, encoder).run()
    found = related(real_store)
    assert len(found.notes) == related_notes.MOST_LISTED
    assert all(note.nearness == pytest.approx(1.0) and note.note_id != 1 for note in found.notes)
