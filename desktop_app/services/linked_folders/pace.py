"""Keeps a long look at a folder from being felt by who writes, reads or waits for an answer meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable

from desktop_app.domain.cancellation import CancelToken

_WORK_SECONDS = 0.02
_REST_SECONDS = 0.005


class Pace:
    """Rests 5 ms after each 20 ms of work, a fifth of the time.

    A thread of lower priority would be the other way. It was not taken: one that has the interpreter's lock and gets no
    processor keeps the window's thread from going on.
    """

    def __init__(self, cancel: CancelToken, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._cancel = cancel
        self._monotonic = monotonic
        self._since = monotonic()

    def breathe(self) -> None:
        """Between two pieces of work: rest where it is time. Raises CancelledError."""
        if self._monotonic() - self._since >= _WORK_SECONDS:
            self._cancel.raise_if_cancelled()
            self._cancel.wait(_REST_SECONDS)
            self._since = self._monotonic()
