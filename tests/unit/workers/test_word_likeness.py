"""Words out of pieces, and each beside the word of the question that is nearest to it."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.workers.encoder_worker.word_likeness import compared, telling, words_of


def rows(*values: list[float]) -> np.ndarray:
    return np.asarray(values, np.float32)


def test_a_word_is_the_mean_of_its_pieces() -> None:
    # The first and last pieces mark the ends of the text and stand nowhere in it.
    places = [(0, 0), (0, 5), (5, 7), (8, 9), (0, 0)]
    (tokens, one) = words_of("tokens. é", places, rows([9, 9], [1, 0], [0, 1], [0, 2], [9, 9]))
    assert (tokens.text, tokens.start, tokens.end) == ("tokens", 0, 6)
    assert tokens.vector == pytest.approx([0.5**0.5, 0.5**0.5])
    assert one.vector == pytest.approx([0.0, 1.0])


def test_words_that_were_cut_off_or_have_no_length_are_left_out() -> None:
    assert words_of("a b c", [(0, 1), (2, 3)], rows([0, 0], [1, 0]))[0].text == "b"
    assert len(words_of("a b c", [(0, 1), (2, 3)], rows([0, 0], [float("nan"), 0]))) == 0


def test_a_prompt_in_front_belongs_to_no_word() -> None:
    (word,) = words_of("ink", [(-7, -1), (0, 3)], rows([1, 0], [0, 1]))
    assert word.vector == pytest.approx([0.0, 1.0])


def test_the_nearest_word_of_the_question() -> None:
    question = words_of("car red", [(0, 3), (4, 7)], rows([1, 0], [0, 1]))
    sentence = words_of("garage ruby", [(0, 6), (7, 11)], rows([2, 1], [0, 3]))
    found = [(each.nearest, round(each.likeness, 3)) for each in compared(question, sentence)]
    assert found == [("car", 0.894), ("red", 1.0)]
    assert compared([], sentence) == compared(question, []) == []


def test_words_that_say_nothing_are_left_out_where_others_are_there() -> None:
    words = words_of("The ink", [(0, 3), (4, 7)], rows([1, 0], [0, 1]))
    assert [word.text for word in telling(words)] == ["ink"]
    assert telling(words[:1]) == words[:1]
