"""How near nonsense comes to a person's own notes, by the encoder that serves: below that, nothing was found."""

from __future__ import annotations

from itertools import islice

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.nonsense import NONSENSE
from desktop_app.domain.search import LoadedEncoder, NonsenseNearness
from desktop_app.services.index_ports import QuestionEncoder, ServedIndexStore
from desktop_app.services.ports import PassageStore
from desktop_app.services.similarity import similarities

LEAST_PASSAGES = 200
"""Fewer say little about a person's notes: the encoder's own figures stand."""

_GROWTH = 4
"""It is measured again when there are so many times as many passages."""

_MOST_PASSAGES = 20_000
_STEP = 5


class FloorCalibration:
    """Measures once for each encoder, at the end of an indexing run, and keeps the figures beside the index."""

    def __init__(self, encoder: QuestionEncoder, passages: PassageStore, index: ServedIndexStore) -> None:
        self._encoder = encoder
        self._passages = passages
        self._index = index

    def measure_if_due(self, loaded: LoadedEncoder, cancel: CancelToken) -> bool:
        """Whether it was due. Takes a fraction of a second. Raises CancelledError, WorkerError, StoreError."""
        count = self._passages.chunk_count()
        known = self._index.nonsense_nearness(loaded.fingerprint)
        if count < LEAST_PASSAGES or (known is not None and count < _GROWTH * known.passages):
            return False
        measured = self._measure(loaded, count, cancel)
        if measured is not None:
            self._index.keep_nonsense_nearness(loaded.fingerprint, measured)
        return measured is not None

    def _measure(self, loaded: LoadedEncoder, count: int, cancel: CancelToken) -> NonsenseNearness | None:
        import numpy as np

        step = _STEP if count >= _MOST_PASSAGES else 1
        read = islice(self._passages.vectors(loaded.fingerprint), 0, _MOST_PASSAGES, step)
        rows = np.frombuffer(b"".join(vector for _, _, vector in read), "<f4").reshape(-1, loaded.dimensions)
        cosines = []
        for question in NONSENSE:
            cancel.raise_if_cancelled()
            vector = np.frombuffer(self._encoder.embed_query(question, cancel).vector, "<f4")
            if len(vector) != loaded.dimensions or not len(rows):
                return None  # the encoder was changed in this moment
            cosines.append(similarities(rows, vector, loaded.measure))
        every = np.stack(cosines)
        return NonsenseNearness(
            mean=float(every.mean()),
            deviation=float(every.std()),
            highest=float(every.max()),
            passages=count,
        )
