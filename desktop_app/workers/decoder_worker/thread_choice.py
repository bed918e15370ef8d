"""How many threads compute: fewer while other programs want the processor.

llama.cpp's threads wait for each other several hundred times a token. One that has to wait for its core holds up all
the others: on two cores beside one busy program SmolLM2 wrote 17 tokens/s with two threads and 50 with one.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_LOOK_EVERY_SECONDS = 0.25
_FORGOTTEN_SECONDS = 10.0


class ThreadChoice:
    """Chooses by what others used of the processor since the last look. The main thread's.

    Where this process may not use the whole machine (a container, an affinity), the machine's figures say nothing about
    its share, and all threads stay.
    """

    def __init__(
        self,
        *,
        cores: int,
        clock: Callable[[], float] = time.monotonic,
        used_by_all: Callable[[], float] | None = None,
        used_here: Callable[[], float] = time.process_time,
    ) -> None:
        """
        Args:
            cores: of the machine; 0 where this process may not use them all.
            used_by_all, used_here: seconds of all cores together that were used so far.
        """
        self.now = 1
        self._most = 1
        self._cores = cores
        self._may_change = False
        self._clock = clock
        self._used_by_all = used_by_all or busy_seconds
        self._used_here = used_here
        self._wants_more = False
        self._note(clock())

    def allow(self, most: int, *, may_change: bool) -> None:
        """Use `most` threads while nobody else computes, and always where the number must not change."""
        self.now = self._most = most
        self._may_change = may_change and most > 1 and self._cores > 0

    def begin(self) -> None:
        """A computation begins: what was used before it does not count, nor what was chosen long ago."""
        now = self._clock()
        if now - self._looked_at > _FORGOTTEN_SECONDS:
            self.now = self._most
        self._note(now)

    def look(self) -> int:
        """The number of threads from now on. Cheap where the last look was just before."""
        now = self._clock()
        passed = now - self._looked_at
        if passed < _LOOK_EVERY_SECONDS or not self._may_change:
            return self.now
        wanted = self._wanted(passed)
        self._note(now)
        # Fewer at once; more only when a second look agrees: a short pause of the others is no reason to change.
        if wanted < self.now or (wanted > self.now and self._wants_more):
            self.now = wanted
        self._wants_more = wanted > self.now
        return self.now

    def expected(self) -> int:
        """With how many threads a computation would go on that began now; changes nothing."""
        passed = self._clock() - self._looked_at
        return self.now if passed < _LOOK_EVERY_SECONDS or not self._may_change else self._wanted(passed)

    def _wanted(self, passed: float) -> int:
        used = self._used_by_all() - self._all_before, self._used_here() - self._here_before
        others = max(0.0, used[0] - used[1]) / passed
        return max(1, min(self._most, round(self._cores - others)))

    def _note(self, now: float) -> None:
        self._looked_at = now
        if self._cores:
            self._all_before, self._here_before = self._used_by_all(), self._used_here()


def busy_seconds() -> float:
    """Seconds in which a core computed for anybody, all cores together, since the machine started.

    Programs of low priority are left out where the system tells (Linux, macOS): they make room by themselves.
    """
    import psutil  # type: ignore[import-untyped,unused-ignore]

    times = psutil.cpu_times()
    return float(times.user + times.system)
