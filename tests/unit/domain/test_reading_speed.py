from __future__ import annotations

import random
from itertools import pairwise

import pytest

from desktop_app.domain.reading_speed import ReadingSpeed


def test_nothing_is_promised_before_anything_was_measured() -> None:
    speed = ReadingSpeed()
    assert speed.seconds(100, 0) is None
    assert speed.seconds(0, 500) == 0.0
    assert speed.seconds(100, 0, 400.0) == pytest.approx(0.25)


def test_what_is_like_the_question_counts_most() -> None:
    """A short reading costs more for each token than a long one."""
    speed = ReadingSpeed()
    for _ in range(4):
        speed.note(20, 0, 0.2)
        speed.note(1000, 0, 2.0)
    assert speed.seconds(20, 0) == pytest.approx(0.2, rel=0.1)
    assert speed.seconds(1000, 0) == pytest.approx(2.0, rel=0.1)
    assert 0.2 < (speed.seconds(140, 0) or 0.0) < 2.0


def test_the_newest_readings_count_most() -> None:
    speed = ReadingSpeed()
    for _ in range(8):
        speed.note(300, 0, 1.0)
    for _ in range(8):
        speed.note(300, 0, 2.0)
    assert 1.6 < (speed.seconds(300, 0) or 0.0) <= 2.0


def test_the_speed_of_reading_is_that_of_the_longer_ones() -> None:
    speed = ReadingSpeed()
    speed.note(5, 0, 1.0)
    assert speed.tokens_per_s == 0.0
    speed.note(500, 0, 2.0)
    assert speed.tokens_per_s == 250.0


def test_the_same_tokens_take_longer_behind_a_long_chat() -> None:
    """Each token goes through all that stand before it: what was read at the beginning tells it of the end."""
    speed = ReadingSpeed()
    for held in (0, 300, 600, 900, 1200):
        speed.note(250, held, 250 * 0.004 * (1 + (held + 125) / 1000))
    assert speed.seconds(250, 2800) == pytest.approx(250 * 0.004 * (1 + 2.925), rel=0.2)
    assert speed.seconds(900, 0) == pytest.approx(900 * 0.004 * (1 + 0.45), rel=0.2)


@pytest.mark.parametrize(
    ("per_token_s", "more_per_thousand", "around_s"),
    [(0.004, 0.8, 0.03), (0.001, 0.1, 0.002), (0.02, 0.02, 0.02), (0.002, 1.2, 0.06)],
    ids=["small model", "fast", "large model", "slow attention"],
)
def test_it_is_right_within_thirty_percent_on_machines_of_all_kinds(
    per_token_s: float, more_per_thousand: float, around_s: float
) -> None:
    """A chat with questions of all lengths that fills its window again and again; each reading varies by a tenth."""
    chance = random.Random(7)
    speed = ReadingSpeed()
    held, right, asked = 0, 0, 0
    for turn in range(60):
        tokens = chance.choice((20, 40, 60, 140, 260, 520, 100, 200, 860, 30))
        if held + tokens > 2000:
            held, tokens = 100, chance.choice((600, 860))
        cost = 1 + more_per_thousand * (held + tokens / 2) / 1000
        took = (around_s + per_token_s * tokens * cost) * (1 + chance.uniform(-0.1, 0.1))
        promised = speed.seconds(tokens, held)
        if promised is not None and turn > 1:
            asked += 1
            right += abs(took / promised - 1) <= 0.3
        speed.note(tokens, held, took)
        held += tokens + 24
    assert right >= 0.95 * asked


def test_what_another_model_did_tells_nothing() -> None:
    speed = ReadingSpeed()
    speed.note(100, 0, 1.0, "small")
    assert speed.seconds(100, 0, 50.0, "large") == pytest.approx(2.0), "measured, not remembered"
    speed.note(100, 0, 8.0, "large")
    assert speed.seconds(100, 0, 50.0, "large") == pytest.approx(8.0)
    assert speed.tokens_per_s == pytest.approx(12.5)


def test_fewer_threads_beside_other_programs_take_longer() -> None:
    speed = ReadingSpeed()
    for tokens in (200, 300, 250):
        speed.note(tokens, 0, tokens * 0.004, threads=2)
    alone = speed.seconds(250, 0, threads=2) or 0.0
    assert speed.seconds(250, 0, threads=1) == pytest.approx(alone * 2**0.9)
    assert speed.seconds(250, 0) == alone, "as before, where the number is not known"
    speed.note(250, 0, 1.87, threads=1)
    assert speed.seconds(250, 0, threads=2) == pytest.approx(alone, rel=0.05), "a busy moment tells of a quiet one"


def test_more_takes_longer() -> None:
    speed = ReadingSpeed()
    for tokens, held in ((40, 0), (500, 60), (30, 580)):
        speed.note(tokens, held, 0.02 + tokens * 0.004)
    estimates = [speed.seconds(tokens, 300) or 0.0 for tokens in (10, 50, 200, 900, 3000)]
    assert all(less < more for less, more in pairwise(estimates))
