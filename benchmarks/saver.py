"""How long a save takes while something else goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_SAVE_EVERY_SECONDS = 0.1


class Saver:
    """Calls `save` ten times a second in a thread of its own, while the context lasts.

    Attributes:
        seconds: how long each call took.
    """

    def __init__(self, save: Callable[[], object]) -> None:
        self._save = save
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="saving")
        self.seconds: list[float] = []

    def __enter__(self) -> Saver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(_SAVE_EVERY_SECONDS):
            started = time.perf_counter()
            self._save()
            self.seconds.append(time.perf_counter() - started)
