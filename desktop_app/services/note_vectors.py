"""One unit vector for each note: the mean of its passages' vectors. For what compares whole notes with each other."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.search import ServedIndex
from desktop_app.services.ports import PassageStore

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

_REST_FACTOR = 30.0
"""While notes change all the time, reading all vectors takes at most one part in so many of the time."""


@dataclass(frozen=True)
class NoteMeans:
    """`rows[i]` belongs to `note_ids[i]`, sorted by id; `version` is that of the vectors they were made of."""

    fingerprint: str
    version: int
    note_ids: Integers
    rows: Floats

    def place(self, note_id: int) -> int | None:
        """The row of a note; None for one without vectors."""
        import numpy as np

        place = int(np.searchsorted(self.note_ids, note_id))
        return place if place < len(self.note_ids) and int(self.note_ids[place]) == note_id else None


class NoteVectors:
    """Reads them when first asked, and again when the store's vectors changed. Thread-safe.

    Args:
        served: the encoder whose vectors answer (ServedIndexStore.served): while another one's are made beside them,
            these are of all notes. Where nothing says it, the newest vectors count. No encoder need be loaded.
    """

    def __init__(self, passages: PassageStore, served: Callable[[], ServedIndex | None]) -> None:
        self._passages = passages
        self._served = served
        self._lock = threading.Lock()
        self._means: NoteMeans | None = None
        self._read_at = 0.0
        self._seconds = 0.0

    def fingerprint(self) -> str | None:
        """The encoder whose vectors are compared; None where there are none."""
        served = self._served()
        if served is not None and self._passages.has_vectors(served.fingerprint):
            return served.fingerprint
        return self._passages.newest_fingerprint()

    def means(self, cancel: CancelToken, *, may_be_older: bool = False) -> NoteMeans | None:
        """The mean vectors now; None where no note has any. Raises CancelledError, StoreError.

        `may_be_older`: those of shortly before will do, where reading them takes long.
        """
        fingerprint = self.fingerprint()
        if fingerprint is None:
            return None
        with self._lock:
            version = self._passages.vectors_version()
            known = self._means
            if known is not None and known.fingerprint == fingerprint:
                rested = time.monotonic() - self._read_at > _REST_FACTOR * self._seconds
                if known.version == version or (may_be_older and not rested):
                    return known
            started = time.monotonic()
            self._means = self._read(fingerprint, version, cancel)
            self._read_at = time.monotonic()
            self._seconds = self._read_at - started
            return self._means

    def _read(self, fingerprint: str, version: int, cancel: CancelToken) -> NoteMeans | None:
        import numpy as np

        sums: dict[int, Any] = {}
        size = 0
        for number, (_chunk, note_id, vector) in enumerate(self._passages.vectors(fingerprint)):
            if number % 1_000 == 0:
                cancel.raise_if_cancelled()
            size = size or len(vector)
            if len(vector) != size:
                continue  # a row of another length cannot be of this encoder
            row = np.frombuffer(vector, "<f4")
            length = float(np.sqrt(row @ row))
            if length <= 0.0:
                continue
            sums[note_id] = sums[note_id] + row / length if note_id in sums else row / length
        if not sums:
            return None
        note_ids = np.asarray(sorted(sums), np.int64)
        rows = np.stack([sums[int(note_id)] for note_id in note_ids]).astype(np.float32)
        return NoteMeans(fingerprint, version, note_ids, to_unit_length(rows))


def to_unit_length(rows: Floats) -> Floats:
    """`rows`, each divided by its length, in place: a million passages are 1.5 GB. Rows of zeros stay."""
    import numpy as np

    rows /= np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1e-9)[:, np.newaxis]
    return rows
