"""Many changes in commits so short that a save in between does not wait to be felt: they end when somebody waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_LONGEST_SECONDS = 0.1
"""How long one transaction is filled at most, for other processes. A save that comes meanwhile goes before the next."""


class AtOnce(Protocol):
    """Runs work in one commit (Database.at_once)."""

    def __call__(self, work: Callable[[], R]) -> R:
        """What the work returned, after the commit. Raises what it raises: then nothing of it is kept."""
        ...


def commit_in_batches(
    at_once: AtOnce,
    jobs: Sequence[Callable[[], T]],
    others_wait: Callable[[], bool] = lambda: False,
) -> Iterator[list[T]]:
    """Do all `jobs` in order, each wholly in one commit; gives what the jobs of a commit returned, after it.

    A commit ends after the job at hand as soon as `others_wait` says that another thread waits to write. Whoever takes
    no more of it leaves the rest undone. Raises what a job raises: then the commits before it stay.
    """
    place = 0

    def batch() -> list[T]:
        results: list[T] = []
        end = time.monotonic() + _LONGEST_SECONDS
        while place + len(results) < len(jobs):
            results.append(jobs[place + len(results)]())
            if others_wait() or time.monotonic() >= end:
                break
        return results

    while place < len(jobs):
        results = at_once(batch)
        place += len(results)
        yield results
