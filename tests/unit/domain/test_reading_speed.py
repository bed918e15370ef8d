from __future__ import annotations

import pytest

from desktop_app.domain.reading_speed import ReadingSpeed


def test_nothing_is_promised_before_anything_was_measured() -> None:
    speed = ReadingSpeed()
    assert speed.seconds(100) is None
    assert speed.seconds(0) == 0.0
    assert speed.seconds(100, 400.0) == pytest.approx(0.25)


def test_what_is_like_the_question_counts_most() -> None:
    """A short reading costs more for each token than a long one."""
    speed = ReadingSpeed()
    for _ in range(4):
        speed.note(20, 0.2)
        speed.note(1000, 2.0)
    assert speed.seconds(20) == pytest.approx(0.2, rel=0.05)
    assert speed.seconds(1000) == pytest.approx(2.0, rel=0.05)
    assert 0.2 < (speed.seconds(140) or 0.0) < 2.0


def test_the_newest_readings_count_most() -> None:
    speed = ReadingSpeed()
    for _ in range(8):
        speed.note(300, 1.0)
    for _ in range(8):
        speed.note(300, 2.0)
    assert 1.7 < (speed.seconds(300) or 0.0) <= 2.0


def test_the_speed_of_reading_is_that_of_the_longer_ones() -> None:
    speed = ReadingSpeed()
    speed.note(5, 1.0)
    assert speed.tokens_per_s == 0.0
    speed.note(500, 2.0)
    assert speed.tokens_per_s == 250.0
