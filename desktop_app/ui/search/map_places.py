"""Where the points of a map lie, for finding one near a place or in a direction."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence

_CELLS = 48


class MapPlaces:
    """Points in a grid. Coordinates are those of the map."""

    def __init__(self, x: Sequence[float], y: Sequence[float]) -> None:
        self.x, self.y = x, y
        self.left, self.right = min(x, default=0.0), max(x, default=1.0)
        self.top, self.bottom = min(y, default=0.0), max(y, default=1.0)
        self._cell = max(self.right - self.left, self.bottom - self.top, 1e-6) / _CELLS
        self._grid: dict[tuple[int, int], list[int]] = defaultdict(list)
        for point, place in enumerate(zip(x, y, strict=True)):
            self._grid[self._cell_of(*place)].append(point)

    def near(self, x: float, y: float, reach: float) -> int | None:
        """The point nearest to a place, at most `reach` away."""
        best, least = None, reach
        for point in self._around(x, y, reach):
            distance = math.hypot(self.x[point] - x, self.y[point] - y)
            if distance <= least:
                best, least = point, distance
        return best

    def inside(self, left: float, top: float, right: float, bottom: float, most: int) -> list[int]:
        """The points in a rectangle, in their order; none where there are more than `most`."""
        first, last = self._cell_of(left, top), self._cell_of(right, bottom)
        found: list[int] = []
        for column in range(max(first[0], 0), min(last[0], _CELLS) + 1):
            for row in range(max(first[1], 0), min(last[1], _CELLS) + 1):
                for point in self._grid.get((column, row), ()):
                    if left <= self.x[point] <= right and top <= self.y[point] <= bottom:
                        found.append(point)
                if len(found) > most:
                    return []
        return sorted(found)

    def towards(self, point: int, across: int, down: int) -> int | None:
        """The nearest point in a direction (-1, 0, 1 for each axis): what lies aside counts as farther."""
        best, least = None, math.inf
        for other in range(len(self.x)):
            right, below = self.x[other] - self.x[point], self.y[other] - self.y[point]
            ahead = right * across + below * down
            aside = abs(right * down) + abs(below * across)
            if other != point and ahead > 0.0 and aside <= 2.0 * ahead:
                distance = math.hypot(ahead, 2.0 * aside)
                if distance < least:
                    best, least = other, distance
        return best

    def _cell_of(self, x: float, y: float) -> tuple[int, int]:
        return math.floor((x - self.left) / self._cell), math.floor((y - self.top) / self._cell)

    def _around(self, x: float, y: float, reach: float) -> Iterator[int]:
        first, last = self._cell_of(x - reach, y - reach), self._cell_of(x + reach, y + reach)
        if (last[0] - first[0]) * (last[1] - first[1]) > _CELLS**2:
            yield from range(len(self.x))
            return
        for column in range(first[0], last[0] + 1):
            for row in range(first[1], last[1] + 1):
                yield from self._grid.get((column, row), ())


class FreeRoom:
    """What is left for words between points and boxes (left, top, right, bottom), in pixels.

    Plain numbers, the points in order: with rectangles of Qt's, a hundred titles took 30 ms a frame.
    """

    def __init__(
        self, points: Sequence[tuple[float, float]], boxes: Sequence[tuple[float, float, float, float]]
    ) -> None:
        self._points = sorted(points)
        self._across = [x for x, _ in self._points]
        self._boxes = list(boxes)

    def take(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Take a box where no point lies in it and no other box on it."""
        first, last = bisect_left(self._across, left), bisect_right(self._across, right)
        if any(top <= y <= bottom for _, y in self._points[first:last]):
            return False
        if any(
            left < east and west < right and top < south and north < bottom for west, north, east, south in self._boxes
        ):
            return False
        self._boxes.append((left, top, right, bottom))
        return True
