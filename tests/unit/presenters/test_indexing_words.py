"""How far indexing is, in words."""

from __future__ import annotations

import pytest

from desktop_app.domain.search import IndexingProgress
from desktop_app.presenters.indexing_words import pace, still_to_index, time_left


def _progress(**values: object) -> IndexingProgress:
    return IndexingProgress(100, 42, 30, 90, 50.0, running=True, **values)  # type: ignore[arg-type]


def test_how_much_is_due() -> None:
    assert still_to_index(_progress()) == "42 notes still to index"
    assert still_to_index(IndexingProgress(1, 1, 1, 0, 0.0)) == "1 note still to index"


def test_why_it_stands_still_comes_before_how_fast_it_was() -> None:
    assert pace(_progress(held=True, paused=True)) == "paused"
    assert pace(_progress(paused=True)) == "waits while an answer is written"
    assert pace(_progress(seconds_left=30.0)) == "50 passages a second · less than a minute left"
    assert pace(_progress()) == "50 passages a second"
    assert pace(IndexingProgress(100, 42, 30, 0, 0.0, running=True)) == ""
    assert pace(IndexingProgress(100, 42, 30, 0, 3.21, running=True)) == "3.2 passages a second"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59, "less than a minute left"),
        (60, "about 1 min left"),
        (3599, "about 60 min left"),
        (5400, "about 2 hours left"),
        (36_000, "about 10 hours left"),
    ],
)
def test_the_time_left_is_rough(seconds: float, words: str) -> None:
    assert time_left(seconds) == words
