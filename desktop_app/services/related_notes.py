"""Notes related to the one that is open, as it was indexed last. Needs no encoder: the vectors are in the store."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.related_notes import Related, RelatedNote
from desktop_app.domain.snippets import snippet
from desktop_app.services.note_vectors import NoteMeans, NoteVectors, to_unit_length
from desktop_app.services.ports import NoteStore, PassageStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MOST_LISTED = 8
LEAST_COSINE = 0.2
"""Below that two notes have nothing to do with each other, whatever the others are like."""

LEAST_DEVIATIONS = 1.5
"""A related note is nearer than notes are on the whole by so many of their deviations."""

LEAST_PART = 0.5
"""Of the nearest one's nearness; what is farther away would only lengthen the list."""

_ENOUGH_TO_COMPARE = 10
"""Among fewer notes a mean and a deviation say nothing."""

_COMPARED_CLOSELY = 24
_MOST_PASSAGES = 32


class _Nearest(msgspec.Struct, frozen=True):
    """A note's nearness, and which of its chunks is the nearest one."""

    note_id: int
    nearness: float
    chunk_id: int


class RelatedNotes:
    """Finds them. Thread-safe.

    The mean vectors of all notes choose a few, whose passages are compared one by one. The means may be some moments
    old where there are very many notes; the open note's own vectors, and those of the few, are read afresh.
    """

    def __init__(self, notes: NoteStore, passages: PassageStore, vectors: NoteVectors) -> None:
        self._notes = notes
        self._passages = passages
        self._vectors = vectors

    def for_note(self, note_id: int, cancel: CancelToken) -> Related:
        """What is near to a note. Raises CancelledError, StoreError."""
        fingerprint = self._vectors.fingerprint()
        own = self._rows(fingerprint, [note_id]).get(note_id) if fingerprint is not None else None
        means = self._vectors.means(cancel, may_be_older=True) if own is not None else None
        if fingerprint is None or own is None or means is None or means.rows.shape[1] != own[1].shape[1]:
            return Related(indexed=False)
        chosen = _near_on_the_whole(means, note_id, own[1])
        cancel.raise_if_cancelled()
        found = [
            _compared(other, ids, rows, own[1])
            for other, (ids, rows) in self._rows(fingerprint, chosen).items()
            if rows.shape[1] == own[1].shape[1]
        ]
        found.sort(key=lambda each: (-each.nearness, each.note_id))
        return Related(self._with_words(found))

    def _rows(self, fingerprint: str, note_ids: list[int]) -> dict[int, tuple[list[int], Floats]]:
        """(chunk ids, vectors of length 1) by note; notes without vectors are left out."""
        import numpy as np

        by_note: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        for chunk_id, note_id, vector in self._passages.vectors_of(fingerprint, note_ids):
            by_note[note_id].append((chunk_id, vector))
        found: dict[int, tuple[list[int], Floats]] = {}
        for note_id, all_of_it in by_note.items():
            pairs = all_of_it[:: -(-len(all_of_it) // _MOST_PASSAGES)]
            rows = np.stack([np.frombuffer(vector, "<f4") for _, vector in pairs])
            found[note_id] = [chunk_id for chunk_id, _ in pairs], to_unit_length(rows)
        return found

    def _with_words(self, found: list[_Nearest]) -> tuple[RelatedNote, ...]:
        chunks = {chunk.id: chunk for chunk in self._passages.chunks_by_id([each.chunk_id for each in found])}
        notes = {note.id: note for note in self._notes.get_many([each.note_id for each in found])}
        least = LEAST_PART * found[0].nearness if found else 0.0
        listed: list[RelatedNote] = []
        for each in found:
            if each.nearness < least:
                break
            note, chunk = notes.get(each.note_id), chunks.get(each.chunk_id)
            if note is None or note.trashed_at is not None or chunk is None:
                continue
            words = snippet(note.title, note.text[chunk.start : chunk.end])
            listed.append(RelatedNote(note.id, note.title, each.nearness, chunk.start, chunk.end, words))
            if len(listed) == MOST_LISTED:
                break
        return tuple(listed)


def _near_on_the_whole(means: NoteMeans, note_id: int, own: Floats) -> list[int]:
    """The notes whose mean is near to that of `own`, the nearest first."""
    import numpy as np

    mean = own.mean(axis=0)
    cosines = means.rows @ (mean / max(float(np.linalg.norm(mean)), 1e-9))
    place = means.place(note_id)
    others = cosines if place is None else np.delete(cosines, place)
    least = LEAST_COSINE
    if len(others) >= _ENOUGH_TO_COMPARE:
        least = max(least, float(others.mean() + LEAST_DEVIATIONS * others.std()))
    order = np.argsort(-cosines, kind="stable")[: _COMPARED_CLOSELY + 1]
    ids = [int(means.note_ids[other]) for other in order if float(cosines[other]) >= least]
    return [other for other in ids if other != note_id][:_COMPARED_CLOSELY]


def _compared(note_id: int, chunk_ids: list[int], rows: Floats, own: Floats) -> _Nearest:
    cosines = own @ rows.T
    nearness = float(cosines.max(axis=1).mean())
    return _Nearest(note_id, nearness, chunk_ids[int(cosines.max(axis=0).argmax())])
