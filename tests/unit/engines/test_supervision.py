"""Crash counts, status, requests, and what last words mean."""

from __future__ import annotations

import queue
from pathlib import Path

import pytest

from desktop_app.domain.errors import (
    InkwellError,
    MessageTooLongError,
    ModelQuarantinedError,
    OutOfMemoryError,
    TemplateError,
    WorkerCrashedError,
    WorkerProtocolError,
    WorkerStartError,
)
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.engines.failures import error_from_failure
from desktop_app.engines.requests import RequestTable
from desktop_app.engines.stderr_classification import error_for_exit
from desktop_app.engines.supervision import CrashLedger, StatusBoard, model_key
from desktop_app.protocol.messages import Ended, Failed, Tokens


def test_the_third_crash_puts_aside() -> None:
    ledger = CrashLedger()
    assert [ledger.record("a") for _ in range(2)] == [1, 2]
    assert not ledger.quarantined("a")
    ledger.record("a")
    assert ledger.quarantined("a")
    assert not ledger.quarantined("b")
    assert isinstance(ledger.error("a", "A"), ModelQuarantinedError)
    ledger.forgive("a")
    assert not ledger.quarantined("a")


def test_a_replaced_file_is_another_model(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"1")
    before = model_key(path)
    path.write_bytes(b"22")
    assert model_key(path) != before
    assert model_key(tmp_path / "none") == str(tmp_path / "none")


def test_listeners_hear_of_changes_only() -> None:
    board = StatusBoard()
    heard: list[WorkerStatus] = []
    unsubscribe = board.subscribe(heard.append)
    board.publish(WorkerPhase.READY, model="m")
    board.publish(WorkerPhase.READY, model="m")
    unsubscribe()
    board.publish(WorkerPhase.OFF)
    assert [status.phase for status in heard] == [WorkerPhase.READY]
    assert board.status.phase is WorkerPhase.OFF


def test_answers_land_with_their_request() -> None:
    table = RequestTable(Ended)
    with table.new() as first, table.new() as second:
        table.deliver(Tokens(second.id, "b", ()))
        table.deliver(Tokens(first.id, "a", ()))
        assert first.next_message() == Tokens(first.id, "a", ())
        assert second.next_message() == Tokens(second.id, "b", ())
        assert first.running
        table.deliver(Failed(first.id, "template", "no"))
        assert not first.running
        with pytest.raises(TemplateError):
            first.next_message()
        with pytest.raises(queue.Empty):
            second.next_message(timeout=0.01)
    table.deliver(Tokens(first.id, "late", ()))
    with pytest.raises(queue.Empty):
        first.next_message(timeout=0.01)


def test_the_end_of_the_process_fails_all() -> None:
    table = RequestTable()
    with table.new() as request:
        table.fail_all(WorkerCrashedError("gone"))
        assert not request.running
        with pytest.raises(WorkerCrashedError):
            request.next_message()


def test_failures_become_their_errors() -> None:
    error = error_from_failure(Failed(1, "message_too_long", "w", "y", "t", tokens=9, room=4))
    assert isinstance(error, MessageTooLongError)
    assert (error.tokens, error.room, error.why) == (9, 4, "y")
    assert isinstance(error_from_failure(Failed(1, "disk_full", "w")), WorkerProtocolError)


@pytest.mark.parametrize(
    ("status", "lines", "error", "words"),
    [
        (1, ["x", "ggml: failed to allocate buffer of size 1"], OutOfMemoryError, "memory"),
        (1, ["MemoryError"], OutOfMemoryError, "memory"),
        (1, ["ModuleNotFoundError: No module named 'llama_cpp'"], WorkerStartError, "library"),
        (-6, ["ggml.c:1: GGML_ASSERT(x) failed"], WorkerCrashedError, "check"),
        (-6, ["CUDA error: an illegal memory access"], WorkerCrashedError, "graphics"),
        (-9, [], WorkerCrashedError, "system"),
        (-4, [], WorkerCrashedError, "processor"),
        (-11, [], WorkerCrashedError, "memory it may not"),
        (-7, [], WorkerCrashedError, "disk"),
        (-15, [], WorkerCrashedError, "signal 15"),
        (3, [], WorkerCrashedError, "status 3."),
        (0xC0000005, [], WorkerCrashedError, "memory it may not"),
        (0xC000001D, [], WorkerCrashedError, "processor"),
        (0xC0000374, [], WorkerCrashedError, "status 0xc0000374."),
    ],
)
def test_last_words(status: int, lines: list[str], error: type[InkwellError], words: str) -> None:
    found = error_for_exit("chat model", status, lines)
    assert type(found) is error
    assert words.lower() in found.why.lower()
    assert found.todo
