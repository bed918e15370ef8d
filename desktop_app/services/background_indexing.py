"""Indexing in a thread of its own, which changes wake; it tells how far it is, and tries again after a failure."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, DiskFullError, InkwellError, StoreError, WorkerError
from desktop_app.domain.listeners import Listeners
from desktop_app.domain.search import IndexingProgress
from desktop_app.services.indexing import IndexingService, ProgressListener

_log = logging.getLogger(__name__)

_LONGEST_SETTLING = 8
"""Someone who types without a pause is indexed after so many settling times all the same."""


class BackgroundIndexer:
    """Runs the service in a thread of its own whenever it is woken; saving a note never waits for it.

    Args:
        settle_seconds: how long it waits for more changes after a wake, so that not every pause in typing is embedded.
        retry_seconds: after a failure it tries again by itself so much later.
    """

    def __init__(self, service: IndexingService, *, settle_seconds: float = 1.5, retry_seconds: float = 60.0) -> None:
        self._service = service
        self._settle_seconds = settle_seconds
        self._retry_seconds = retry_seconds
        self._woken = threading.Event()
        self._cancel = CancelToken()
        self._lock = threading.Lock()
        self._listeners = Listeners[IndexingProgress]()
        self._last: IndexingProgress | None = None
        self._problem: InkwellError | None = None
        self._thread: threading.Thread | None = None
        service.pauses.listen(self._pause_changed)

    @property
    def problem(self) -> InkwellError | None:
        """Why the last run ended early; None when it did not."""
        return self._problem

    def wake(self) -> None:
        """Notes changed (or may have). Starts the thread at the first call; cheap, from any thread."""
        with self._lock:
            if self._thread is None and not self._cancel.cancelled:
                self._thread = threading.Thread(target=self._live, name="indexing", daemon=True)
                self._thread.start()
        self._woken.set()

    @property
    def held(self) -> bool:
        """The person paused it."""
        return self._service.pauses.held

    def set_held(self, held: bool) -> None:
        """Pause for the person, after the batch under way, or go on; until the program ends. Cheap, from any thread."""
        self._service.pauses.set_held(held)

    def subscribe(self, listener: ProgressListener) -> Callable[[], None]:
        """Call `listener` with each change, in the indexing thread; call the result to take it off again."""
        return self._listeners.add(listener)

    def stop(self) -> None:
        """Ask it to stop, for good, and return at once. What was embedded is kept."""
        self._cancel.cancel()
        self._woken.set()

    def close(self) -> None:
        """Stop, and wait until the thread is gone."""
        self.stop()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _live(self) -> None:
        retry = False
        while True:
            self._woken.wait(self._retry_seconds if retry else None)
            latest = time.monotonic() + _LONGEST_SETTLING * self._settle_seconds
            while self._woken.is_set() and not self._cancel.cancelled and time.monotonic() <= latest:
                self._woken.clear()
                self._woken.wait(self._settle_seconds)
            self._woken.clear()
            if self._cancel.cancelled:
                return
            retry = not self._run()

    def _run(self) -> bool:
        """One run; false when it failed. The failure stands in `problem` and the progress says that nothing runs."""
        try:
            self._service.run(self._cancel, self._tell)
        except CancelledError:
            return True
        except InkwellError as error:
            if self._cancel.cancelled and isinstance(error, WorkerError):
                return True  # the encoder was ended while it worked for a run that had been told to stop
            _log.warning("indexing stopped: %s", error.code)
            return self._failed(_no_room(error) if isinstance(error, DiskFullError) else error)
        except Exception as error:  # noqa: BLE001 - the border of the thread, which must live on to try again
            _log.exception("indexing stopped")
            return self._failed(
                InkwellError(
                    "Indexing stopped unexpectedly.",
                    f"A part of Inkwell failed ({type(error).__name__}).",
                    "It is tried again by itself; words find everything meanwhile.",
                )
            )
        self._problem = None
        return True

    def _failed(self, problem: InkwellError) -> bool:
        self._problem = problem
        try:
            progress = self._service.progress()
        except StoreError:  # what failed may be the store itself, and is told all the same
            progress = IndexingProgress(0, 0, 0, 0, 0.0)
        self._tell(replace(progress, problem=problem))
        return False

    def _pause_changed(self) -> None:
        """Said at once, with the counts last told: the run itself says something only after its batch."""
        last, pauses = self._last, self._service.pauses
        if last is not None:
            self._tell(replace(last, paused=pauses.answering, held=pauses.held))
        if self._thread is not None and not pauses.answering:
            self.wake()  # what was asked and answered can be read now

    def _tell(self, progress: IndexingProgress) -> None:
        self._last = progress
        self._listeners.tell(progress)


def _no_room(error: DiskFullError) -> DiskFullError:
    """A full disk as it is told of background work, for which nobody typed anything."""
    told = DiskFullError(
        "Indexing stopped: the disk is full.",
        "Notes are saved apart from it: those that are shown as saved are, and what was indexed stays.",
        "Free some space: indexing then goes on by itself within a minute.",
    )
    told.__cause__ = error
    return told
