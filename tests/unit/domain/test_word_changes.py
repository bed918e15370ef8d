"""Words that differ between two lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.word_changes import changed_words


def marked(text: str, spans: tuple[tuple[int, int], ...]) -> list[str]:
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("first", "second", "gone", "new"),
    [
        ("The release moves by a week.", "The release moves by two weeks.", ["a week"], ["two weeks"]),
        ("ink and pen", "ink pen", ["and"], []),
        ("ink", "ink, black", [], [", black"]),
        ("𝄞 Tinte ist blau", "𝄞 Tinte war blau", ["ist"], ["war"]),
        ("same", "same", [], []),
        ("one thing", "quite another matter", [], []),
        ("", "new", [], []),
    ],
)
def test_changed_words(first: str, second: str, gone: list[str], new: list[str]) -> None:
    one, other = changed_words(first, second)
    assert (marked(first, one), marked(second, other)) == (gone, new)


def test_endless_lines_are_not_compared() -> None:
    assert changed_words("a b " * 5_000, "a c " * 5_000) == ((), ())


@given(st.text(alphabet="ab .𝄞", max_size=30), st.text(alphabet="ab .𝄞", max_size=30))
def test_spans_are_in_order_and_within(first: str, second: str) -> None:
    for text, spans in zip((first, second), changed_words(first, second), strict=True):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(edges)
        assert all(0 <= edge <= len(text) for edge in edges)
        assert all(part and not part.isspace() for part in marked(text, spans))
