"""A long look gives way: work and rest by a clock."""

from __future__ import annotations

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.services.linked_folders.pace import Pace


class Clock(CancelToken):
    """Time that passes by work and by rests."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.rested = 0.0

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        self.rested += seconds
        return False


def test_a_fifth_of_the_time_is_rest() -> None:
    clock = Clock()
    pace = Pace(clock, lambda: clock.now)
    for _ in range(1000):
        clock.now += 0.001
        pace.breathe()
    assert 0.18 < clock.rested / clock.now < 0.22


def test_short_work_does_not_rest_and_cancelled_work_ends() -> None:
    clock = Clock()
    pace = Pace(clock, lambda: clock.now)
    clock.now += 0.01
    pace.breathe()
    assert clock.rested == 0
    clock.cancel()
    clock.now += 0.02
    with pytest.raises(CancelledError):
        pace.breathe()
