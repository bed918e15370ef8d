"""Comparing vectors by the measure that their encoder was trained for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.domain.search import SimilarityMeasure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


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
    """One product of rows with a vector, in this thread alone.

    The threads of `rows @ question` wait for one another: it is up to twice as fast while nothing else runs, but on a
    busy computer one question in twenty took three to ten times as long.
    """
    import numpy as np

    cosines: Floats = np.einsum("ij,j->i", rows, question)
    return cosines


def similarities_of(question: bytes, vectors: list[bytes], measure: SimilarityMeasure) -> list[float]:
    """The same for vectors as they are stored (float32, little-endian)."""
    import numpy as np

    if not vectors:
        return []
    rows = np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), -1)
    return [float(each) for each in similarities(rows, np.frombuffer(question, "<f4"), measure)]
