"""Choosing among very many vectors by one bit of each of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.services.similarity import cosines_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

_SAMPLED_NOTES = 2_000
_BLOCK = 65_536
_SAMPLE_STEP = 16


class Signs:
    """One bit for each value of each vector: whether it lies above the mean of all vectors. Few differing bits mean a
    small angle, and 64 of them are compared at once.

    Args:
        rows: unit vectors, float32.
        starts: the first row of each note.
    """

    def __init__(self, rows: Floats, starts: Integers) -> None:
        import numpy as np

        step = max(1, len(starts) // _SAMPLED_NOTES)
        ends = np.append(starts[1:], len(rows))
        sampled = [(int(first), int(last)) for first, last in zip(starts[::step], ends[::step], strict=True)]
        self._sample: Floats = np.concatenate([rows[first:last] for first, last in sampled])
        self._sample_starts = np.cumsum([0, *(last - first for first, last in sampled[:-1])])
        self._mean: Floats = rows.mean(axis=0)
        width = -(-rows.shape[1] // 64)
        words = np.zeros((len(rows), width * 8), np.uint8)
        for start in range(0, len(rows), _BLOCK):
            packed = np.packbits(rows[start : start + _BLOCK] > self._mean, axis=1)
            words[start : start + _BLOCK, : packed.shape[1]] = packed
        # Word by word in one stretch of memory each: three times as fast as row by row.
        self._words = np.ascontiguousarray(words.view(np.uint64).T)

    def background(self, question: Floats) -> tuple[float, float]:
        """Mean and standard deviation of the similarity over a sample of the notes, evenly spread."""
        import numpy as np

        notes = np.maximum.reduceat(cosines_of(self._sample, question), self._sample_starts)
        return float(notes.mean()), float(notes.std())

    def nearest(self, question: Floats, count: int, among: Integers | None = None) -> Integers:
        """About `count` rows, ascending, with the fewest differing bits; more where many differ by the same. Only those
        `among` (ascending) where given.
        """
        if among is not None and len(among) <= count:
            return among
        import numpy as np

        packed = np.zeros(len(self._words) * 8, np.uint8)
        bits = np.packbits(question > self._mean)
        packed[: len(bits)] = bits
        asked = packed.view(np.uint64)
        differing = np.empty(self._words.shape[1], np.uint16)
        for start in range(0, len(differing), _BLOCK):
            block = self._words[:, start : start + _BLOCK]
            total = np.bitwise_count(block[0] ^ asked[0]).astype(np.uint16)
            for word, bit in zip(block[1:], asked[1:], strict=True):
                total += np.bitwise_count(word ^ bit)
            differing[start : start + _BLOCK] = total
        if among is not None:
            differing = differing[among]
        elif count >= len(differing):
            return np.arange(len(differing))
        step = _SAMPLE_STEP if count >= 4 * _SAMPLE_STEP else 1
        rank = min(count // step + 1, len(differing[::step]) - 1)
        most = np.partition(differing[::step], rank)[rank]
        found = np.flatnonzero(differing <= most)
        return found if among is None else among[found]
