from __future__ import annotations

import itertools

import pytest

from desktop_app.domain.certain_draft import certain_part


@pytest.mark.parametrize(
    ("draft", "certain"),
    [
        ("", ""),
        ("   ", ""),
        ("How", ""),
        ("How ", "How"),
        ("How do", "How"),
        ("How do \n", "How do"),
        ("How do\n\nI", "How do"),
        ("  How do", "  How"),
        ("one\u2003two", "one"),
    ],
)
def test_all_but_the_last_word_is_certain(draft: str, certain: str) -> None:
    assert certain_part(draft) == certain


def test_what_is_certain_stays_a_beginning_while_words_are_added() -> None:
    text = "The keeper wrote of wind, of ships\nand of the sea."
    parts = [certain_part(text[:end]) for end in range(len(text) + 1)]
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(parts))
    assert all(text.startswith(part) for part in parts)
