"""Tags by the nearest notes: right on tagged groups with one left out, and silent where nothing is near."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.tag_suggestions import Neighbour, suggested_tags
from desktop_app.services.note_vectors import NoteMeans, NoteVectors
from desktop_app.services.tag_suggestions import TagSuggestions, tags_from_neighbours
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing

GROUPS, SIZE, STRAYS, DIMENSIONS = 12, 15, 40, 384


def tagged_vectors() -> tuple[NoteMeans, dict[int, tuple[str, ...]], list[int]]:
    """Twelve groups of notes with a tag each, and strays near nobody; the strays have a tag of nobody else's."""
    chance = np.random.default_rng(7)
    centres = chance.standard_normal((GROUPS, DIMENSIONS))
    members = centres.repeat(SIZE, axis=0) + 0.9 * chance.standard_normal((GROUPS * SIZE, DIMENSIONS))
    rows = np.concatenate((members, chance.standard_normal((STRAYS, DIMENSIONS))))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = np.arange(1, len(rows) + 1)
    tags = {int(note): (f"group-{(int(note) - 1) // SIZE}",) for note in ids[: GROUPS * SIZE]}
    strays = [int(note) for note in ids[GROUPS * SIZE :]]
    return NoteMeans("f", 1, ids.astype(np.int64), rows.astype(np.float32)), tags, strays


def test_left_out_notes_get_their_own_tag_and_strays_none() -> None:
    means, tags, strays = tagged_vectors()
    found = {note: tags_from_neighbours(means, note, {k: v for k, v in tags.items() if k != note}) for note in tags}
    right = sum(found[note][:1] == tags[note] for note in tags)
    wrong = sum(len(set(found[note]) - set(tags[note])) for note in tags)
    assert right >= 0.95 * len(tags)
    assert wrong <= 0.02 * len(tags)
    assert sum(bool(tags_from_neighbours(means, note, tags)) for note in strays) <= 0.1 * len(strays)


def test_own_tags_and_a_lone_voter_are_not_suggested() -> None:
    near = [Neighbour(0.6, 3.0, ("bread", "kitchen")), Neighbour(0.55, 2.8, ("bread",)), Neighbour(0.5, 2.5, ("odd",))]
    assert suggested_tags(near, ()) == ("bread",)
    assert suggested_tags(near, ("bread",)) == ()
    assert suggested_tags([Neighbour(0.8, 4.0, ("kitchen",))], ()) == ("kitchen",)
    assert suggested_tags([Neighbour(0.6, 4.0, ("kitchen",))], ()) == ()
    assert suggested_tags([Neighbour(0.9, 1.0, ("kitchen",))], ()) == (), "where all notes are that near"


def test_a_tag_of_few_of_many_neighbours_is_not_suggested() -> None:
    many = [Neighbour(0.6, 3.0, ("bread",))] * 6 + [Neighbour(0.6, 3.0, ("odd",))] * 2
    assert suggested_tags(many, ()) == ("bread",)


def test_what_the_title_names_weighs_more_where_a_neighbour_has_it() -> None:
    near = [Neighbour(0.6, 3.0, ("bread",))] * 4 + [Neighbour(0.6, 3.0, ("kitchen/stone-oven",))]
    assert suggested_tags(near, ()) == ("bread",)
    assert suggested_tags(near, (), "A stone oven") == ("bread", "kitchen/stone-oven")
    assert suggested_tags(near, (), "Stone") == ("bread",), "a part of a tag names nothing"
    assert suggested_tags(near, (), "A harbour") == ("bread",), "nor does what no neighbour has"
    assert suggested_tags([Neighbour(0.1, 3.0, ("oven",))], (), "Oven") == ()


@pytest.mark.parametrize("far", [Neighbour(0.15, 5.0, ("a",)), Neighbour(0.9, 0.5, ("a",))])
def test_who_is_not_near_has_no_vote(far: Neighbour) -> None:
    assert suggested_tags([far, far], ()) == ()


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


def indexed(store: Store, encoder: FakeEncoder) -> TagSuggestions:
    fake_indexing(store, encoder).run()
    return TagSuggestions(store.notes, NoteVectors(store.passages, lambda: None))


def test_from_the_store_by_the_newest_vectors_with_no_encoder_loaded(real_store: Store, encoder: FakeEncoder) -> None:
    for number in range(6):
        real_store.notes.create("", f"flour dough oven bread {number}", tags=["baking"])
        real_store.notes.create("", f"engine wheel brake oil number{number} garage{number}", tags=["car"])
    fresh = real_store.notes.create("", "bread dough from the oven")
    trashed = real_store.notes.create("", "bread dough oven flour", tags=["gone"])
    real_store.notes.trash([trashed.id])
    suggestions = indexed(real_store, encoder)
    assert suggestions.for_note(fresh.id, CancelToken()) == ("baking",)
    assert suggestions.for_note(trashed.id, CancelToken()) == ()


def test_none_without_vectors_or_without_tags(real_store: Store, encoder: FakeEncoder) -> None:
    one = real_store.notes.create("", "bread dough")
    real_store.notes.create("", "bread dough oven")
    unindexed = TagSuggestions(real_store.notes, NoteVectors(real_store.passages, lambda: None))
    assert unindexed.for_note(one.id, CancelToken()) == ()
    assert indexed(real_store, encoder).for_note(one.id, CancelToken()) == ()
    real_store.notes.set_tags(one.id, ["mine"])
    assert indexed(real_store, encoder).for_note(one.id, CancelToken()) == ()


def test_what_only_the_welcome_notes_bear_is_not_suggested(real_store: Store, encoder: FakeEncoder) -> None:
    for number in range(6):
        real_store.notes.create("", f"flour dough oven bread {number}", tags=["baking", "inkwell"], is_welcome=True)
        real_store.notes.create("", f"engine wheel brake oil number{number} garage{number}")
    fresh = real_store.notes.create("", "bread dough from the oven")
    suggestions = indexed(real_store, encoder)
    assert suggestions.for_note(fresh.id, CancelToken()) == ()
    other = real_store.notes.create("", "engine", tags=["baking"])
    assert suggestions.for_note(fresh.id, CancelToken()) == ("baking",), "the person bears it too"
    real_store.notes.trash([other.id])
    assert suggestions.for_note(fresh.id, CancelToken()) == ()
