from __future__ import annotations

import itertools
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop_app.domain.attachments import Attachment, AttachmentKind
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.recall import (
    MOST_QUOTES,
    PASSAGE_CHARACTERS,
    Passage,
    PassageWords,
    passages_at,
    passages_of,
    quote_block,
    related,
    with_answers,
)
from desktop_app.domain.recalled_places import recalled_places

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


def test_quotes_are_marked_line_by_line_and_stand_oldest_first() -> None:
    block = quote_block([Passage(2, Role.ASSISTANT, 0, 9, "B\nC"), Passage(1, Role.USER, 0, 1, "A")])
    assert "The user wrote:\n> A\n\nThe assistant answered:\n> B\n> C\n" in block
    assert quote_block([]) == ""


def test_places_of_gone_messages_and_broken_ones_are_left_out() -> None:
    used = {"recalled": [[1, 0, 3], [9, 0, 3], ["x", 0, 1], [1, 2], 7, [1, 50, 60], [True, 0, 1]]}
    places = recalled_places(used)
    assert places == [(1, 0, 3), (9, 0, 3), (1, 50, 60)]
    assert [each.text for each in passages_at(places, {1: message("tortoise")})] == ["tor"]
    assert recalled_places({"recalled": "nonsense"}) == []


def test_what_a_model_thought_is_not_quoted_and_what_a_message_carries_is() -> None:
    answer = message("<think>Perhaps Bertha.</think>\n\nIts name is Balthazar.", role=Role.ASSISTANT)
    (passage,) = passages_of(answer)
    assert passage.text == "Its name is Balthazar."
    assert passages_at([passage.key], {1: answer}) == [passage]
    paper = Attachment(7, 1, 1, 0, AttachmentKind.FILE, "pets.txt", "text/plain", 9, None, NOON, "The tortoise sleeps.")
    carrying = replace(message("Read this"), attachments=(paper,))
    assert "The tortoise sleeps." in " ".join(each.text for each in passages_of(carrying))
