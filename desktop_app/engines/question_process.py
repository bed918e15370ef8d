"""A worker process that answers one question at a time, for what a person can also do without."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from desktop_app.domain.errors import CancelledError, InkwellError
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import RequestTable
from desktop_app.engines.worker_process import CLOSING_GRACE_SECONDS, WorkerProcess
from desktop_app.protocol.framing import Message

NICENESS = 5


class QuestionProcess:
    """The first question starts the process, one that takes too long ends it. Thread-safe.

    Args:
        worker: name of the worker.
        title: what it is called in messages.
        messages: what it may send.
        answers: those of them that end a question.
        seconds: how long one answer may take.
        first_seconds: the same for the first one of a process, where that has more to do.
        most_failures: processes that may be lost in a row; after that nothing is answered any more.
    """

    def __init__(
        self,
        launcher: WorkerLauncher,
        worker: str,
        title: str,
        messages: object,
        answers: tuple[type[Message], ...],
        *,
        seconds: float,
        first_seconds: float | None = None,
        most_failures: int,
    ) -> None:
        self._launcher = launcher
        self._worker = worker
        self._title = title
        self._messages = messages
        self._answers = answers
        self._seconds = seconds
        self._first_seconds = seconds if first_seconds is None else first_seconds
        self._most_failures = most_failures
        self._lock = threading.Lock()
        self._state = threading.Lock()
        self._process: WorkerProcess | None = None
        self._requests = RequestTable(*answers)
        self._warm = False
        self._failures = 0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def ask(self, question: Callable[[int], Message]) -> Message | None:
        """The answer to what `question` makes of the request's id; None where there is none. Blocks."""
        with self._lock:
            if self._closed or self._failures >= self._most_failures:
                return None
            try:
                return self._answer(question)
            except CancelledError:
                return None
            except InkwellError:
                # One that dies again and again is not started for ever.
                self._failures += 1
                return None

    def close(self) -> None:
        """End the process for good. Whoever waits for an answer gets none."""
        with self._state:
            self._closed = True
            process = self._process
        if process is not None:
            process.stop(CLOSING_GRACE_SECONDS)

    def _answer(self, question: Callable[[int], Message]) -> Message | None:
        process = self._running()
        with self._requests.new() as request:
            process.send(question(request.id))
            try:
                answer = request.next_message(timeout=self._seconds if self._warm else self._first_seconds)
            except queue.Empty:
                process.kill()
                self._failures += 1
                return None
        self._warm = True
        self._failures = 0
        return answer

    def _running(self) -> WorkerProcess:
        """The process, started where it is not there."""
        with self._state:
            process = self._process
            if self._closed:
                raise CancelledError("Stopped.")
            if process is not None and process.alive:
                return process
            requests = RequestTable(*self._answers)
            process = WorkerProcess(
                self._worker,
                self._title,
                self._launcher,
                self._messages,
                on_message=requests.deliver,
                on_end=lambda error: requests.fail_all(error or CancelledError("Stopped.")),
                niceness=NICENESS,
            )
            self._process, self._requests, self._warm = process, requests, False
        process.start()
        return process
