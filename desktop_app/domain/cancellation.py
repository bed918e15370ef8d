"""A flag that one thread raises and another looks at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from desktop_app.domain.errors import CancelledError

_LOOK_SECONDS = 0.05
"""Who waits for a lock looks so often whether it was cancelled."""


class CancelToken:
    """Asks running work to stop. Thread-safe; raised once, for good."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Raise the flag and call each listener once, in the caller's thread."""
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            listeners = list(self._listeners)
            self._listeners.clear()
        for listener in listeners:
            listener()

    def on_cancel(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the flag is raised, at once if it already is."""
        with self._lock:
            if not self._event.is_set():
                self._listeners.append(listener)
                return
        listener()

    def raise_if_cancelled(self) -> None:
        """Raise CancelledError once the flag is raised."""
        if self._event.is_set():
            raise CancelledError("Stopped.")

    def wait(self, seconds: float) -> bool:
        """Wait until cancelled or `seconds` passed; true when cancelled."""
        return self._event.wait(seconds)


class Lock(Protocol):
    """A lock of `threading`, reentrant or not."""

    def acquire(self, blocking: bool = ..., timeout: float = ...) -> bool: ...

    def release(self) -> None: ...


@contextmanager
def held(lock: Lock, cancel: CancelToken | None) -> Iterator[None]:
    """Hold `lock`; who waits behind another's work can be cancelled. Raises CancelledError."""
    if cancel is None:
        lock.acquire()
    else:
        cancel.raise_if_cancelled()
        while not lock.acquire(timeout=_LOOK_SECONDS):
            cancel.raise_if_cancelled()
    try:
        yield
    finally:
        lock.release()
