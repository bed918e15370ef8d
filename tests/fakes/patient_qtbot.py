"""Waits of tests that count the turns a test had, not the time that passed while it had none."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from pytestqt.exceptions import TimeoutError as WaitedTooLongError
from pytestqt.qtbot import QtBot

_LONGEST_TURN_S = 0.1


class PatientQtBot(QtBot):  # type: ignore[misc]
    """As QtBot, but time in which the process stood still (stopped, the computer asleep, others busy on all cores) is
    not time in which the condition failed to come true. A turn of the event loop counts as a tenth of a second at most.
    """

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = 5000) -> None:
        """Raises the TimeoutError of pytest-qt when the condition does not hold after `timeout` milliseconds."""
        waited = 0.0
        while (missing := _missing(callback)) is not None:
            if waited * 1000 > timeout:
                raise WaitedTooLongError(f"waitUntil timed out in {timeout} milliseconds") from missing
            began = time.monotonic()
            self.wait(10)
            waited += min(_LONGEST_TURN_S, time.monotonic() - began)


def _missing(callback: Callable[[], bool | None]) -> AssertionError | None:
    """What the condition lacks, said by itself or for it; None where it holds. One without a result holds unless it
    raises."""
    try:
        result = callback()
    except AssertionError as error:
        return error
    if result not in (None, True, False):
        raise ValueError(f"waitUntil() callback must return None, True or False, returned {result!r}")
    return AssertionError("not yet") if cast("bool | None", result) is False else None
