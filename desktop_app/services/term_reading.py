"""The terms of the word index are read beside the searches: no key waits for it, and none out of date ends it."""

from __future__ import annotations

import threading

from desktop_app.domain.cancellation import CancelToken
from desktop_app.services.later import Later
from desktop_app.services.ports import WordIndex


class TermReading:
    """One reading at a time, in a thread of its own. Thread-safe."""

    def __init__(self, words: WordIndex) -> None:
        self._words = words
        self._lock = threading.Lock()
        self._reading: Later[bool] | None = None

    def start(self) -> Later[bool]:
        """Read them where they are not at hand, or have served for long; the reading that is under way, if one is."""
        with self._lock:
            if self._reading is None or self._reading.over:
                self._reading = Later(self._read, "search terms")
            return self._reading

    def wait(self, cancel: CancelToken) -> None:
        """Return when they are read. Raises CancelledError, StoreError."""
        reading = self.start()
        reading.wait_or_cancel(cancel)
        cancel.raise_if_cancelled()
        reading.result()

    def _read(self) -> bool:
        self._words.read_terms()
        return True
