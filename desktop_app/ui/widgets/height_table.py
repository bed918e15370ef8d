"""The heights of very many lines: where each begins, and which stands at a height, in a few microseconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

#: Lines whose heights are added up together.
_CHUNK = 512


class HeightTable:
    """One row for each line. A line that was never measured has what its characters make likely.

    `estimate` gives the likely heights for numbers of characters, in pixels.
    """

    def __init__(self) -> None:
        self._lengths = np.zeros(0, np.int32)
        self._heights = np.zeros(0, np.float64)
        self._known = np.zeros(0, np.bool_)
        self._tops: npt.NDArray[np.float64] | None = None  # where each chunk begins, and the end
        self._line = 1.0
        self._fit = 1.0

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def total(self) -> float:
        """The height of all lines together."""
        return float(self._chunk_tops()[-1])

    def set_measure(self, line: float, fit: float) -> None:
        """A row of text is `line` pixels high and holds about `fit` characters: all lines are to be measured anew."""
        self._line, self._fit = line, max(1.0, fit)
        self._known[:] = False
        self._heights = self._estimated(self._lengths)
        self._tops = None

    def replace(self, first: int, gone: int, lengths: Sequence[int]) -> None:
        """Lines of these numbers of characters stand at `first`, in place of `gone` lines; none was measured."""
        new = np.asarray(lengths, np.int32)
        heights, known = self._estimated(new), np.zeros(len(new), np.bool_)
        if gone == len(new):
            self._lengths[first : first + gone] = new
            self._heights[first : first + gone] = heights
            self._known[first : first + gone] = False
        else:
            last = first + gone
            self._lengths = np.concatenate((self._lengths[:first], new, self._lengths[last:]))
            self._heights = np.concatenate((self._heights[:first], heights, self._heights[last:]))
            self._known = np.concatenate((self._known[:first], known, self._known[last:]))
        self._tops = None

    def is_known(self, number: int) -> bool:
        """Whether the line was measured."""
        return bool(self._known[number])

    def height(self, number: int) -> float:
        """The height of a line, or what is likely."""
        return float(self._heights[number])

    def set_height(self, number: int, height: float) -> bool:
        """A line was measured; true where it is not as high as was thought."""
        self._known[number] = True
        more = height - float(self._heights[number])
        if abs(more) < 0.01:
            return False
        self._heights[number] = height
        if self._tops is not None:
            self._tops[number // _CHUNK + 1 :] += more
        return True

    def top(self, number: int) -> float:
        """Where a line begins."""
        chunk = number // _CHUNK
        return float(self._chunk_tops()[chunk] + self._heights[chunk * _CHUNK : number].sum())

    def line_at(self, y: float) -> int:
        """The line at a height, the nearest one where there is none."""
        tops = self._chunk_tops()
        chunk = min(max(0, int(np.searchsorted(tops, y, "right")) - 1), max(0, len(tops) - 2))
        first = chunk * _CHUNK
        ends = np.cumsum(self._heights[first : first + _CHUNK])
        return max(0, min(len(self) - 1, first + int(np.searchsorted(ends, y - tops[chunk], "right"))))

    def _estimated(self, lengths: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        return self._line * np.maximum(1.0, np.ceil(lengths / self._fit))

    def _chunk_tops(self) -> npt.NDArray[np.float64]:
        if self._tops is None:
            sums = np.add.reduceat(self._heights, np.arange(0, len(self), _CHUNK)) if len(self) else np.zeros(0)
            self._tops = np.concatenate((np.zeros(1), np.cumsum(sums)))
        return self._tops
