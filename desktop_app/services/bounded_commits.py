"""Many changes in commits so short that a save in between does not wait to be felt."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager

_LONGEST_SECONDS = 0.04
"""How long one transaction is filled. A save that comes meanwhile waits for it alone, and goes before the next."""


def commit_in_batches(together: Callable[[], AbstractContextManager[None]], jobs: deque[Callable[[], None]]) -> None:
    """Do all `jobs`, each wholly in one commit. What is done is taken out of `jobs`, after its commit.

    Raises what a job raises: then the commits before it stay.
    """
    while jobs:
        done = 0
        with together():
            end = time.monotonic() + _LONGEST_SECONDS
            for job in jobs:
                job()
                done += 1
                if time.monotonic() >= end:
                    break
        for _ in range(done):
            jobs.popleft()
