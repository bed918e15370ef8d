"""What outlives a single worker process: its status as seen from outside, and the crashes of each model."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from desktop_app.domain.errors import InkwellError, ModelQuarantinedError
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.domain.listeners import Listeners

CRASHES_TO_QUARANTINE = 3


def model_key(path: Path) -> str:
    """Identifies a model file by place, size and time; a replaced file is another model."""
    try:
        stat = path.stat()
    except OSError:
        return str(path)
    return f"{path}|{stat.st_size}|{stat.st_mtime_ns}"


class CrashLedger:
    """Counts crashes by model; the third one puts the model into quarantine until it is forgiven. Thread-safe.

    A finished answer wipes the count: what is counted are crashes with no success between them.
    """

    def __init__(self, limit: int = CRASHES_TO_QUARANTINE) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._crashes: dict[str, int] = {}

    def record(self, key: str) -> int:
        """Count one more crash of that model; how many it has now."""
        with self._lock:
            self._crashes[key] = self._crashes.get(key, 0) + 1
            return self._crashes[key]

    def count(self, key: str) -> int:
        """Crashes counted for that model."""
        with self._lock:
            return self._crashes.get(key, 0)

    def forgive(self, key: str) -> None:
        """Start again from no crashes."""
        with self._lock:
            self._crashes.pop(key, None)

    def quarantined(self, key: str) -> bool:
        """True once the model crashed too often."""
        return self.count(key) >= self._limit

    def crashed(self, key: str, name: str, error: InkwellError) -> InkwellError:
        """Count a crash that ended with `error`; what to tell of it: `error`, or that the model is set aside now."""
        self.record(key)
        if not self.quarantined(key):
            return error
        told = self.error(key, name)
        told.__cause__ = error
        return told

    def error(self, key: str, name: str) -> ModelQuarantinedError:
        """What is raised instead of starting that model once more."""
        return ModelQuarantinedError(
            f"{name} is set aside because it crashed {self.count(key)} times.",
            "Starting it again would most likely crash again.",
            "Choose another model, or try this one again from the Models screen.",
        )


class StatusBoard:
    """The present WorkerStatus and those who want to hear of each change. Thread-safe.

    Listeners hear of the changes one by one, in the order in which they were made, in one of the threads that made
    them; no lock is held meanwhile, so a listener may ask for anything.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status = WorkerStatus(WorkerPhase.OFF)
        self._listeners = Listeners[WorkerStatus]()
        self._untold: deque[WorkerStatus] = deque()
        self._telling = False

    @property
    def status(self) -> WorkerStatus:
        """The status now."""
        return self._status

    def publish(
        self,
        phase: WorkerPhase,
        *,
        progress: float = 0.0,
        error: InkwellError | None = None,
        model: str = "",
        resident_bytes: int = 0,
        crashes: int = 0,
        while_true: Callable[[], bool] = lambda: True,
    ) -> None:
        """Set the status, and tell everyone when it differs from the last.

        Nothing happens unless `while_true()`, asked under the board's lock: what is said of a process must not come
        after the news of its end.
        """
        status = WorkerStatus(phase, progress, error, model, resident_bytes, crashes)
        with self._lock:
            if not while_true() or (status == self._status and status.error is self._status.error):
                return
            self._status = status
            self._untold.append(status)
            if self._telling:
                return
            self._telling = True
        self._tell()

    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]:
        """Add a listener; call the result to take it off again."""
        return self._listeners.add(listener)

    def _tell(self) -> None:
        """Tell what is untold. A listener that fails keeps the others from nothing; its error is raised at the end."""
        failure: BaseException | None = None
        while True:
            with self._lock:
                if not self._untold:
                    self._telling = False
                    break
                status = self._untold.popleft()
            for listener in self._listeners.present():
                try:
                    listener(status)
                except BaseException as error:  # noqa: BLE001 - raised below, when everyone was told
                    failure = failure or error
        if failure is not None:
            raise failure
