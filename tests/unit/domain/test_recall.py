from __future__ import annotations

import itertools
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.quotes import Passage
from desktop_app.domain.recall import MOST_QUOTES, PASSAGE_CHARACTERS, PassageWords, passages_of, related, with_answers

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def message(text: str, message_id: int = 1, role: Role = Role.USER) -> Message:
    return Message(message_id, 1, None, 0, role, text, NOON)


def passages(*texts: str) -> list[Passage]:
    return [Passage(number, Role.USER, 0, len(text), text) for number, text in enumerate(texts, start=1)]


def words_of(found: list[Passage]) -> PassageWords:
    words = PassageWords()
    for passage in found:
        words.add(passage.text)
    return words


@given(st.text(max_size=3000))
def test_passages_are_short_in_order_and_word_for_word(text: str) -> None:
    found = passages_of(message(text))
    assert all(text[each.start : each.end] == each.text for each in found)
    assert all(each.end - each.start <= PASSAGE_CHARACTERS for each in found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    assert "".join(text.split()) == "".join("".join(each.text.split()) for each in found)


def test_rare_words_count_more_than_common_ones() -> None:
    found = passages("the tortoise eats lettuce", "the cat eats fish", "the dog eats meat", "the cow eats grass")
    scores = words_of(found).score("What does the tortoise eat?")
    assert max(scores, key=lambda place: scores[place].score) == 0
    assert scores[0].is_related
    assert not scores[1].is_related, "that it eats, too, says nothing"


def test_meaning_needs_more_than_the_floor() -> None:
    found = passages("one", "two", "three")
    assert related(found, {}, {0: 0.29, 1: 0.8, 2: 0.31}, 0.3, {1, 2, 3}) == [found[1]], "far below the best is noise"
    assert related(found, {}, {0: 0.29}, 0.3, {1, 2, 3}) == []
    assert related(found, {}, {0: 0.9, 1: 0.8}, 0.3, {2}) == [found[1]], "only what may come back"


def test_so_many_come_back_and_no_more() -> None:
    found = passages(*[f"tortoise {number}" for number in range(40)])
    assert len(related(found, {}, dict.fromkeys(range(40), 0.9), 0.3, set(range(1, 41)))) == MOST_QUOTES


def test_a_question_brings_its_answer_along() -> None:
    asked = Passage(1, Role.USER, 0, 5, "Where?")
    answered = Passage(2, Role.ASSISTANT, 0, 5, "There.")
    later = Passage(3, Role.USER, 0, 5, "When?")
    every = [asked, answered, later]
    assert with_answers([asked], every, {1, 2, 3}) == [asked, answered]
    assert with_answers([answered, asked], every, {1, 2, 3}) == [answered, asked]
    assert with_answers([later], every, {1, 2, 3}) == [later]
