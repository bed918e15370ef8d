"""Choosing among many vectors by one bit of each of their values: a question reads one byte in thirty of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from desktop_app.services.similarity import cosines_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bits = NDArray[np.uint64]
    Counts = NDArray[np.uint16]
    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

_SAMPLED_NOTES = 500
_SAMPLED_ROWS = 2_000
"""The background is reckoned from the exact similarities of at most so many notes and passages."""

_BLOCK = 8_192
"""Rows whose bits are compared at once: what lies between two steps stays in the processor's nearest cache."""

_SAMPLE_STEP = 16
_STEPS = 15
_CLIPPED = 2.8
"""A question's values are told in so many steps, from so many of their deviations below zero to as many above."""

_QUESTIONS_TRIED = 24
_NEAREST_TRIED = 200
_LEAST_RECALL = 0.985
"""Of the 200 nearest rows; what is missed is nearly always among the last of these."""


class Shortlist(NamedTuple):
    """How many rows are kept by their bits alone, and how many of these are worth their cosine."""

    kept: int
    compared: int


SHORTLISTS = (Shortlist(8_000, 2_000), Shortlist(16_000, 4_000))
"""Tried in that order."""

LONGEST = Shortlist(40_000, 8_000)
"""Where there are too many rows for all their cosines."""


class Signs:
    """One bit for each value of each vector: whether it lies above the mean of all vectors. Few bits that differ from
    the question's mean a small angle, and 64 of them are compared at once. Of the vectors with the fewest those are
    worth their cosine whose bits fit the question's values best, which count by their size.

    Args:
        rows: unit vectors, float32.
        starts: the first row of each note.
    """

    def __init__(self, rows: Floats, starts: Integers) -> None:
        import numpy as np

        self._rows = rows
        self._starts = starts
        self._sampled, self._sample, self._sample_starts = _sample(rows, starts)
        self._mean: Floats = rows.mean(axis=0)
        width = -(-rows.shape[1] // 64)
        words = np.zeros((len(rows), width * 8), np.uint8)
        for block in _blocks(len(rows)):
            packed = np.packbits(rows[block] > self._mean, axis=1)
            words[block, : packed.shape[1]] = packed
        # Word by word in one stretch of memory each: three times as fast as row by row.
        self._words: Bits = np.ascontiguousarray(words.view(np.uint64).T)

    def differing(self, question: Floats) -> Counts:
        """How many bits of each row differ from the question's."""
        import numpy as np

        asked = self._packed(question > self._mean)
        differing = np.empty(self._words.shape[1], np.uint16)
        unlike = np.empty(_BLOCK, np.uint64)
        counted = np.empty(_BLOCK, np.uint8)
        for block in _blocks(len(differing)):
            total = differing[block]
            total[:] = 0
            for word, bits in zip(self._words, asked, strict=True):
                np.bitwise_xor(word[block], bits, out=unlike[: len(total)])
                total += np.bitwise_count(unlike[: len(total)], out=counted[: len(total)])
        return differing

    def background(self, question: Floats, differing: Counts) -> tuple[float, float]:
        """Mean and standard deviation of the similarity over the notes: those of a sample, evenly spread, and from
        there to all by how much more or fewer of their bits differ.
        """
        import numpy as np

        fewest = np.minimum.reduceat(differing, self._starts).astype(np.float32)
        known = np.maximum.reduceat(cosines_of(self._sample, question), self._sample_starts)
        told = fewest[self._sampled]
        variance = float(told.var())
        slope = float(((known - known.mean()) * (told - told.mean())).mean()) / variance if variance > 0.0 else 0.0
        left_over = float((known - slope * told).var())
        mean = float(known.mean()) + slope * float(fewest.mean() - told.mean())
        return mean, float(np.sqrt(slope * slope * float(fewest.var()) + left_over))

    def nearest(
        self, question: Floats, differing: Counts, shortlist: Shortlist, among: Integers | None = None
    ) -> Integers:
        """The rows on the list, ascending; some more than it says where many are alike. Only those `among` (ascending)
        where given.
        """
        import numpy as np

        kept, compared = shortlist
        if among is not None:
            if len(among) <= compared:
                return among
            differing = differing[among]
        found: Integers = np.flatnonzero(differing <= _limit(differing, kept))
        if among is not None:
            found = among[found]
        if len(found) <= compared:
            return found
        misfit = self._misfit(question, found)
        best: Integers = found[misfit <= np.partition(misfit, compared - 1)[compared - 1]]
        return best

    def fitting(self) -> Shortlist | None:
        """The shortest list that nearly all of the nearest rows are on; None where none of them does. Vectors of texts
        have few directions that matter, and most of their near ones are far nearer than the rest; of vectors without
        such an order, bits tell too little.
        """
        return next((each for each in SHORTLISTS if self.recall(each) >= _LEAST_RECALL), None)

    def recall(self, shortlist: Shortlist) -> float:
        """What share of the nearest rows is on the list, for some of the rows as questions."""
        import numpy as np

        asked = self._rows[np.linspace(0, len(self._rows) - 1, _QUESTIONS_TRIED).astype(np.int64)]
        cosines = self._rows @ asked.T
        nearest = min(_NEAREST_TRIED, len(self._rows))
        shares = []
        for question, exact in zip(asked, cosines.T, strict=True):
            least = np.partition(exact, len(exact) - nearest)[len(exact) - nearest]
            found = self.nearest(question, self.differing(question), shortlist)
            shares.append(float((exact[found] >= least).sum()) / nearest)
        return float(np.mean(shares))

    def _misfit(self, question: Floats, found: Integers) -> NDArray[np.int32]:
        """The less, the better the question's values fit these rows' bits: with b a row's bits, minus their sum where b
        is 1, up to a factor. Values are whole numbers of steps, of which each binary digit is compared at once.
        """
        import numpy as np

        most = _CLIPPED * float(question.std()) or 1.0
        steps = np.rint((np.clip(question / most, -1.0, 1.0) + 1.0) * (_STEPS / 2)).astype(np.uint8)
        digits = range(_STEPS.bit_length())
        ones = [self._packed((steps >> digit & 1).astype(bool)) for digit in digits]
        misfit = np.zeros(len(found), np.int32)
        counted = np.empty(len(found), np.uint8)
        fitting = np.empty(len(found), np.uint16)
        for place, word in enumerate(self._words):
            bits = np.take(word, found)
            misfit += np.multiply(np.bitwise_count(bits, out=counted), _STEPS, out=fitting, dtype=np.uint16)
            for digit in digits:
                np.bitwise_count(bits & ones[digit][place], out=counted)
                misfit -= np.left_shift(counted, digit + 1, out=fitting, dtype=np.uint16)
        return misfit

    def _packed(self, bits: NDArray[np.bool_]) -> Bits:
        """As the rows' bits lie, 64 in one number."""
        import numpy as np

        packed = np.zeros(len(self._words) * 8, np.uint8)
        packed[: -(-len(bits) // 8)] = np.packbits(bits)
        return packed.view(np.uint64)


def _limit(differing: Counts, count: int) -> int:
    """So many bits may differ that it is about `count` rows."""
    import numpy as np

    step = _SAMPLE_STEP if count >= 4 * _SAMPLE_STEP else 1
    seen = differing[::step]
    rank = min(count // step + 1, len(seen) - 1)
    return int(np.partition(seen, rank)[rank])


def _sample(rows: Floats, starts: Integers) -> tuple[Integers, Floats, Integers]:
    """(which notes, their rows, the first of these of each note)."""
    import numpy as np

    notes = max(1, min(_SAMPLED_NOTES, _SAMPLED_ROWS * len(starts) // len(rows)))
    sampled = np.unique(np.linspace(0, len(starts) - 1, notes).astype(np.int64))
    ends = np.append(starts[1:], len(rows))
    lengths = ends[sampled] - starts[sampled]
    copied = np.concatenate([rows[starts[note] : ends[note]] for note in sampled])
    return sampled, copied, np.concatenate(([0], np.cumsum(lengths)[:-1]))


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK))
