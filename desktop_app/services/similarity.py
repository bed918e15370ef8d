"""Comparing vectors by the measure that their encoder was trained for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop_app.domain.search import SimilarityMeasure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

_WORTH_A_HELPER = 20_000
"""Rows from which on a second thread is started."""

_BLOCK = 4_096
_GATHERED = 256


def similarities(rows: Floats, question: Floats, measure: SimilarityMeasure) -> Floats:
    """How similar each row is to `question` (a vector, or vectors in columns); more is nearer.

    Rows of encoders compared by cosine have length 1, so that the product is the cosine.
    """
    import numpy as np

    products: Floats = cosines_of(rows, question) if question.ndim == 1 else rows @ question
    if measure is not SimilarityMeasure.EUCLIDEAN:
        return products
    lengths = np.einsum("ij,ij->i", rows, rows)
    own = np.square(question).sum(axis=0)
    squares = (lengths if question.ndim == 1 else lengths[:, None]) + own - 2.0 * products
    distances: Floats = -np.sqrt(np.maximum(squares, 0.0))
    return distances


def cosines_of(rows: Floats, question: Floats) -> Floats:
    """One product of rows with a vector: of many rows in two threads, of which this one waits for nothing.

    The threads of `rows @ question` wait for one another: on a busy computer one question in twenty took three to ten
    times as long.
    """
    import numpy as np

    if len(rows) < _WORTH_A_HELPER:
        cosines: Floats = np.einsum("ij,j->i", rows, question)
        return cosines
    product = _Product(rows, question)
    threading.Thread(target=product.help, name="cosines", daemon=True).start()
    return product.finished()


def cosines_among(rows: Floats, chosen: Integers, question: Floats) -> Floats:
    """The product of the chosen rows with a vector, a few at a time, as long as their copy is near the processor."""
    import numpy as np

    cosines = np.empty(len(chosen), np.float32)
    copied = np.empty((min(_GATHERED, len(chosen)), rows.shape[1]), np.float32)
    for start in range(0, len(chosen), _GATHERED):
        few = chosen[start : start + _GATHERED]
        np.take(rows, few, axis=0, out=copied[: len(few)], mode="clip")  # other modes copy once more
        cosines[start : start + len(few)] = np.einsum("ij,j->i", copied[: len(few)], question)
    return cosines


class _Product:
    """A product in blocks, which two threads take from its two ends."""

    def __init__(self, rows: Floats, question: Floats) -> None:
        import numpy as np

        self._rows = rows
        self._question = question
        self._cosines: Floats = np.empty(len(rows), np.float32)
        self._starts = deque(range(0, len(rows), _BLOCK))
        self._missing = set(self._starts)

    def help(self) -> None:
        """Compute blocks from the end until none is left."""
        self._take(self._starts.pop)

    def finished(self) -> Floats:
        """Compute blocks from the beginning until none is left, and then what the helper has not brought to its end:
        where other programs keep it from computing, that is done here instead, and it finds the same.
        """
        self._take(self._starts.popleft)
        for start in sorted(self._missing):
            self._compute(start)
        return self._cosines

    def _take(self, next_start: Callable[[], int]) -> None:
        while True:
            try:
                start = next_start()
            except IndexError:
                return
            self._compute(start)

    def _compute(self, start: int) -> None:
        import numpy as np

        block = slice(start, start + _BLOCK)
        # Copied when whole: einsum's own `out` is zero for a moment, and somebody may read it already.
        self._cosines[block] = np.einsum("ij,j->i", self._rows[block], self._question)
        self._missing.discard(start)


def similarities_of(question: bytes, vectors: list[bytes], measure: SimilarityMeasure) -> list[float]:
    """The same for vectors as they are stored (float32, little-endian)."""
    import numpy as np

    if not vectors:
        return []
    rows = np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), -1)
    return [float(each) for each in similarities(rows, np.frombuffer(question, "<f4"), measure)]
