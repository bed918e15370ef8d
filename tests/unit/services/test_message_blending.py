"""Which passage of a message is shown."""

from __future__ import annotations

from desktop_app.domain.message_passages import MessagePlace
from desktop_app.domain.word_matching import WordMatch
from desktop_app.services.message_blending import best_place

_FIRST, _SECOND, _THIRD = (MessagePlace(number, 1, 10 * number, 10 * number + 10) for number in range(3))
_WORTH = 0.05


def shown(similarities: tuple[float, float, float], *matches: WordMatch) -> MessagePlace | None:
    return best_place(list(zip((_FIRST, _SECOND, _THIRD), similarities, strict=True)), matches, _WORTH)


def test_without_words_the_nearest_passage_is_shown() -> None:
    assert shown((0.3, 0.5, 0.4)) == _SECOND
    assert best_place([], [WordMatch(0, 3, "ink")], _WORTH) is None


def test_of_passages_about_as_near_the_one_with_the_words_is_shown_be_they_at_its_very_ends() -> None:
    for match in (WordMatch(10, 13, "ink"), WordMatch(17, 20, "ink"), WordMatch(14, 16, "ink")):
        assert shown((0.5, 0.49, 0.5), match) == _SECOND
        assert shown((0.5, 0.49, 0.52), match) == _SECOND


def test_a_word_that_stands_in_no_passage_as_a_whole_tells_for_none() -> None:
    assert shown((0.5, 0.49, 0.4), WordMatch(8, 12, "inkwell")) == _FIRST
    assert shown((0.4, 0.49, 0.5), WordMatch(18, 22, "inkwell")) == _THIRD


def test_each_word_tells_once_and_a_far_passage_is_not_shown_for_its_words() -> None:
    repeated = [WordMatch(11, 14, "ink"), WordMatch(15, 18, "ink")]
    assert shown((0.5, 0.42, 0.1), *repeated) == _FIRST
    assert shown((0.5, 0.42, 0.1), repeated[0], WordMatch(15, 18, "pen")) == _SECOND
