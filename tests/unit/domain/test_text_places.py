"""How often a text stands in a message as it is shown."""

from __future__ import annotations

import pytest

from desktop_app.domain.conversation import Role
from desktop_app.domain.text_places import count_in_message, count_places


@pytest.mark.parametrize(
    ("text", "wanted", "count"),
    [
        ("Tiger tiger TIGER", "tiger", 3),
        ("aaaa", "aa", 2),
        ("ÄÖÜ straße", "äöü STRASSE", 0),
        ("ÄÖÜ straße", "äöü STRAßE", 1),
        ("İstanbul istanbul", "istanbul", 1),
        ("a\u00a0b", "a b", 1),
        ("a.b", "a.", 1),
        ("anything", "", 0),
    ],
)
def test_case_does_not_matter_and_nothing_is_a_pattern(text: str, wanted: str, count: int) -> None:
    assert count_places(text, wanted) == count


@pytest.mark.parametrize(
    ("text", "wanted", "count"),
    [
        ("it is **very** good", "very good", 1),
        ("it is **very** good", "**", 0),
        ("one\nline", "one line", 1),
        ("one\n\ntwo", "one two", 0),
        ("see [the docs](http://example.org)", "the docs", 1),
        ("`code` here", "code here", 1),
        ("plain words", "zebra", 0),
        ("<think>\na tiger?\n</think>\n\nYes, a **tiger**.", "tiger", 2),
        ("<think>\na tiger?\n</think>\n\nYes.", "think", 0),
    ],
)
def test_an_answer_is_searched_as_it_is_shown(text: str, wanted: str, count: int) -> None:
    assert count_in_message(Role.ASSISTANT, text, wanted) == count


def test_a_persons_own_words_are_taken_as_they_are() -> None:
    assert count_in_message(Role.USER, "it is **very** good", "**") == 2
    assert count_in_message(Role.USER, "one\nline", "one line") == 0
