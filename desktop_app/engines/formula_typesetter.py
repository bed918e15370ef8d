"""The process that typesets formulas, seen from this side: the first one starts it, one that takes too long ends it."""

from __future__ import annotations

import queue
import threading

from desktop_app.domain.errors import CancelledError, InkwellError
from desktop_app.domain.formulas import Formula, FormulaPicture, may_be_typeset
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import RequestTable
from desktop_app.engines.worker_process import CLOSING_GRACE_SECONDS, WorkerProcess
from desktop_app.protocol.formula_messages import FormulaFromWorker, FormulaTypeset, TypesetFormula

TITLE = "formula process"
SECONDS = 2.0
"""How long one formula may take."""
FIRST_SECONDS = 15.0
"""The same for the first one of a process, which imports its libraries."""
MOST_FAILURES = 5
"""Processes that may be lost in a row (ended, crashed); after that every formula shows its source."""
NICENESS = 5


class FormulaProcess:
    """Implements services.ports.FormulaTypesetter over a worker process. Thread-safe; one formula at a time.

    Args:
        worker: name of the worker.
        seconds: how long one formula may take.
    """

    def __init__(self, launcher: WorkerLauncher, *, worker: str = "formula", seconds: float = SECONDS) -> None:
        self._launcher = launcher
        self._worker = worker
        self._seconds = seconds
        self._lock = threading.Lock()
        self._state = threading.Lock()
        self._process: WorkerProcess | None = None
        self._requests = RequestTable(FormulaTypeset)
        self._warm = False
        self._failures = 0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def typeset(self, formula: Formula) -> FormulaPicture | None:
        """The formula's picture, None where it cannot be drawn or took too long. Blocks."""
        source = without_lone_surrogates(formula.source)
        if not may_be_typeset(source):
            return None
        with self._lock:
            if self._closed or self._failures >= MOST_FAILURES:
                return None
            try:
                return self._ask(source, display=formula.display)
            except CancelledError:
                return None
            except InkwellError:
                # Its source is shown instead; a process that dies again and again is not started for ever.
                self._failures += 1
                return None

    def _ask(self, source: str, *, display: bool) -> FormulaPicture | None:
        process = self._running()
        with self._requests.new() as request:
            process.send(TypesetFormula(request.id, source, display))
            try:
                answer = request.next_message(timeout=self._seconds if self._warm else FIRST_SECONDS)
            except queue.Empty:
                process.kill()
                self._failures += 1
                return None
        self._warm = True
        self._failures = 0
        if not isinstance(answer, FormulaTypeset) or not answer.svg:
            return None
        return FormulaPicture(answer.svg, answer.width, answer.ascent, answer.descent)

    def _running(self) -> WorkerProcess:
        """The process, started where it is not there."""
        with self._state:
            process = self._process
            if self._closed:
                raise CancelledError("Stopped.")
            if process is not None and process.alive:
                return process
            requests = RequestTable(FormulaTypeset)
            process = WorkerProcess(
                self._worker,
                TITLE,
                self._launcher,
                FormulaFromWorker,
                on_message=requests.deliver,
                on_end=lambda error: requests.fail_all(error or CancelledError("Stopped.")),
                niceness=NICENESS,
            )
            self._process, self._requests, self._warm = process, requests, False
        process.start()
        return process

    def close(self) -> None:
        """End the process for good. Whoever waits for a formula gets none."""
        with self._state:
            self._closed = True
            process = self._process
        if process is not None:
            process.stop(CLOSING_GRACE_SECONDS)
