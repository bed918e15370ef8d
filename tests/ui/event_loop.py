"""How long the event loop stood still, by a clock that leaves out what other programs took of the processor."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot


def seconds_with_a_core() -> float:
    """A clock, in seconds, that stands still while this thread could go on and waits for a core; where the system does
    not tell that, one that does not. Computing, sleeping and waiting for a lock or a disk count.
    """
    try:
        # https://docs.kernel.org/scheduler/sched-stats.html: the second figure, in nanoseconds
        waited = int(Path("/proc/thread-self/schedstat").read_text("ascii").split()[1])
    except (OSError, IndexError):
        waited = 0
    return time.perf_counter() - waited / 1e9


def longest_gap(act: Callable[[], None], done: Callable[[], bool], qtbot: QtBot) -> float:
    """The longest time, in seconds, in which the event loop did not turn: from `act` until `done`."""
    gaps: list[float] = []
    last = seconds_with_a_core()

    def beat() -> None:
        nonlocal last
        now = seconds_with_a_core()
        gaps.append(now - last)
        last = now

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(0)
    last = seconds_with_a_core()
    act()
    qtbot.waitUntil(lambda: done() and len(gaps) > 3, timeout=30_000)
    timer.stop()
    return max(gaps)
