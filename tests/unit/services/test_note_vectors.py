"""Mean vectors: of unit length, fresh when the store changed, older only where that is allowed and reading is slow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.services.note_vectors import NoteVectors
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing


class Passages:
    def __init__(self) -> None:
        self.rows = [(1, 20, [2.0, 0.0]), (2, 10, [0.0, 3.0]), (3, 20, [0.0, 5.0])]
        self.version = 1
        self.reads = 0

    def newest_fingerprint(self) -> str | None:
        return "f" if self.rows else None

    def vectors_version(self) -> int:
        return self.version

    def vectors(self, fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        assert fingerprint == "f"
        self.reads += 1
        for chunk, note, vector in self.rows:
            yield chunk, note, np.asarray(vector, "<f4").tobytes()


def test_each_passage_counts_alike_and_the_mean_has_unit_length() -> None:
    means = NoteVectors(Passages(), lambda: None).means(CancelToken())  # type: ignore[arg-type]
    assert means is not None
    assert means.note_ids.tolist() == [10, 20]
    assert means.rows.tolist() == [[0.0, 1.0], pytest.approx([0.5**0.5, 0.5**0.5])]
    assert (means.place(20), means.place(15), means.place(99)) == (1, None, None)


def test_read_again_only_when_vectors_changed_and_older_ones_only_where_allowed() -> None:
    store = Passages()
    vectors = NoteVectors(store, lambda: None)  # type: ignore[arg-type]
    vectors.means(CancelToken())
    vectors.means(CancelToken())
    assert store.reads == 1
    store.version = 2
    vectors._seconds = 1_000.0  # reading takes long
    older = vectors.means(CancelToken(), may_be_older=True)
    assert older is not None
    assert (older.version, store.reads) == (1, 1)
    fresh = vectors.means(CancelToken())
    assert fresh is not None
    assert (fresh.version, store.reads) == (2, 2)


def test_nothing_and_stopping() -> None:
    store = Passages()
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        NoteVectors(store, lambda: None).means(cancel)  # type: ignore[arg-type]
    store.rows = []
    assert NoteVectors(store, lambda: None).means(CancelToken()) is None  # type: ignore[arg-type]


def test_during_a_change_of_encoder_the_vectors_of_all_notes_are_compared(real_store: Store) -> None:
    for number in range(3):
        real_store.notes.create("", f"text {number}")
    former, new = FakeEncoder("former"), FakeEncoder("new")
    fake_indexing(real_store, former).run()
    chunk = real_store.passages.chunks_of([1])[0]
    loaded = new.ensure()
    real_store.passages.add_vectors("new", loaded.dimensions, [(chunk.hash, new.embed_passages(["text 0"])[0])])
    vectors = NoteVectors(real_store.passages, real_store.served_index.served)
    means = vectors.means(CancelToken())
    assert means is not None
    assert (means.fingerprint, len(means.note_ids)) == ("former", 3)
    fake_indexing(real_store, new).run()
    assert vectors.fingerprint() == "new"
