"""How far indexing is, in words."""

from __future__ import annotations

import pytest

from desktop_app.domain.search import IndexingProgress
from desktop_app.presenters.indexing_words import is_under_way, pace, share_done, still_to_index, time_left


def _progress(**values: object) -> IndexingProgress:
    return IndexingProgress(100, 42, 30, 90, 50.0, running=True, **values)  # type: ignore[arg-type]


def test_how_much_is_due() -> None:
    assert still_to_index(_progress()) == "42 notes still to index"
    assert still_to_index(IndexingProgress(1, 1, 1, 0, 0.0)) == "1 note still to index"


def test_messages_are_told_once_all_notes_are_done_and_where_they_are_many() -> None:
    def messages(due: int, notes_due: int = 0) -> IndexingProgress:
        return IndexingProgress(9, notes_due, 3 * notes_due, 0, 0.0, messages_due=due, messages_total=1_500)

    assert still_to_index(messages(1_200, notes_due=2)) == "2 notes still to index"
    assert still_to_index(messages(1_200)) == "1,200 messages still to index"
    assert still_to_index(messages(1)) == "1 message still to index"
    assert [is_under_way(messages(due)) for due in (0, 19, 20)] == [False, False, True]
    assert is_under_way(messages(0, notes_due=1))
    assert share_done(messages(1_200)) == (300, 1_500, "300 of 1,500 messages")
    assert share_done(messages(1_200, notes_due=2)) == (0, 6, "0 of 6 passages")
    assert share_done(messages(0)) == (0, 0, "")


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
