from __future__ import annotations

import pytest

from desktop_app.domain.follow_up import refers_back, sought_for

EARLIER = ["How do I list git branches by date?"]
LISTED = "Two ways [1]:\n\n1. `git branch --sort`\n2. **for-each-ref** [3]\n"


@pytest.mark.parametrize(
    "question",
    [
        "And what about the second one?",
        "Why?",
        "Why so long?",
        "And why do cats purr?",
        "What is it good for?",
        "Can you tell me more about that?",
        "Und was ist mit der zweiten?",
        "Et pourquoi cela ?",
        "¿Y la segunda?",
    ],
)
def test_what_leans_on_what_was_said_refers_back(question: str) -> None:
    assert refers_back(question)


@pytest.mark.parametrize(
    "question",
    [
        "What did I write about self-attention?",
        "Is it safe to drop the first index of a postgres table with concurrently running queries?",
        "Tomatoes",
        "Why do cats purr?",
        "Warum schnurren Katzen?",
        "Wie lange muss der Teig für das Brot im Kühlschrank gehen?",
    ],
)
def test_what_says_itself_what_it_is_about_does_not(question: str) -> None:
    assert not refers_back(question)
    assert sought_for(question, EARLIER, LISTED) == question


def test_the_earlier_question_is_looked_for_again() -> None:
    assert sought_for("What is it good for?", EARLIER, "Much.") == f"{EARLIER[0]} What is it good for?"


def test_back_to_the_last_question_that_says_what_it_is_about() -> None:
    earlier = ["Which cats purr?", EARLIER[0], "Why?"]
    assert sought_for("And what else?", earlier, "So.") == f"{EARLIER[0]} Why? And what else?"


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("And the second one?", "for-each-ref"),
        ("And the first?", "git branch --sort"),
        ("Und die letzte?", "for-each-ref"),
    ],
)
def test_the_second_one_is_the_second_item_of_the_answer(question: str, meant: str) -> None:
    assert sought_for(question, EARLIER, LISTED) == f"{question} {meant}"


def test_an_item_that_the_answer_has_not_leads_to_the_earlier_question() -> None:
    assert sought_for("And the fifth one?", EARLIER, LISTED) == f"{EARLIER[0]} And the fifth one?"


def test_a_first_question_is_taken_as_it_is() -> None:
    assert sought_for("What about it?", [], "") == "What about it?"
