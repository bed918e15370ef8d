from __future__ import annotations

import hashlib
import struct
import threading
from pathlib import Path

import pytest

from desktop_app.domain.errors import StoreError
from desktop_app.domain.search import Chunk
from desktop_app.storage.leases import Leases
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing


def chunk(text: str, start: int = 0) -> Chunk:
    return Chunk(start, start + len(text), ("H",), text, hashlib.sha256(text.encode()).hexdigest())


def vector(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def test_a_note_is_chunked_embedded_and_found(store: Store) -> None:
    note = store.notes.create("t", "one two")
    passages = store.passages
    assert passages.notes_to_chunk() == [note.id]
    assert passages.counts("e") == (1, 1, 0)
    one, two = chunk("one"), chunk("two", 4)
    passages.replace_chunks(note.id, note.revision, [one, two])
    assert passages.notes_to_chunk() == []
    assert passages.counts("e") == (1, 1, 2)
    assert [found.hash for found in passages.chunks_to_embed("e")] == [one.hash, two.hash]
    passages.add_vectors("e", 2, [(one.hash, vector(1, 0)), (two.hash, vector(0, 1))])
    assert passages.counts("e") == (1, 0, 0)
    assert passages.counts("other encoder") == (1, 1, 2)
    assert passages.counts(None) == (1, 1, 2)
    stored = passages.chunks_of([note.id])
    assert [(c.start, c.end, c.embedded_text) for c in stored] == [(0, 3, "one"), (4, 7, "two")]
    assert list(passages.vectors("e")) == [
        (stored[0].id, note.id, vector(1, 0)),
        (stored[1].id, note.id, vector(0, 1)),
    ]
    assert passages.chunks_by_id([stored[1].id, 999, stored[0].id]) == [stored[1], stored[0]]


def test_a_vector_of_another_length_is_refused_with_all_that_come_with_it(store: Store) -> None:
    note = store.notes.create("t", "one two")
    one, two = chunk("one"), chunk("two", 4)
    store.passages.replace_chunks(note.id, note.revision, [one, two])
    with pytest.raises(ValueError, match="vectors of 1 chunks do not have 2"):
        store.passages.add_vectors("e", 2, [(one.hash, vector(1, 0)), (two.hash, vector(1))])
    assert list(store.passages.vectors("e")) == []


def test_each_chunk_that_moved_gets_its_own_new_place(store: Store) -> None:
    note = store.notes.create("t", "x")
    store.passages.replace_chunks(note.id, 1, [chunk("one"), chunk("two", 4), chunk("three", 8)])
    kept = {each.hash: each.id for each in store.passages.chunks_of([note.id])}
    store.passages.replace_chunks(note.id, 1, [chunk("one"), chunk("three", 4), chunk("two", 10)])
    after = store.passages.chunks_of([note.id])
    assert [(each.embedded_text, each.start, each.end) for each in after] == [
        ("one", 0, 3),
        ("three", 4, 9),
        ("two", 10, 13),
    ]
    assert {each.hash: each.id for each in after} == kept


def test_unchanged_chunks_keep_their_row_and_vector(store: Store) -> None:
    passages = store.passages
    note = store.notes.create("t", "x")
    one, two = chunk("one"), chunk("two", 4)
    passages.replace_chunks(note.id, 1, [one, two])
    passages.add_vectors("e", 1, [(one.hash, vector(1)), (two.hash, vector(2))])
    kept = passages.chunks_of([note.id])[1]
    edited = store.notes.save(note.id, title="t", text="y")
    assert passages.notes_to_chunk() == [note.id]
    passages.replace_chunks(note.id, edited.revision, [chunk("new"), chunk("two", 100)])
    after = passages.chunks_of([note.id])
    assert (after[1].id, after[1].start) == (kept.id, 100)
    assert [found.embedded_text for found in passages.chunks_to_embed("e")] == ["new"]
    # The vector of the chunk that went away went with it.
    passages.replace_chunks(note.id, edited.revision, [one])
    assert passages.counts("e") == (1, 1, 1)


def test_a_vector_that_another_note_shares_stays_when_a_note_goes_or_changes(store: Store) -> None:
    passages = store.passages
    same, other = chunk("same"), chunk("other")
    stays, goes, changes = (store.notes.create(title, "x") for title in ("stays", "goes", "changes"))
    for note in (stays, goes, changes):
        passages.replace_chunks(note.id, 1, [same])
    passages.add_vectors("e", 1, [(same.hash, vector(1))])
    store.notes.delete_forever([goes.id])
    passages.replace_chunks(changes.id, 1, [other])
    assert [note_id for _, note_id, _ in passages.vectors("e")] == [stays.id]


def test_equal_passages_share_one_vector(store: Store) -> None:
    passages = store.passages
    a, b = store.notes.create("a", "x"), store.notes.create("b", "x")
    same = chunk("same")
    passages.replace_chunks(a.id, 1, [same])
    passages.replace_chunks(b.id, 1, [same, chunk("same")])
    assert len(passages.chunks_to_embed("e")) == 1
    passages.add_vectors("e", 1, [(same.hash, vector(1))])
    assert passages.counts("e") == (2, 0, 0)
    store.notes.delete_forever([a.id])
    assert passages.counts("e") == (1, 0, 0)
    store.notes.delete_forever([b.id])
    assert list(passages.vectors("e")) == []
    assert store._database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM vectors").scalar()) == 0


def test_chunks_of_an_old_revision_are_not_the_last_word(store: Store) -> None:
    note = store.notes.create("t", "one")
    store.notes.save(note.id, title="t", text="two")
    store.passages.replace_chunks(note.id, 1, [chunk("one")])
    assert store.passages.notes_to_chunk() == [note.id]
    store.notes.delete_forever([note.id])
    store.passages.replace_chunks(note.id, 2, [chunk("one")])
    assert store.passages.chunks_of([note.id]) == []


def test_newest_edit_first_and_trash_left_out(store: Store, clock) -> None:  # type: ignore[no-untyped-def]
    ids = []
    for name in "abc":
        clock.forward(minutes=1)
        ids.append(store.notes.create(name, name).id)
    assert store.passages.notes_to_chunk() == ids[::-1]
    for note_id, name in zip(ids, "abc", strict=True):
        store.passages.replace_chunks(note_id, 1, [chunk(name)])
    assert [found.embedded_text for found in store.passages.chunks_to_embed("e", 2)] == ["c", "b"]
    store.notes.trash([ids[2]])
    assert [found.embedded_text for found in store.passages.chunks_to_embed("e")] == ["b", "a"]
    store.passages.add_vectors("e", 1, [(chunk(name).hash, vector(1)) for name in "abc"])
    assert [row[1] for row in store.passages.vectors("e")] == ids[:2]
    store.notes.restore([ids[2]])
    assert [row[1] for row in store.passages.vectors("e")] == ids


def test_every_change_of_the_matrix_changes_its_version(store: Store) -> None:
    seen = [store.passages.vectors_version()]

    def changed() -> bool:
        seen.append(store.passages.vectors_version())
        return seen[-1] != seen[-2]

    note = store.notes.create("t", "x")
    changed()
    store.passages.replace_chunks(note.id, 1, [chunk("x")])
    assert changed()
    store.passages.add_vectors("e", 1, [(chunk("x").hash, vector(1))])
    assert changed()
    store.notes.trash([note.id])
    assert changed()
    store.notes.restore([note.id])
    assert changed()
    store.notes.delete_forever([note.id])
    assert changed()
    store.ui_state.set("a", 1)
    assert not changed()


def test_vectors_of_a_wrong_length_are_refused(store: Store) -> None:
    with pytest.raises(ValueError):
        store.passages.add_vectors("e", 2, [("h", vector(1))])
    assert list(store.passages.vectors("e")) == []


def test_vectors_come_in_pages_and_complete(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.storage.passages._PAGE", 7)
    note = store.notes.create("t", "x")
    many = [chunk(f"c{number}") for number in range(21)]
    store.passages.replace_chunks(note.id, 1, many)
    store.passages.add_vectors("e", 1, [(one.hash, vector(1)) for one in many])
    ids = [row[0] for row in store.passages.vectors("e")]
    assert len(ids) == 21
    assert ids == sorted(ids)


def test_a_passage_written_before_the_others_comes_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.storage.passages._PAGE", 2)
    first, second = store.notes.create("first", "x"), store.notes.create("second", "x")
    old, more, beginning, of_second = chunk("old"), chunk("more", 4), chunk("beginning"), chunk("of second")
    store.passages.replace_chunks(first.id, 1, [old, more])
    store.passages.replace_chunks(second.id, 1, [of_second])
    store.passages.replace_chunks(first.id, 1, [beginning, chunk("old", 10), chunk("more", 14)])
    numbered = {beginning.hash: 1, old.hash: 2, more.hash: 3, of_second.hash: 4}
    store.passages.add_vectors("e", 1, [(digest, vector(number)) for digest, number in numbered.items()])
    found = [(note_id, stored) for _, note_id, stored in store.passages.vectors("e")]
    expected = [(first.id, vector(number)) for number in (1, 2, 3)] + [(second.id, vector(4))]
    assert found == expected


def test_a_lease_of_a_process_that_is_gone_is_free(store: Store, clock) -> None:  # type: ignore[no-untyped-def]
    leases = Leases(store.leases._database, clock, has_ended=lambda owner: owner == "dead")
    assert leases.acquire("index", "dead", 60)
    assert leases.acquire("index", "a", 60)
    assert not leases.acquire("index", "b", 60)


def test_a_lease_that_was_taken_while_another_waited_to_write_is_not_taken_over(store: Store, clock) -> None:  # type: ignore[no-untyped-def]
    """As the lease's keeper may wait: what was taken meanwhile is of the past by its turn, and not of the future."""
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(store.leases.acquire("index", "late", 60)))
    with store.transaction():
        waiting.start()
        while not store.others_wait():
            assert waiting.is_alive()
        clock.forward(seconds=1)
        assert store.leases.acquire("index", "first", 60)
    waiting.join(10)
    assert answers == [False]
    assert store.leases.acquire("index", "first", 60)


def test_leases_pass_on_and_survive_a_clock_set_back(store: Store, clock) -> None:  # type: ignore[no-untyped-def]
    leases = store.leases
    assert leases.acquire("index", "a", 10)
    assert leases.acquire("index", "a", 10)
    assert not leases.acquire("index", "b", 10)
    assert leases.acquire("other", "b", 10)
    leases.release("index", "b")
    assert not leases.acquire("index", "b", 10)
    clock.forward(seconds=11)
    assert leases.acquire("index", "b", 10)
    clock.forward(days=-30)
    assert leases.acquire("index", "a", 10)
    leases.release("index", "a")
    assert leases.acquire("index", "b", 10)


def test_ui_state(store: Store) -> None:
    state = store.ui_state
    assert state.get("k", 5) == 5
    for value in ({"a": [1, None]}, None, "ä\x00", 1.5, False):
        state.set("k", value)
        assert state.get("k", 5) == value
    with pytest.raises(TypeError):
        state.set("k", object())
    assert state.get("k") is False


def test_expressions_full_text_does_not_understand_are_an_error_of_the_store(store: Store) -> None:
    with pytest.raises(StoreError):
        store.words.search_notes('"', 5)


def test_going_back_to_an_earlier_encoder_embeds_nothing_again(store: Store, backups_folder: Path) -> None:
    note = store.notes.create("t", "x")
    store.passages.replace_chunks(note.id, 1, [chunk("x"), chunk("y")])
    for encoder in ("first", "second"):
        due = store.passages.chunks_to_embed(encoder)
        assert len(due) == 2
        store.passages.add_vectors(encoder, 1, [(one.hash, vector(1)) for one in due])
    store.close()
    again = Store.open(store.path, backups=backups_folder)
    assert again.passages.counts("first") == (1, 0, 0)
    assert again.passages.chunks_to_embed("first") == []
    other = again.notes.create("copy", "x")
    again.passages.replace_chunks(other.id, 1, [chunk("x")])
    assert again.passages.chunks_to_embed("first") == []
    assert again.passages.counts("first") == (2, 0, 0)
    again.close()


def test_the_order_is_the_same_for_few_and_for_many(store: Store, clock, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    for number in range(8):
        clock.forward(minutes=1)
        note = store.notes.create(f"n{number}", "x")
        store.passages.replace_chunks(note.id, 1, [chunk(f"{number} {place}") for place in range(3)])
    few = store.passages.chunks_to_embed("e", 10)
    monkeypatch.setattr("desktop_app.storage.passages._FEW", 0)
    assert store.passages.chunks_to_embed("e", 10) == few
    assert [one.embedded_text for one in few[:4]] == ["7 0", "7 1", "7 2", "6 0"]


def test_vectors_of_some_notes_come_in_the_order_of_their_text(store: Store) -> None:
    ids = [store.notes.create("", f"# {name}\n\none\n\n# Second\n\ntwo").id for name in ("A", "B", "C")]
    encoder = FakeEncoder()
    fake_indexing(store, encoder).run()
    found = store.passages.vectors_of("fake", [ids[2], ids[0]])
    assert [(chunk_id, note_id) for chunk_id, note_id, _ in found] == [
        (chunk.id, chunk.note_id) for chunk in store.passages.chunks_of([ids[0], ids[2]])
    ]
    every = {chunk_id: vector for chunk_id, _, vector in store.passages.vectors("fake")}
    assert all(every[chunk_id] == vector for chunk_id, _, vector in found)
    assert store.passages.vectors_of("another", ids) == []
    assert store.passages.vectors_of("fake", []) == []
