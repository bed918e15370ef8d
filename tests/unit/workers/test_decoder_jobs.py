"""Which stop belongs to which job, decided without a model and without pipes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app.protocol.messages import Cancel, Generate, ReadAhead
from desktop_app.workers.decoder_worker.main import DecoderWorker


class FakeFlag:
    def __init__(self) -> None:
        self.raised = False

    def raise_it(self) -> None:
        self.raised = True

    def lower(self) -> None:
        self.raised = False


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> DecoderWorker:
    made = DecoderWorker.__new__(DecoderWorker)
    made._state_lock = threading.Lock()
    made._running = 0
    made._running_ahead = False
    made._wanted_ahead = 0
    made._closing = False
    made._cancelled = set()
    made._abort = FakeFlag()  # type: ignore[assignment]
    made._runtime = SimpleNamespace()  # type: ignore[assignment]
    return made


def job(request_id: int) -> Generate:
    sampling: Any = None
    return Generate(request_id, (), sampling, 1, (), False, True)


def run(worker: DecoderWorker, request_id: int, meanwhile: Callable[[], None] = lambda: None) -> bool:
    """Do a job; whether it began, or was told while it ran, to stop."""
    seen: list[bool] = []

    def generate(_job: Generate) -> None:
        meanwhile()
        seen.append(worker._abort.raised)

    worker._generate = generate  # type: ignore[method-assign]
    worker._do(job(request_id))
    return seen[0]


def test_a_stop_of_the_next_job_outlives_the_end_of_this_one(worker: DecoderWorker) -> None:
    assert not run(worker, 1, lambda: worker._on_control(Cancel(2)) and None)
    assert run(worker, 2)


def test_a_stop_that_came_too_late_stops_nothing_else(worker: DecoderWorker) -> None:
    run(worker, 1)
    worker._on_control(Cancel(1))
    assert not run(worker, 2)
    assert not worker._cancelled


def test_a_running_job_is_stopped(worker: DecoderWorker) -> None:
    assert run(worker, 5, lambda: worker._on_control(Cancel(5)) and None)


def ahead(worker: DecoderWorker, request_id: int, meanwhile: Callable[[], object] = lambda: None) -> bool:
    """Do a read-ahead; whether it began, or was told while it ran, to stop."""
    seen: list[bool] = []

    def read(_job: ReadAhead) -> None:
        meanwhile()
        seen.append(worker._abort.raised)

    worker._read_ahead = read  # type: ignore[method-assign]
    worker._do(ReadAhead(request_id, (), False))
    return seen[0]


def test_reading_ahead_ends_when_anything_else_comes(worker: DecoderWorker) -> None:
    worker._on_control(ReadAhead(1, (), False))
    assert ahead(worker, 1, lambda: worker._on_control(job(2)))
    assert not run(worker, 2)
    worker._on_control(ReadAhead(3, (), False))
    assert ahead(worker, 3, lambda: worker._on_control(ReadAhead(4, (), False)))
    assert not ahead(worker, 4)


def test_what_waits_to_be_read_ahead_is_dropped_for_what_comes_behind_it(worker: DecoderWorker) -> None:
    """Ids are drawn before messages are sent: the question behind it may have the lower one."""
    worker._on_control(ReadAhead(8, (), False))
    worker._on_control(job(7))
    assert ahead(worker, 8)
    assert not run(worker, 7)


def test_an_answer_is_not_ended_by_what_is_to_be_read_ahead(worker: DecoderWorker) -> None:
    worker._on_control(job(1))
    assert not run(worker, 1, lambda: worker._on_control(ReadAhead(2, (), False)) and None)
    assert not ahead(worker, 2)


def test_a_process_that_is_hung_up_on_begins_nothing_more(worker: DecoderWorker) -> None:
    worker._closing = True
    with pytest.raises(IndexError):
        run(worker, 1)
