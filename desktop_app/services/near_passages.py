"""Which notes have passages that are nearly the same: products of blocks, of which each passage keeps its nearest few.

Bounded on purpose: of two thousand notes from one template all two million pairs are near, and nobody looks at them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from desktop_app.domain.cancellation import CancelToken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

LEAST_COSINE = 0.9
"""Of passages that may be nearly the same; their texts decide."""

NEAREST = 16
"""A passage is paired with so many passages of other notes at most, the nearest ones."""

_BLOCK = 2_000
_KEPT_FACTOR = 3


class NearNotes(msgspec.Struct, frozen=True):
    """Two notes, the smaller id first.

    Attributes:
        share: of the passages of the smaller note, so many have a near one in the other, 0 to 1.
        cosine: how near these are on average.
    """

    notes: tuple[int, int]
    share: float
    cosine: float


def near_notes(
    note_ids: Integers, rows: Floats, cancel: CancelToken, progress: Callable[[float], None]
) -> list[NearNotes]:
    """Pairs of notes with near passages, the nearest first.

    Args:
        note_ids: the note of each row.
        rows: of length 1.

    Raises CancelledError.
    """
    found = _Found(len(rows))
    starts = range(0, len(rows), _BLOCK)
    done, total = 0, max(1, len(starts) * (len(starts) + 1) // 2)
    for first in starts:
        left = slice(first, first + _BLOCK)
        for second in range(first, len(rows), _BLOCK):
            cancel.raise_if_cancelled()
            right = slice(second, second + _BLOCK)
            cosines = rows[left] @ rows[right].T
            cosines[(cosines < LEAST_COSINE) | (note_ids[left, None] == note_ids[None, right])] = 0.0
            found.add(cosines, first, second)
            if first != second:  # both halves of a block on the diagonal are in it
                found.add(cosines.T, second, first)
            done += 1
            progress(done / total)
    return found.by_notes(note_ids)


class _Found:
    """For each row its nearest others so far."""

    def __init__(self, rows: int) -> None:
        import numpy as np

        self._most = _KEPT_FACTOR * NEAREST * rows
        self._rows: Integers = np.zeros(0, np.int64)
        self._others: Integers = np.zeros(0, np.int64)
        self._cosines: Floats = np.zeros(0, np.float32)

    def add(self, cosines: Floats, first: int, second: int) -> None:
        """What a block tells; its row 0 is row `first`, its column 0 row `second`, and 0 is no pair."""
        import numpy as np

        rows = np.flatnonzero(cosines.any(axis=1))
        if not len(rows):
            return
        few = np.ascontiguousarray(cosines[rows])
        count = min(NEAREST, few.shape[1])
        columns = np.argpartition(few, few.shape[1] - count, axis=1)[:, few.shape[1] - count :]
        values = np.take_along_axis(few, columns, axis=1).ravel()
        near = values > 0.0
        self._rows = np.concatenate((self._rows, first + rows.repeat(count)[near]))
        self._others = np.concatenate((self._others, second + columns.ravel()[near]))
        self._cosines = np.concatenate((self._cosines, values[near]))
        if len(self._rows) > self._most:
            self._thin_out()

    def by_notes(self, note_ids: Integers) -> list[NearNotes]:
        """The pairs of notes to which the rows belong."""
        import numpy as np

        self._thin_out()
        if not len(self._rows):
            return []
        ids, note, sizes = np.unique(note_ids, return_inverse=True, return_counts=True)
        one, other = note[self._rows], note[self._others]
        pair = np.minimum(one, other) * len(ids) + np.maximum(one, other)
        # Of a row that is near to several of the other note the nearest counts.
        order = np.lexsort((-self._cosines, self._rows, pair))
        pair, row, cosine, one = pair[order], self._rows[order], self._cosines[order], one[order]
        fresh = np.r_[True, (pair[1:] != pair[:-1]) | (row[1:] != row[:-1])]
        pair, cosine, one = pair[fresh], cosine[fresh], one[fresh]
        pairs, place = np.unique(pair, return_inverse=True)
        low, high = pairs // len(ids), pairs % len(ids)
        of_low = np.bincount(place[one == low[place]], minlength=len(pairs))
        counted = np.bincount(place, minlength=len(pairs))
        shares = np.maximum(
            np.where(sizes[low] <= sizes[high], of_low / sizes[low], 0.0),
            np.where(sizes[high] <= sizes[low], (counted - of_low) / sizes[high], 0.0),
        )
        means = np.bincount(place, cosine, len(pairs)) / counted
        return [
            NearNotes((int(ids[low[each]]), int(ids[high[each]])), float(shares[each]), float(means[each]))
            for each in np.lexsort((pairs, -means, -shares))
        ]

    def _thin_out(self) -> None:
        """Only the nearest few of each row."""
        import numpy as np

        order = np.lexsort((self._others, -self._cosines, self._rows))
        rows = self._rows[order]
        begins = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]]) if len(rows) else np.zeros(0, np.int64)
        rank = np.arange(len(rows)) - np.repeat(begins, np.diff(np.r_[begins, len(rows)]))
        kept = order[rank < NEAREST]
        self._rows, self._others, self._cosines = self._rows[kept], self._others[kept], self._cosines[kept]
