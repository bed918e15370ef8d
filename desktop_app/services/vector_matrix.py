"""All vectors of one encoder in memory, so that a question meets every passage in one product.

A cache: the store's rows are the truth, and a change of `vectors_version` makes the matrix stale.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from desktop_app.domain.errors import StoreError
from desktop_app.domain.search import SimilarityMeasure
from desktop_app.services.similarity import cosines_among, cosines_of, similarities
from desktop_app.services.vector_signs import LONGEST, Shortlist, Signs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.uint16]
    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

_log = logging.getLogger(__name__)

_SIGNS_ROWS = 30_000
"""From so many passages on the signs of the vectors choose those whose cosines are computed, where they can be trusted
to (benchmarks/RESULTS.md); fewer are compared as fast as they are chosen.
"""

_EXACT_ROWS = 200_000
"""Beyond so many passages signs choose in any case, and more."""

_TRIED_AGAIN = 1.5
"""Signs are tried again when there are so many times as many passages, or as few."""

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


class Chosen(NamedTuple):
    """What chooses among the rows, and how many it chooses."""

    signs: Signs
    shortlist: Shortlist


@dataclass(frozen=True)
class _Matrix:
    """Rows sorted by note, there in the order of its text: `starts` are the first rows of `note_ids`, one each."""

    fingerprint: str
    version: int
    rows: Floats
    chunk_ids: Integers
    note_ids: Integers
    starts: Integers
    chosen: Chosen | None = None
    tried: int = 0
    """How many rows there were when signs were tried, 0 where they were not."""

    def place(self, note_id: int) -> int | None:
        """Which of `note_ids` it is; None for a note without vectors."""
        import numpy as np

        place = int(np.searchsorted(self.note_ids, note_id))
        return place if place < len(self.note_ids) and int(self.note_ids[place]) == note_id else None

    def places(self, note_ids: Iterable[int]) -> Integers:
        """Which of `note_ids` they are; all of them must have vectors."""
        import numpy as np

        return np.searchsorted(self.note_ids, np.fromiter(note_ids, np.int64))

    def known(self, note_ids: Iterable[int]) -> tuple[Integers, Integers]:
        """(those that have vectors, in their order; which of `note_ids` they are)."""
        import numpy as np

        asked = np.fromiter(note_ids, np.int64)
        if not len(self.note_ids):
            return asked[:0], asked[:0]
        places = np.minimum(np.searchsorted(self.note_ids, asked), len(self.note_ids) - 1)
        found = self.note_ids[places] == asked
        return asked[found], places[found]

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
        known, places = self._matrix.known(note_ids)
        return dict(zip(known.tolist(), self._best[places].tolist(), strict=True))

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

    def __init__(self, matrix: _Matrix, question: Floats, chosen: Chosen) -> None:
        self._matrix = matrix
        self._question = question
        self._chosen = chosen
        self._allowed = None
        self._as_wholes = False
        self._told: dict[int, dict[int, float]] = {}
        self.note_count = len(matrix.note_ids)
        self._differing: Counts = chosen.signs.differing(question)
        self.background, self.spread = chosen.signs.background(question, self._differing)

    def top(self, count: int) -> dict[int, float]:
        """The nearest notes with their similarity, best first. Where few may be found, all their passages are on the
        list; where the passages of a few long notes fill it, all passages are compared.
        """
        import numpy as np

        signs, shortlist = self._chosen
        rows = signs.nearest(self._question, self._differing, shortlist, self._allowed_rows())
        if not len(rows):
            return {}
        places = np.searchsorted(self._matrix.starts, rows, side="right") - 1
        firsts = np.flatnonzero(np.diff(places, prepend=-1))
        findable = self.note_count if self._allowed is None else int(np.count_nonzero(self._allowed))
        if len(firsts) < min(count, findable):
            cosines = cosines_of(self._matrix.rows, self._question)
            return Similarities(self._matrix, cosines, allowed=self._allowed).top(count)
        best = np.maximum.reduceat(self._of_rows(rows), firsts)
        nearest = np.argsort(-best, kind="stable")[:count]
        note_ids = self._matrix.note_ids[places[firsts[nearest]]]
        return dict(zip(note_ids.tolist(), best[nearest].tolist(), strict=True))

    def _allowed_rows(self) -> Integers | None:
        import numpy as np

        if self._allowed is None:
            return None
        passages = np.diff(np.append(self._matrix.starts, len(self._matrix.rows)))
        return np.flatnonzero(np.repeat(self._allowed, passages))

    def of(self, note_ids: Iterable[int]) -> dict[int, float]:
        """The similarity of those notes that have vectors."""
        import numpy as np

        known, places = self._matrix.known(note_ids)
        if not len(known):
            return {}
        starts = self._matrix.starts[places]
        lengths = np.append(self._matrix.starts, len(self._matrix.rows))[places + 1] - starts
        firsts = np.cumsum(lengths) - lengths
        rows = np.repeat(starts - firsts, lengths) + np.arange(int(lengths.sum()))
        return dict(zip(known.tolist(), np.maximum.reduceat(self._of_rows(rows), firsts).tolist(), strict=True))

    def passages(self, note_id: int) -> dict[int, float]:
        """(chunk id → similarity) of a note's passages; empty where it has no vectors."""
        if note_id not in self._told:
            rows = self._matrix.rows_of(note_id)
            cosines = cosines_of(self._matrix.rows[rows.start : rows.stop], self._question)
            chunk_ids = self._matrix.chunk_ids[rows.start : rows.stop]
            self._told[note_id] = dict(zip(chunk_ids.tolist(), cosines.tolist(), strict=True))
        return self._told[note_id]

    def _of_rows(self, rows: Integers) -> Floats:
        return cosines_among(self._matrix.rows, rows, self._question)


class StoredVectors(Protocol):
    """Where the vectors are: those of notes, or those of messages, which are then what is called notes here."""

    def vectors(self, fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        """(passage id, note id, vector), by note and there in the order of its text."""
        ...

    def vectors_version(self) -> int:
        """Changes whenever what `vectors` tells changes."""
        ...


class VectorMatrix:
    """Built when first asked, and again when the store's vectors changed. Thread-safe."""

    def __init__(self, passages: StoredVectors) -> None:
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
        if matrix.chosen is not None and measure is SimilarityMeasure.COSINE:
            return ShortlistedSimilarities(matrix, question, matrix.chosen)
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
            return self._keep(*self._built(fingerprint))

    def _build_in_background(self, fingerprint: str) -> None:
        rested = time.monotonic() - self._built_at > _PAUSE_FACTOR * self._build_seconds
        if rested and (self._builder is None or not self._builder.is_alive()):
            self._builder = threading.Thread(
                target=self._build_beside, args=(fingerprint,), name="vector matrix", daemon=True
            )
            self._builder.start()

    def _build_beside(self, fingerprint: str) -> None:
        try:
            matrix, seconds = self._built(fingerprint)
        except StoreError as error:
            # The one there is serves on; a question that comes later tries again, and meets what does not go away.
            _log.warning("the vectors in memory were not brought up to date: %s", error.code)
            return
        with self._lock:
            if self._matrix is not None and self._matrix.fingerprint == fingerprint:
                self._keep(matrix, seconds)  # else questions go to another encoder by now

    def _built(self, fingerprint: str) -> tuple[_Matrix, float]:
        """A matrix of what is stored, and how many seconds it took."""
        started = time.monotonic()
        # Read before the rows: what is committed in between makes the matrix stale, never wrong.
        version = self._passages.vectors_version()
        matrix = _matrix_of(fingerprint, version, self._passages.vectors(fingerprint), self._matrix)
        return matrix, time.monotonic() - started

    def _keep(self, matrix: _Matrix, seconds: float) -> _Matrix:
        self._built_at = time.monotonic()
        self._build_seconds = seconds
        self._matrix = matrix
        return matrix


def _matrix_of(
    fingerprint: str, version: int, vectors: Iterable[tuple[int, int, bytes]], former: _Matrix | None
) -> _Matrix:
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
    if former is not None and former.fingerprint != fingerprint:
        former = None
    chosen, tried = _choosing(rows, starts, former)
    return _Matrix(fingerprint, version, rows, chunks, unique, starts, chosen, tried)


def _choosing(rows: Floats, starts: Integers, former: _Matrix | None) -> tuple[Chosen | None, int]:
    """(what chooses among the rows, how many there were when that was found out): as the former matrix of the same
    encoder does, where it had about as many.
    """
    count = len(rows)
    if count < _SIGNS_ROWS:
        return None, 0
    if count > _EXACT_ROWS:
        return Chosen(Signs(rows, starts), LONGEST), 0
    if former is not None and former.tried and former.tried / _TRIED_AGAIN < count < former.tried * _TRIED_AGAIN:
        known = former.chosen.shortlist if former.chosen is not None else None
        return (Chosen(Signs(rows, starts), known) if known is not None else None), former.tried
    signs = Signs(rows, starts)
    shortlist = signs.fitting()
    return (Chosen(signs, shortlist) if shortlist is not None else None), count
