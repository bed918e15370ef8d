"""All vectors of one encoder in memory, so that a question meets every passage in one product.

A cache: the store's rows are the truth, and a change of `vectors_version` makes the matrix stale.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop_app.domain.errors import StoreError
from desktop_app.domain.search import SimilarityMeasure
from desktop_app.services.ports import PassageStore
from desktop_app.services.similarity import cosines_of, similarities
from desktop_app.services.vector_signs import Signs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

_log = logging.getLogger(__name__)

_EXACT_ROWS = 200_000
"""Up to so many passages all cosines are computed; beyond, the signs of the vectors choose those that are worth it."""

SHORTLIST = 8_000
"""Passages whose cosine is computed where the signs of all were compared first."""

_AT_ONCE_SECONDS = 0.15
"""A matrix that was built faster than this is built again at once when stale; a slower one beside the searches."""

_PAUSE_FACTOR = 5.0
"""Between two builds of a slow matrix lies at least this many times the time a build takes."""


_MOST_PASSAGES = 32
"""Of a longer note so many passages, evenly spread, are compared with those of all others."""

_BEGINNING_SHARE = 0.3
_BEGINNING_PASSAGES = 4
"""The beginning of a note tells how its nearest passage is meant, so its similarity counts by that share; in a note
of more than so many passages, which may be about many things (a diary, a book), by less (benchmarks/RESULTS.md).
"""


@dataclass(frozen=True)
class _Matrix:
    """Rows sorted by note, there in the order of its text: `starts` are the first rows of `note_ids`, one each."""

    fingerprint: str
    version: int
    rows: Floats
    chunk_ids: Integers
    note_ids: Integers
    starts: Integers
    signs: Signs | None = None

    def place(self, note_id: int) -> int | None:
        """Which of `note_ids` it is; None for a note without vectors."""
        import numpy as np

        place = int(np.searchsorted(self.note_ids, note_id))
        return place if place < len(self.note_ids) and int(self.note_ids[place]) == note_id else None

    def places(self, note_ids: Iterable[int]) -> Integers:
        """Which of `note_ids` they are; all of them must have vectors."""
        import numpy as np

        return np.searchsorted(self.note_ids, np.fromiter(note_ids, np.int64))

    def beginning_shares(self, places: Integers) -> Floats:
        """How much the first passage of these notes counts, 0 to 1."""
        import numpy as np

        ends = np.append(self.starts, len(self.rows))[places + 1]
        passages = ends - self.starts[places]
        return (_BEGINNING_SHARE * np.minimum(1.0, _BEGINNING_PASSAGES / passages)).astype(np.float32)

    def rows_of(self, note_id: int) -> range:
        """The rows of a note's passages."""
        place = self.place(note_id)
        if place is None:
            return range(0)
        last = int(self.starts[place + 1]) if place + 1 < len(self.starts) else len(self.chunk_ids)
        return range(int(self.starts[place]), last)


class Similarities:
    """The similarity of a question to every passage, looked at by note: a note is as near as its nearest passage.

    Args:
        passages: the similarity of each row of the matrix.
        notes: that of each note, where it is another one than its nearest passage's.
        allowed: which notes may be found; the background is that of all.
    """

    def __init__(
        self, matrix: _Matrix, passages: Floats, notes: Floats | None = None, allowed: NDArray[np.bool_] | None = None
    ) -> None:
        import numpy as np

        self._matrix = matrix
        self._passages = passages
        self._as_wholes = notes is not None
        if notes is None:
            notes = np.maximum.reduceat(passages, matrix.starts) if len(passages) else passages
        self._best: Floats = notes
        self._allowed = allowed
        self.note_count = len(self._best)
        self.background = float(self._best.mean()) if len(self._best) else 0.0
        """Mean similarity over all notes."""
        self.spread = float(self._best.std()) if len(self._best) else 0.0
        """Standard deviation of the similarity over all notes."""

    def within(self, note_ids: Iterable[int]) -> Similarities:
        """The same, but only these notes may be found."""
        import numpy as np

        allowed = np.isin(self._matrix.note_ids, np.fromiter(note_ids, np.int64))
        if self._allowed is not None:
            allowed &= self._allowed
        within = copy.copy(self)
        within._allowed = allowed
        return within

    def top(self, count: int) -> dict[int, float]:
        """The nearest notes with their similarity, best first."""
        import numpy as np

        places = np.arange(len(self._best)) if self._allowed is None else np.flatnonzero(self._allowed)
        best = self._best[places]
        if count < len(best):
            places = places[np.argpartition(best, len(best) - count)[len(best) - count :]]
        places = places[np.argsort(-self._best[places], kind="stable")]
        return {int(self._matrix.note_ids[place]): float(self._best[place]) for place in places}

    def of(self, note_ids: Iterable[int]) -> dict[int, float]:
        """The similarity of those notes that have vectors."""
        found = ((note_id, self._matrix.place(note_id)) for note_id in note_ids)
        return {note_id: float(self._best[place]) for note_id, place in found if place is not None}

    def with_beginnings(self, nearest: Mapping[int, float]) -> dict[int, float]:
        """What orders notes (id → similarity, as `top` and `of` tell it): each drawn towards its first passage.

        A note that was compared as a whole with another one stays as it is.
        """
        import numpy as np

        if self._as_wholes or not nearest:
            return dict(nearest)
        places = self._matrix.places(nearest)
        shares = self._matrix.beginning_shares(places)
        similarity = np.fromiter(nearest.values(), np.float32)
        drawn = similarity + shares * (self._of_rows(self._matrix.starts[places]) - similarity)
        return dict(zip(nearest, drawn.tolist(), strict=True))

    def _of_rows(self, rows: Integers) -> Floats:
        """The similarities of these passages."""
        return self._passages[rows]

    def passages(self, note_id: int) -> dict[int, float]:
        """(chunk id → similarity) of a note's passages; empty where it has no vectors."""
        return {int(self._matrix.chunk_ids[row]): float(self._passages[row]) for row in self._matrix.rows_of(note_id)}


class ShortlistedSimilarities(Similarities):
    """Cosines of the passages whose signs are most like the question's, and of what is asked for; the background comes
    from a sample of the notes. What is told is exact: signs only choose which notes `top` looks at.
    """

    def __init__(
        self,
        matrix: _Matrix,
        question: Floats,
        signs: Signs,
        allowed: NDArray[np.bool_] | None = None,
        known: tuple[float, float] | None = None,
    ) -> None:
        self._matrix = matrix
        self._question = question
        self._signs = signs
        self._allowed = allowed
        self._as_wholes = False
        self.note_count = len(matrix.note_ids)
        self.background, self.spread = known or signs.background(question)

    def within(self, note_ids: Iterable[int]) -> Similarities:
        """The same, but only these notes may be found: the list is made of their passages, so that few notes are all
        on it.
        """
        import numpy as np

        allowed = np.isin(self._matrix.note_ids, np.fromiter(note_ids, np.int64))
        if self._allowed is not None:
            allowed &= self._allowed
        return ShortlistedSimilarities(
            self._matrix, self._question, self._signs, allowed, (self.background, self.spread)
        )

    def top(self, count: int) -> dict[int, float]:
        """The nearest notes with their similarity, best first."""
        import numpy as np

        rows = self._signs.nearest(self._question, SHORTLIST, self._allowed_rows())
        cosines = cosines_of(self._matrix.rows[rows], self._question)
        places = np.searchsorted(self._matrix.starts, rows, side="right") - 1
        best: dict[int, float] = {}
        for row in np.argsort(-cosines, kind="stable"):
            best.setdefault(int(self._matrix.note_ids[places[row]]), float(cosines[row]))
            if len(best) == count:
                break
        return best

    def _allowed_rows(self) -> Integers | None:
        import numpy as np

        if self._allowed is None:
            return None
        passages = np.diff(np.append(self._matrix.starts, len(self._matrix.rows)))
        return np.flatnonzero(np.repeat(self._allowed, passages))

    def of(self, note_ids: Iterable[int]) -> dict[int, float]:
        """The similarity of those notes that have vectors."""
        found = ((note_id, self._matrix.rows_of(note_id)) for note_id in note_ids)
        return {note_id: float(self._cosines(rows).max()) for note_id, rows in found if rows}

    def passages(self, note_id: int) -> dict[int, float]:
        """(chunk id → similarity) of a note's passages; empty where it has no vectors."""
        rows = self._matrix.rows_of(note_id)
        cosines = self._cosines(rows)
        return {int(self._matrix.chunk_ids[row]): float(cosine) for row, cosine in zip(rows, cosines, strict=True)}

    def _of_rows(self, rows: Integers) -> Floats:
        return cosines_of(self._matrix.rows[rows], self._question)

    def _cosines(self, rows: range) -> Floats:
        return cosines_of(self._matrix.rows[rows.start : rows.stop], self._question)


class VectorMatrix:
    """Built when first asked, and again when the store's vectors changed. Thread-safe."""

    def __init__(self, passages: PassageStore) -> None:
        self._passages = passages
        self._lock = threading.Lock()
        self._matrix: _Matrix | None = None
        self._build_seconds = 0.0
        self._built_at = 0.0
        self._builder: threading.Thread | None = None

    def similarities(
        self, fingerprint: str, vector: bytes, measure: SimilarityMeasure = SimilarityMeasure.COSINE
    ) -> Similarities:
        """Compare a question's vector (float32, little-endian) with all passages of that encoder."""
        import numpy as np

        matrix = self._current(fingerprint)
        question = np.frombuffer(vector, "<f4").astype(np.float32, copy=False)
        if matrix.signs is not None and measure is SimilarityMeasure.COSINE:
            return ShortlistedSimilarities(matrix, question, matrix.signs)
        if not len(matrix.rows):
            return Similarities(matrix, np.zeros(0, np.float32))
        return Similarities(matrix, similarities(matrix.rows, question, measure))

    def similarities_to_note(
        self, fingerprint: str, note_id: int, measure: SimilarityMeasure = SimilarityMeasure.COSINE
    ) -> Similarities | None:
        """Compare a note with all others: another one is as near as its passages are, on average over the note's own
        passages, the nearest for each. None where the note has no vectors.
        """
        import numpy as np

        matrix = self._current(fingerprint)
        own = matrix.rows_of(note_id)
        if not own:
            return None
        step = -(-len(own) // _MOST_PASSAGES)
        compared = similarities(matrix.rows, matrix.rows[own.start : own.stop : step].T, measure)
        notes: Floats = np.maximum.reduceat(compared, matrix.starts, axis=0).mean(axis=1)
        others = matrix.note_ids != note_id
        return Similarities(matrix, compared.max(axis=1), notes, others)

    def wait(self) -> None:
        """Wait until a build under way in the background is done."""
        with self._lock:
            builder = self._builder
        if builder is not None:
            builder.join()

    def _current(self, fingerprint: str) -> _Matrix:
        version = self._passages.vectors_version()
        with self._lock:
            matrix = self._matrix
            if matrix is not None and matrix.fingerprint == fingerprint:
                if matrix.version == version:
                    return matrix
                if self._build_seconds > _AT_ONCE_SECONDS:
                    self._build_in_background(fingerprint)
                    return matrix
            return self._build(fingerprint)

    def _build_in_background(self, fingerprint: str) -> None:
        rested = time.monotonic() - self._built_at > _PAUSE_FACTOR * self._build_seconds
        if rested and (self._builder is None or not self._builder.is_alive()):
            self._builder = threading.Thread(
                target=self._build_beside, args=(fingerprint,), name="vector matrix", daemon=True
            )
            self._builder.start()

    def _build_beside(self, fingerprint: str) -> None:
        try:
            self._build(fingerprint)
        except StoreError as error:
            # The one there is serves on; a question that comes later tries again, and meets what does not go away.
            _log.warning("the vectors in memory were not brought up to date: %s", error.code)

    def _build(self, fingerprint: str) -> _Matrix:
        started = time.monotonic()
        # Read before the rows: what is committed in between makes the matrix stale, never wrong.
        version = self._passages.vectors_version()
        matrix = _matrix_of(fingerprint, version, self._passages.vectors(fingerprint))
        self._built_at = time.monotonic()
        self._build_seconds = self._built_at - started
        self._matrix = matrix
        return matrix


def _matrix_of(fingerprint: str, version: int, vectors: Iterable[tuple[int, int, bytes]]) -> _Matrix:
    import numpy as np

    chunk_ids: list[int] = []
    note_ids: list[int] = []
    data = bytearray()
    size = 0
    for chunk_id, note_id, vector in vectors:
        if size and len(vector) != size:
            continue  # a row of another length cannot be of this encoder
        size = len(vector)
        chunk_ids.append(chunk_id)
        note_ids.append(note_id)
        data += vector
    # Copied: numpy asks for large memory pages, in which a product takes three fifths of the time.
    rows: Any = np.frombuffer(data, "<f4").astype(np.float32, copy=True)
    rows = rows.reshape(len(chunk_ids), -1) if chunk_ids else np.zeros((0, 0), np.float32)
    notes: Any = np.asarray(note_ids, np.int64)
    if len(notes) > 1 and (notes[1:] < notes[:-1]).any():
        order = np.argsort(notes, kind="stable")
        rows, notes = rows[order], notes[order]
        chunks = np.asarray(chunk_ids, np.int64)[order]
    else:
        chunks = np.asarray(chunk_ids, np.int64)
    unique, starts = np.unique(notes, return_index=True)
    starts = starts.astype(np.int64)
    signs = Signs(rows, starts) if len(rows) > _EXACT_ROWS else None
    return _Matrix(fingerprint, version, rows, chunks, unique, starts, signs)
