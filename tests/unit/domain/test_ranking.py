"""Fusion: scaled, weighted, stable; floors and leanings."""

from __future__ import annotations

import pytest

from desktop_app.domain.query import parse_query
from desktop_app.domain.ranking import (
    dense_weight,
    floors_of,
    fluency,
    fuse,
    fused_weight,
    known_share,
    ranks,
    trust_in_meaning,
    trust_in_words,
)
from desktop_app.domain.search import NonsenseNearness, SimilarityMeasure


def test_each_leg_is_scaled_before_it_is_weighted() -> None:
    fused = fuse({1: 10.0, 2: 2.0}, {1: 0.2, 2: 0.6, 3: 0.4}, weight=0.7, background=0.2)
    assert fused == [(2, pytest.approx(0.7)), (3, pytest.approx(0.35)), (1, pytest.approx(0.3))]


def test_one_leg_alone_and_none_at_all() -> None:
    assert fuse({4: 3.0}, {}, 0.0, 0.0) == [(4, 1.0)]
    assert fuse({}, {4: 0.5, 5: 0.1}, 1.0, 0.1) == [(4, 1.0), (5, 0.0)]
    assert fuse({}, {}, 0.7, 0.0) == []
    assert [note for note, _ in fuse({2: 1.0, 1: 1.0}, {}, 0.0, 0.0)] == [1, 2]


def test_scores_of_meaning_do_not_depend_on_which_notes_were_taken() -> None:
    few, more = ({1: 0.6, 2: 0.5}, {1: 0.6, 2: 0.5, 3: 0.2})
    assert dict(fuse({}, few, 1.0, 0.1))[2] == dict(fuse({}, more, 1.0, 0.1))[2] == pytest.approx(0.8)


def test_below_the_background_counts_nothing() -> None:
    assert dict(fuse({}, {1: 0.5, 2: -0.3}, 1.0, 0.1))[2] == 0.0


def test_ranks_begin_at_one() -> None:
    assert ranks({7: 0.1, 8: 0.9, 9: 0.9}) == {8: 1, 9: 2, 7: 3}


def test_quotes_and_rare_unknown_words_lean_to_the_words() -> None:
    counts = {"lb": 1, "try": 200, "duration": 30}
    plain = dense_weight(0.7, parse_query("try duration"), counts, 1000, {"try", "duration"})
    rare = dense_weight(0.7, parse_query("lb duration"), counts, 1000, {"duration"})
    known = dense_weight(0.7, parse_query("lb duration"), counts, 1000, {"lb", "duration"})
    quoted = dense_weight(0.7, parse_query('"try duration"'), counts, 1000, {"try", "duration"})
    nowhere = dense_weight(0.7, parse_query("lx duration"), counts, 1000, {"duration"})
    assert plain == known == nowhere == 0.7, "a word that no note has finds none by itself"
    assert quoted < rare < plain


def test_a_note_far_ahead_that_answers_the_whole_question_leans_to_the_words() -> None:
    query = parse_query("invoice 2291")
    counts = {"invoice": 40, "2291": 1}
    ahead = trust_in_words({1: 10.0, 2: 2.0, 3: 1.9}, query, counts, 1000)
    close = trust_in_words({1: 10.0, 2: 9.5, 3: 1.9}, query, counts, 1000)
    of_little = trust_in_words({1: 1.0, 2: 0.2}, query, counts, 1000)
    assert (ahead, close) == pytest.approx((0.8, 0.05))
    assert of_little < ahead / 4
    assert trust_in_words({1: 10.0}, query, counts, 1000) == 1.0
    # All words in one place of it: a lead counts three times, whatever share of a perfect note it has.
    assert trust_in_words({1: 1.0, 2: 0.9}, query, counts, 1000, together=True) == pytest.approx(0.3)
    assert trust_in_words({1: 1.0, 2: 0.2}, query, counts, 1000, together=True) == 1.0
    assert trust_in_words({1: 1.0, 2: 1.0}, query, counts, 1000, together=True) == 0.0
    assert trust_in_words({}, query, counts, 1000) == trust_in_words({1: 1.0}, parse_query("!"), {}, 9) == 0.0


def test_a_nearest_note_that_chance_would_give_as_well_tells_little() -> None:
    assert trust_in_meaning(0.25, 0.05, 0.1, 1000) == pytest.approx(0.2)
    assert trust_in_meaning(0.6, 0.05, 0.1, 1000) == 1.0
    assert trust_in_meaning(0.4, 0.05, 0.1, 400) > trust_in_meaning(0.4, 0.05, 0.1, 40_000)
    assert trust_in_meaning(0.4, 0.4, 0.0, 1) == trust_in_meaning(0.4, 0.4, 0.0, 50) == 1.0


def test_a_language_the_encoder_has_to_spell_leans_to_the_words() -> None:
    assert (fluency(5.0), fluency(1.1)) == pytest.approx((1.0, 0.1))
    assert fluency(2.5) < fluency(3.0) < 1.0
    assert fluency(2.5, with_words=True) == 1.0
    assert fluency(1.1, with_words=True) == pytest.approx(0.1)
    assert fused_weight(0.7, words=0.0, meaning=1.0, language=1.0) == 0.7
    assert fused_weight(0.7, words=1.0, meaning=1.0, language=1.0) == pytest.approx(0.21)
    assert fused_weight(0.7, words=0.0, meaning=0.2, language=0.1) == pytest.approx(0.014)


def test_floors_rise_with_what_an_encoder_gives_to_unrelated_texts() -> None:
    mini = floors_of(0.03, 0.074)
    assert 0.15 < mini.weak < 0.22 < mini.ordinary < 0.31 < 0.44 < mini.strict < 0.5
    crowded = floors_of(0.75, 0.03)
    assert 0.75 < crowded.weak < crowded.ordinary < crowded.strict < 1.0


def test_floors_rise_with_what_was_measured_and_never_sink() -> None:
    own = floors_of(0.03, 0.074)
    far = NonsenseNearness(mean=-0.2, deviation=0.01, highest=0.1, passages=9)
    assert floors_of(0.03, 0.074, nonsense=far) == own
    near = floors_of(0.03, 0.074, nonsense=NonsenseNearness(mean=0.1, deviation=0.09, highest=0.3, passages=9))
    assert (near.weak > own.weak, near.ordinary > own.ordinary, near.strict > own.strict) == (True, True, True)
    high = floors_of(0.03, 0.074, nonsense=NonsenseNearness(mean=0.03, deviation=0.074, highest=0.6, passages=9))
    assert high.strict == pytest.approx(0.637)


def test_the_floor_rises_for_unknown_words_and_for_a_language_that_is_not_read() -> None:
    floors = floors_of(0.03, 0.074)
    assert floors.shown(1.0, 1.0) == floors.ordinary
    assert floors.shown(0.0, 1.0) == floors.strict
    assert floors.shown(1.0, 0.1) > floors.strict
    assert floors.strict < floors.shown(0.0, 0.1) < floors.unread < 0.7


def test_floors_of_measures_without_a_greatest_value_or_with_another_one() -> None:
    dot = floors_of(10.0, 5.0, SimilarityMeasure.DOT)
    assert (dot.weak, dot.ordinary, dot.strict) == pytest.approx((21.0, 27.0, 40.0))
    distance = floors_of(-1.4, 0.3, SimilarityMeasure.EUCLIDEAN)
    assert (distance.weak, distance.ordinary, distance.strict) == pytest.approx((-0.91, -0.7, -0.28))


def test_known_share() -> None:
    query = parse_query("sqlite kubernets wal")
    assert known_share(query, {"sqlite": 4}, {"wal"}) == pytest.approx(2 / 3)
    assert known_share(parse_query("!!"), {}, set()) == 0.0


def test_of_a_foreign_language_an_encoder_must_know_longer_pieces() -> None:
    assert fluency(3.0, foreign=True) < fluency(3.0) < 1.0
    assert fluency(5.0, foreign=True) == fluency(5.0) == 1.0
    assert fluency(1.0, foreign=True) == fluency(1.0)
