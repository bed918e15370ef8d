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
        "Why not?",
        "What?",
        "Why cats?",
        "And why do cats purr?",
        "What is it good for?",
        "Can you tell me more about that?",
        "Und was ist mit der zweiten?",
        "Et pourquoi cela ?",
        "¿Y la segunda?",
        "What about the other recipe with butter and sugar?",
        "What was the same recipe with butter and eggs?",
        "Is the second chapter of my thesis longer?",
        "Translate the last sentence into German and French",
        "Explain the same in short simple sentences for children",
        "Explain it to children with short words",
        "Show me the code in Python for beginners",
        "Give me an example.",
        "Give me another example, please",
        "Can you explain it more simply?",
        "Shorter, please",
        "Explain in simpler words",
        "Summarise in one sentence",
        "Translate to German",
        "Show me the code in Python",
        "And in Python?",
        "In Python?",
        "For beginners?",
        "With NumPy?",
        "Which is faster?",
        "Which of them would you take?",
        "What do you mean?",
        "Are you sure?",
        "Gib mir ein Beispiel.",
        "Erkläre genauer",
        "Kürzer, für Kinder",
        "Was heißt das?",
        "Donne-moi un exemple",
        "Dame un ejemplo",
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
        "Give me an example of recursion",
        "Explain recursion",
        "Explain sorting in Python",
        "Summarise my thesis in three sentences",
        "What is in Dune?",
        "Which is the best fertiliser for tomatoes?",
        "Which notes are about Kant?",
        "Which is the oldest church?",
        "In Python, how do I sort a list by date?",
        "For whom the bell tolls",
        "What does entropy mean?",
        "Translate the letter to Anna into German",
        "Beispiele für Rekursion in Haskell und Lisp",
        "Erkläre Rekursion",
        "Différence entre TCP et UDP",
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


def test_a_list_is_no_answer_to_a_question_that_names_no_place_in_it() -> None:
    assert sought_for("What is it good for?", EARLIER, LISTED) == f"{EARLIER[0]} What is it good for?"


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
