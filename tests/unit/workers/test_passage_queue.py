"""The queue of passages: one after the other, held by a pause, dropped by a cancel in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from desktop_app.protocol.encoder_messages import EmbedTexts
from desktop_app.workers.encoder_worker.passage_queue import PassageQueue

_LONG = 10.0
_SHORT = 0.1


@pytest.fixture
def queue() -> PassageQueue:
    return PassageQueue()


def job(number: int) -> EmbedTexts:
    return EmbedTexts(number, (f"text {number}",), False)


class Waiting:
    """A call in a thread of its own."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._told: list[Any] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._told.append(self._call())

    def still_waits(self) -> bool:
        """Whether it has not come back a moment later."""
        self._thread.join(_SHORT)
        return self._thread.is_alive()

    def result(self) -> Any:
        """What it came back with."""
        self._thread.join(_LONG)
        assert not self._thread.is_alive()
        return self._told[0]


def test_jobs_are_taken_in_the_order_they_came(queue: PassageQueue) -> None:
    for number in (1, 2, 3):
        queue.put(job(number))
    assert [queue.take().request_id for _ in range(3)] == [1, 2, 3]


def test_an_empty_queue_is_waited_at_until_a_job_comes(queue: PassageQueue) -> None:
    taken = Waiting(queue.take)
    assert taken.still_waits()
    queue.put(job(1))
    assert taken.result() == job(1)


def test_a_job_goes_on_until_it_is_cancelled(queue: PassageQueue) -> None:
    queue.put(job(1))
    queue.take()
    assert queue.may_go_on()
    assert not queue.cancel(1)  # its own thread answers for it
    assert not queue.may_go_on()


def test_the_next_job_is_not_cancelled_with_the_one_before(queue: PassageQueue) -> None:
    queue.put(job(1))
    queue.put(job(2))
    queue.take()
    queue.cancel(1)
    assert queue.take() == job(2)
    assert queue.may_go_on()


def test_a_job_that_still_waits_is_taken_off_the_queue_and_the_others_stay(queue: PassageQueue) -> None:
    for number in (1, 2, 3):
        queue.put(job(number))
    queue.take()
    assert queue.cancel(2)
    assert not queue.cancel(2)
    assert queue.may_go_on()
    assert queue.take() == job(3)
    assert queue.may_go_on()


def test_a_cancel_of_another_job_or_one_that_comes_too_late_stops_nothing(queue: PassageQueue) -> None:
    queue.put(job(1))
    queue.take()
    assert not queue.cancel(7)
    assert queue.may_go_on()
    queue.put(job(2))
    queue.take()
    assert not queue.cancel(1)
    assert queue.may_go_on()


def test_a_pause_holds_the_running_job_until_it_is_over(queue: PassageQueue) -> None:
    queue.put(job(1))
    queue.take()
    queue.set_paused(True)
    going_on = Waiting(queue.may_go_on)
    assert going_on.still_waits()
    queue.set_paused(False)
    assert going_on.result() is True


def test_a_cancel_ends_a_job_that_is_held(queue: PassageQueue) -> None:
    queue.put(job(1))
    queue.take()
    queue.set_paused(True)
    going_on = Waiting(queue.may_go_on)
    assert going_on.still_waits()
    queue.cancel(1)
    assert going_on.result() is False


def test_a_fresh_queue_is_neither_paused_nor_cancelled(queue: PassageQueue) -> None:
    assert queue.may_go_on()
    assert not queue.cancel(1)
