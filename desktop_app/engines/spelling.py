"""The process that looks words up, seen from this side: the first words start it, one that hangs is ended."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from desktop_app.domain.errors import CancelledError, InkwellError
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import RequestTable
from desktop_app.engines.worker_process import CLOSING_GRACE_SECONDS, WorkerProcess
from desktop_app.protocol.framing import Message
from desktop_app.protocol.spelling_messages import (
    MOST_DICTIONARIES,
    MOST_WORDS,
    CheckWords,
    SpellingFromWorker,
    SuggestWords,
    WordsChecked,
    WordsSuggested,
)

TITLE = "spelling process"
SECONDS = 20.0
"""How long one answer may take; the first one of a dictionary reads it."""
MOST_FAILURES = 3
"""Processes that may be lost in a row; after that nothing is checked until the program starts again."""
NICENESS = 5


class SpellingProcess:
    """Implements services.spelling.SpellingEngine over a worker process. Thread-safe; one question at a time."""

    def __init__(self, launcher: WorkerLauncher, *, worker: str = "spelling", seconds: float = SECONDS) -> None:
        self._launcher = launcher
        self._worker = worker
        self._seconds = seconds
        self._lock = threading.Lock()
        self._state = threading.Lock()
        self._process: WorkerProcess | None = None
        self._requests = RequestTable(WordsChecked, WordsSuggested)
        self._failures = 0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def wrong(self, dictionaries: Sequence[Path], words: Sequence[str]) -> frozenset[str]:
        """Those of the words that no dictionary knows; none of them where nothing can be looked up. Blocks."""
        wrong: list[str] = []
        paths = [str(path) for path in dictionaries[:MOST_DICTIONARIES]]
        for start in range(0, len(words), MOST_WORDS):
            some = list(words[start : start + MOST_WORDS])
            answer = self._ask(partial(CheckWords, dictionaries=paths, words=some))
            if isinstance(answer, WordsChecked):
                wrong += answer.wrong
        return frozenset(wrong)

    def suggestions(self, dictionaries: Sequence[Path], word: str) -> list[str]:
        """What may have been meant, the likeliest first. Blocks."""
        paths = [str(path) for path in dictionaries[:MOST_DICTIONARIES]]
        answer = self._ask(partial(SuggestWords, dictionaries=paths, word=word))
        return list(answer.words) if isinstance(answer, WordsSuggested) else []

    def close(self) -> None:
        """End the process for good. Whoever waits for an answer gets none."""
        with self._state:
            self._closed = True
            process = self._process
        if process is not None:
            process.stop(CLOSING_GRACE_SECONDS)

    # Inside -------------------------------------------------------------------------------------

    def _ask(self, question: Callable[[int], Message]) -> Message | None:
        with self._lock:
            if self._closed or self._failures >= MOST_FAILURES:
                return None
            try:
                process = self._running()
                with self._requests.new() as request:
                    process.send(question(request.id))
                    answer = request.next_message(timeout=self._seconds)
            except queue.Empty:
                process.kill()
                self._failures += 1
                return None
            except CancelledError:
                return None
            except InkwellError:
                # Nothing is marked then; a dictionary that ends the process again and again is not read for ever.
                self._failures += 1
                return None
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
            requests = RequestTable(WordsChecked, WordsSuggested)
            process = WorkerProcess(
                self._worker,
                TITLE,
                self._launcher,
                SpellingFromWorker,
                on_message=requests.deliver,
                on_end=lambda error: requests.fail_all(error or CancelledError("Stopped.")),
                niceness=NICENESS,
            )
            self._process, self._requests = process, requests
        process.start()
        return process
