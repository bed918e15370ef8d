"""Batches computed side by side, each by one thread, in place of one after the other by all threads.

Threads that share a batch wait for each other at the end of each of its hundreds of steps, and what they add, scale and
normalise between the products is done by one of them or waits for memory. Which way is faster is measured (`model.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def in_lanes(
    lanes: int,
    batches: Iterator[list[int]],
    compute: Callable[[list[int]], Vectors],
    keep: Callable[[list[int], Vectors, float], None],
    go_on: Callable[[], bool] = lambda: True,
    at_start: Callable[[], None] = lambda: None,
) -> bool:
    """Compute all batches, `lanes` of them at once, or in the calling thread where it is one; false when `go_on` said
    no.

    Args:
        batches: each is taken when a lane is free for it.
        compute: runs in a thread of a lane.
        keep: gets a batch, what was computed of it, and the seconds that it took, in the calling thread.
        go_on: asked in the calling thread before each batch; may wait.
        at_start: runs first in the thread of each lane that is started.

    Raises what `compute` raises, once the other lanes have ended.
    """

    def timed(batch: list[int]) -> tuple[Vectors, float]:
        started = time.perf_counter()
        return compute(batch), time.perf_counter() - started

    if lanes == 1:
        for batch in batches:
            if not go_on():
                return False
            keep(batch, *timed(batch))
        return True

    running: dict[Future[tuple[Vectors, float]], list[int]] = {}

    def collect() -> None:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            keep(running.pop(future), *future.result())

    with ThreadPoolExecutor(lanes, thread_name_prefix="lane", initializer=at_start) as pool:
        for batch in batches:
            if not go_on():
                return False
            running[pool.submit(timed, batch)] = batch
            if len(running) == lanes:
                collect()
        while running:
            collect()
    return True
