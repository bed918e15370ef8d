"""Those who want to hear of changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Told = TypeVar("Told")


class Listeners(Generic[Told]):
    """Functions that are called with each change, in the order in which they were added. Thread-safe.

    No lock is held while they are called, so that one may add or take off others, itself included.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[object, Callable[[Told], object]] = {}

    def add(self, listener: Callable[[Told], object]) -> Callable[[], None]:
        """From now on call `listener` with each change. Call the result to take it off again, once or more often."""
        place = object()
        with self._lock:
            self._listeners[place] = listener

        def take_off() -> None:
            with self._lock:
                self._listeners.pop(place, None)

        return take_off

    def present(self) -> tuple[Callable[[Told], object], ...]:
        """Those of this moment."""
        with self._lock:
            return tuple(self._listeners.values())

    def tell(self, change: Told) -> None:
        """Call all of this moment, in this thread. What one raises ends the telling."""
        for listener in self.present():
            listener(change)
