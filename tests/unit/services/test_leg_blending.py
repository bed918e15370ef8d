"""How much meaning weighs beside words, by what a person asked to search by."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app.domain.query import parse_query
from desktop_app.domain.ranking import Floors
from desktop_app.domain.search import SearchMode
from desktop_app.services.leg_blending import WordScores, floor_of, weight_of
from desktop_app.services.search_hits import MeaningLeg

_BASE = 0.7
_QUERY = parse_query("heron crane")
_FAR_AHEAD = WordScores({1: 12.0, 2: 1.0}, {"heron": 2, "crane": 3}, 100, together=True)


def leg(letters_per_piece: float = 4.5, known: frozenset[str] = frozenset()) -> MeaningLeg:
    similarities: Any = SimpleNamespace(background=0.1, spread=0.1, note_count=100)
    return MeaningLeg(similarities, known, Floors(0.3, 0.6, 0.2, 0.9), 0, {}, letters_per_piece=letters_per_piece)


@pytest.mark.parametrize("nearest", [0.1, 0.9])
def test_one_way_of_searching_alone_is_weighed_by_no_other(nearest: float) -> None:
    assert weight_of(_QUERY, _FAR_AHEAD, leg(), nearest, SearchMode.MEANING, _BASE) == 1.0
    assert weight_of(_QUERY, _FAR_AHEAD, leg(), nearest, SearchMode.WORDS, _BASE) == _BASE


def test_words_far_ahead_and_a_nearest_note_of_no_account_take_weight_from_meaning() -> None:
    plain = WordScores({1: 2.0, 2: 1.9}, {"heron": 40, "crane": 40}, 100)
    even = weight_of(_QUERY, plain, leg(), 0.9, SearchMode.BOTH, _BASE)
    assert weight_of(_QUERY, _FAR_AHEAD, leg(), 0.9, SearchMode.BOTH, _BASE) < even
    assert weight_of(_QUERY, plain, leg(), 0.1, SearchMode.BOTH, _BASE) < even


def test_the_floor_rises_where_nobody_knows_the_words_and_then_there_are_no_weaker_matches() -> None:
    known = floor_of(_QUERY, {"heron": 1, "crane": 1}, leg())
    unknown = floor_of(_QUERY, {}, leg())
    assert known.weak < known.shown < unknown.shown == unknown.weak
    assert floor_of(_QUERY, {}, leg(), like_note=True).shown == known.shown
    assert known.is_passed(known.shown, by_words=False)
    assert not known.is_passed(known.shown - 0.01, by_words=False)


def test_a_text_with_words_of_a_question_that_is_spelled_may_be_further_from_it() -> None:
    floor = floor_of(_QUERY, {"heron": 1, "crane": 1}, leg(letters_per_piece=2.4))
    assert floor.with_words < floor.shown
    between = (floor.with_words + floor.shown) / 2
    assert floor.is_passed(between, by_words=True)
    assert not floor.is_passed(between, by_words=False)
