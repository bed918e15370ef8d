"""Background tasks: order, staleness, failures, cancellation, closing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, InkwellError, NotFoundError
from desktop_app.presenters.tasks import TaskRunner, UnexpectedError


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.close()


def test_the_result_arrives_in_the_gui_thread(runner: TaskRunner, qtbot: QtBot) -> None:
    gui = threading.current_thread()
    seen: list[tuple[threading.Thread, threading.Thread]] = []
    runner.run(lambda token: threading.current_thread(), done=lambda t: seen.append((t, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0] is not gui
    assert seen[0][1] is gui


def test_items_arrive_in_order_and_done_comes_last(runner: TaskRunner, qtbot: QtBot) -> None:
    seen: list[object] = []
    runner.stream(lambda token: iter(range(5000)), item=seen.append, done=lambda: seen.append("done"))
    qtbot.waitUntil(lambda: bool(seen) and seen[-1] == "done")
    assert seen == [*range(5000), "done"]
    assert runner.idle


def test_a_newer_task_on_the_channel_drops_the_older(runner: TaskRunner, qtbot: QtBot) -> None:
    release = threading.Event()
    seen: list[str] = []

    def slow(token: CancelToken) -> str:
        release.wait(5)
        return "old" if token.cancelled else "old, never told to stop"

    old = runner.run(slow, done=seen.append, channel="search")
    runner.run(lambda token: "new", done=seen.append, channel="search")
    qtbot.waitUntil(lambda: "new" in seen)
    release.set()
    qtbot.waitUntil(lambda: runner.idle)
    assert seen == ["new"]
    assert old.stale
    assert old.token.cancelled


def test_cancel_still_delivers_what_the_work_says(runner: TaskRunner, qtbot: QtBot) -> None:
    seen: list[str] = []

    def work(token: CancelToken) -> Iterator[str]:
        yield "first"
        token.wait(5)
        yield "stopped" if token.cancelled else "not stopped"

    task = runner.stream(work, item=seen.append, done=lambda: seen.append("done"))
    qtbot.waitUntil(lambda: seen == ["first"])
    task.cancel()
    qtbot.waitUntil(lambda: runner.idle)
    assert seen == ["first", "stopped", "done"]


def test_cancelled_is_no_failure(runner: TaskRunner, qtbot: QtBot) -> None:
    seen: list[str] = []

    def work(token: CancelToken) -> None:
        raise CancelledError("Stopped.")

    runner.run(
        work,
        done=lambda _: seen.append("done"),
        failed=lambda _: seen.append("failed"),
        cancelled=lambda: seen.append("cancelled"),
    )
    qtbot.waitUntil(lambda: runner.idle)
    assert seen == ["cancelled"]


def test_a_typed_failure_arrives_as_it_is(runner: TaskRunner, qtbot: QtBot) -> None:
    error = NotFoundError("This chat is gone.")
    seen: list[InkwellError] = []

    def work(token: CancelToken) -> None:
        raise error

    runner.run(work, done=lambda _: None, failed=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [error]


def test_without_a_failed_callback_the_error_is_not_lost(runner: TaskRunner, qtbot: QtBot) -> None:
    error = NotFoundError("This chat is gone.")

    def work(token: CancelToken) -> None:
        raise error

    with qtbot.waitSignal(runner.unhandled) as caught:
        runner.run(work, done=lambda _: None)
    assert caught.args == [error]


def test_a_defect_becomes_a_typed_logged_failure_without_its_text(
    runner: TaskRunner, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[InkwellError] = []

    def work(token: CancelToken) -> None:
        raise ValueError(" ".join(["what", "the", "person", "wrote"]))

    with caplog.at_level(logging.ERROR):
        runner.run(work, done=lambda _: None, failed=seen.append)
        qtbot.waitUntil(lambda: bool(seen))
    error = seen[0]
    assert isinstance(error, UnexpectedError)
    assert "ValueError" in error.details
    assert "in work" in error.details
    assert "what the person wrote" not in error.details + caplog.text
    assert "ValueError" in caplog.text
    caplog.clear()


def test_a_callback_that_raises_does_not_strand_the_rest(runner: TaskRunner, qtbot: QtBot) -> None:
    seen: list[int] = []

    def item(value: int) -> None:
        if value == 1:
            raise RuntimeError("a defect in a screen")
        seen.append(value)

    with qtbot.captureExceptions() as caught:
        runner.stream(lambda token: iter(range(4)), item=item, done=lambda: None)
        qtbot.waitUntil(lambda: runner.idle)
    assert seen == [0, 2, 3]
    assert [kind for kind, *_ in caught] == [RuntimeError]


def test_close_cancels_waits_and_delivers_nothing_more(qtbot: QtBot) -> None:
    runner = TaskRunner()
    ended = threading.Event()
    seen: list[str] = []

    def work(token: CancelToken) -> str:
        token.wait(10)
        ended.set()
        return "late"

    runner.run(work, done=seen.append)
    runner.close()
    assert ended.is_set()
    QThread.msleep(1)
    qtbot.wait(1)
    assert seen == []
    with pytest.raises(RuntimeError):
        runner.run(work, done=seen.append)


def test_stop_does_not_wait_and_wait_says_who_is_left(qtbot: QtBot) -> None:
    runner = TaskRunner()
    deaf = threading.Event()
    started = threading.Event()
    seen: list[object] = []

    def work(token: CancelToken) -> None:
        started.set()
        deaf.wait(10)

    runner.run(work, done=seen.append)
    assert started.wait(10)
    runner.stop()
    assert runner.closed
    assert not runner.wait(0.02)
    deaf.set()
    assert runner.wait(10)
    runner.close()
    assert seen == []
