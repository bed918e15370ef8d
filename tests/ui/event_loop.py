"""How long the event loop stood still."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot


def longest_gap(act: Callable[[], None], done: Callable[[], bool], qtbot: QtBot) -> float:
    """The longest time, in seconds, in which the event loop did not turn: from `act` until `done`."""
    gaps: list[float] = []
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append(now - last)
        last = now

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(0)
    last = time.perf_counter()
    act()
    qtbot.waitUntil(lambda: done() and len(gaps) > 3, timeout=30_000)
    timer.stop()
    return max(gaps)
