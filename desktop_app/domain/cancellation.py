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
    """Asks running work to stop. Thread-safe; raised once, for good.

    A token may live as long as the program: it keeps a listener no longer than the work that listens. There is no lock
    around the listeners, because a signal's handler may raise the flag in the middle of `telling`: single steps of a
    dictionary cannot be interrupted.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._listeners: dict[object, Callable[[], None]] = {}

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Raise the flag and call each listener once, in the caller's thread."""
        if self._event.is_set():
            return
        self._event.set()
        for key in list(self._listeners):
            self._call(key)

    @contextmanager
    def telling(self, listener: Callable[[], None]) -> Iterator[None]:
        """While the block runs, call `listener` when the flag is raised, at once if it already is.

        It is called once at most, in the thread that raises the flag; such a call may outlast the block.
        """
        key = object()
        self._listeners[key] = listener
        try:
            if self._event.is_set():
                self._call(key)
            yield
        finally:
            self._listeners.pop(key, None)

    def _call(self, key: object) -> None:
        listener = self._listeners.pop(key, None)
        if listener is not None:
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
