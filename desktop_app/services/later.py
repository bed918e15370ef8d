"""Work beside other work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from desktop_app.domain.cancellation import CancelToken

_T = TypeVar("_T")


class Later(Generic[_T]):
    """Work that runs in a thread of its own, so that whoever asked can do something else first."""

    def __init__(self, work: Callable[[], _T], name: str) -> None:
        self._work = work
        self._over = False
        self._changed = threading.Condition()
        self._value: _T | None = None
        self._error: Exception | None = None
        threading.Thread(target=self._run, name=name, daemon=True).start()

    @property
    def over(self) -> bool:
        """True once there is a result."""
        return self._over

    @property
    def done(self) -> bool:
        """True once the work ended without an error."""
        return self._over and self._error is None

    def wait(self, seconds: float) -> bool:
        """True when it was over within `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._over, seconds)

    def wait_or_cancel(self, cancel: CancelToken) -> None:
        """Wait until it is over or cancelled."""
        with cancel.telling(self._wake), self._changed:
            self._changed.wait_for(lambda: self._over or cancel.cancelled)

    def result(self) -> _T:
        """What the work returned. Raises what it raised."""
        if self._error is not None:
            raise self._error
        assert self._value is not None
        return self._value

    def _run(self) -> None:
        try:
            self._value = self._work()
        except Exception as error:  # noqa: BLE001 - raised again in the thread that asked
            self._error = error
        self._over = True
        self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
