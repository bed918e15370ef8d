"""Batches of passages side by side: all are kept, and a stop and a failure come through."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from desktop_app.workers.encoder_worker.lanes import Vectors, in_lanes

WAIT_SECONDS = 20.0


def rows(batch: list[int]) -> Vectors:
    return np.array(batch, np.float32)


@pytest.mark.parametrize("lanes", [1, 3])
def test_each_batch_is_computed_once_and_kept_with_its_own_rows(lanes: int) -> None:
    kept: dict[int, float] = {}

    def keep(batch: list[int], found: Vectors, seconds: float) -> None:
        assert seconds >= 0
        kept.update(zip(batch, found.tolist(), strict=True))

    assert in_lanes(lanes, iter([[0, 1], [2], [3], [4, 5], [6]]), rows, keep)
    assert kept == {place: float(place) for place in range(7)}


def test_as_many_run_at_once_as_there_are_lanes() -> None:
    both = threading.Barrier(2)

    def together(batch: list[int]) -> Vectors:
        both.wait(WAIT_SECONDS)
        return rows(batch)

    kept: list[int] = []
    assert in_lanes(2, iter([[0], [1], [2], [3]]), together, lambda batch, *_: kept.extend(batch))
    assert sorted(kept) == [0, 1, 2, 3]


def test_one_lane_is_the_calling_thread_and_others_begin_with_what_they_were_given() -> None:
    seen: list[str] = []
    begun: list[str] = []

    def compute(batch: list[int]) -> Vectors:
        seen.append(threading.current_thread().name)
        return rows(batch)

    def begin() -> None:
        begun.append(threading.current_thread().name)

    in_lanes(1, iter([[0], [1]]), compute, lambda *_: None, at_start=begin)
    assert set(seen) == {threading.current_thread().name}
    assert begun == []
    seen.clear()
    in_lanes(2, iter([[0], [1], [2]]), compute, lambda *_: None, at_start=begin)
    assert set(seen) <= set(begun)
    assert 1 <= len(begun) <= 2


def test_the_next_batch_is_taken_only_when_a_lane_is_free_for_it() -> None:
    taken: list[int] = []
    kept_when_taken: list[int] = []
    kept: list[int] = []

    def batches() -> Iterator[list[int]]:
        for place in range(5):
            taken.append(place)
            kept_when_taken.append(len(kept))
            yield [place]

    in_lanes(2, batches(), rows, lambda batch, *_: kept.extend(batch))
    assert taken == [0, 1, 2, 3, 4]
    assert all(done >= place - 1 for place, done in enumerate(kept_when_taken))


@pytest.mark.parametrize("lanes", [1, 2])
def test_it_stops_before_the_next_batch(lanes: int) -> None:
    computed: list[int] = []

    def compute(batch: list[int]) -> Vectors:
        computed.extend(batch)
        return rows(batch)

    assert not in_lanes(lanes, iter([[0], [1], [2], [3]]), compute, lambda *_: None, lambda: len(computed) < 1)
    assert len(computed) <= lanes
    assert in_lanes(lanes, iter([]), compute, lambda *_: None)


@pytest.mark.parametrize("lanes", [1, 2])
def test_a_failure_in_a_lane_is_raised_where_it_was_called(lanes: int) -> None:
    def compute(batch: list[int]) -> Vectors:
        if batch == [1]:
            raise MemoryError("no more")
        return rows(batch)

    with pytest.raises(MemoryError, match="no more"):
        in_lanes(lanes, iter([[0], [1], [2]]), compute, lambda *_: None)
