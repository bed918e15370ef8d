"""The heights of very many lines: where each begins, and which stands at a height, in some microseconds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

#: The length of a line that is not shown: it has no height.
HIDDEN = -1
#: Lines whose heights are added up together; a chunk is parted when it has grown to twice as many.
_CHUNK = 512


class HeightTable:
    """One row for each line. A line that was never measured has the height that its characters make likely."""

    def __init__(self) -> None:
        self._chunks: list[_Chunk] = []
        self._line = 1.0
        self._fit = 1.0
        # Of each chunk, and of the end: the number of its first line, and where it begins.
        self._firsts: list[int] = [0]
        self._tops: list[float] | None = [0.0]

    def __len__(self) -> int:
        return self._firsts[-1]

    @property
    def total(self) -> float:
        """The height of all lines together, in pixels."""
        return self._chunk_tops()[-1]

    def set_measure(self, line: float, fit: float) -> None:
        """A row of text is `line` pixels high and holds about `fit` characters: all lines are to be measured anew."""
        self._line, self._fit = line, max(1.0, fit)
        self._chunks = [self._chunk(chunk.lengths) for chunk in self._chunks]
        self._tops = None

    def replace(self, first: int, gone: int, lengths: Sequence[int]) -> None:
        """Lines of these numbers of characters stand at `first`, in place of `gone` lines; none was measured.

        HIDDEN ones take no room.
        """
        begin, end = self._chunk_of(first), self._chunk_of(first + gone)
        before, after = self._part(begin, 0, first), self._part(end, first + gone, len(self))
        whole = before.joined(self._chunk(list(lengths))).joined(after)
        self._chunks[begin : end + 1] = whole.parted()
        self._firsts = [0, *accumulate(len(chunk.lengths) for chunk in self._chunks)]
        self._tops = None

    def is_known(self, number: int) -> bool:
        """Whether the line was measured."""
        chunk, place = self._place_of(number)
        return chunk.known[place]

    def height(self, number: int) -> float:
        """The height of a line, or what is likely, in pixels."""
        chunk, place = self._place_of(number)
        return chunk.heights[place]

    def set_height(self, number: int, height: float) -> bool:
        """A line was measured; true where it is not as high as was thought."""
        chunk, place = self._place_of(number)
        chunk.known[place] = True
        if abs(height - chunk.heights[place]) < 0.01:
            return False
        chunk.total += height - chunk.heights[place]
        chunk.heights[place] = height
        self._tops = None
        return True

    def top(self, number: int) -> float:
        """Where a line begins, in pixels."""
        at = self._chunk_of(number)
        if at >= len(self._chunks):
            return self.total
        return self._chunk_tops()[at] + sum(self._chunks[at].heights[: number - self._firsts[at]])

    def line_at(self, y: float) -> int:
        """The line at a height, the nearest one where there is none."""
        y = min(y, self.total - 0.01)  # lines at the end may be hidden
        tops = self._chunk_tops()
        at = min(max(0, bisect_right(tops, y) - 1), len(self._chunks) - 1)
        if at < 0:
            return 0
        ends = list(accumulate(self._chunks[at].heights))
        return min(len(self) - 1, self._firsts[at] + bisect_right(ends, y - tops[at]))

    # Inside -------------------------------------------------------------------------------------

    def _chunk(self, lengths: list[int]) -> _Chunk:
        line, fit = self._line, self._fit
        heights = [line * max(1.0, -(-length // fit)) if length >= 0 else 0.0 for length in lengths]
        return _Chunk(lengths, heights, [length == HIDDEN for length in lengths])

    def _chunk_of(self, number: int) -> int:
        return bisect_right(self._firsts, number) - 1 if number < len(self) else len(self._chunks)

    def _place_of(self, number: int) -> tuple[_Chunk, int]:
        at = self._chunk_of(number)
        return self._chunks[at], number - self._firsts[at]

    def _part(self, at: int, first: int, end: int) -> _Chunk:
        """The lines of a chunk that are in [first, end)."""
        if at >= len(self._chunks):
            return _Chunk([], [], [])
        start = self._firsts[at]
        return self._chunks[at].part(max(0, first - start), max(0, end - start))

    def _chunk_tops(self) -> list[float]:
        if self._tops is None:
            self._tops = [0.0, *accumulate(chunk.total for chunk in self._chunks)]
        return self._tops


class _Chunk:
    """Lines that follow one another."""

    def __init__(self, lengths: list[int], heights: list[float], known: list[bool]) -> None:
        self.lengths = lengths
        self.heights = heights
        self.known = known
        self.total = sum(heights)

    def part(self, first: int, end: int) -> _Chunk:
        return _Chunk(self.lengths[first:end], self.heights[first:end], self.known[first:end])

    def joined(self, other: _Chunk) -> _Chunk:
        return _Chunk(self.lengths + other.lengths, self.heights + other.heights, self.known + other.known)

    def parted(self) -> list[_Chunk]:
        count = len(self.lengths)
        if count <= 2 * _CHUNK:
            return [self] if count else []
        return [self.part(first, first + _CHUNK) for first in range(0, count, _CHUNK)]
