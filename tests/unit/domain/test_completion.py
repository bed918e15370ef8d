"""Blanks between a text and what goes on from it."""

from __future__ import annotations

import pytest

from desktop_app.domain.completion import BlankSkipper, split_trailing_blanks


@pytest.mark.parametrize(
    ("text", "kept", "count"),
    [("One", "One", 0), ("One ", "One", 1), ("One\n", "One\n", 0), ("One  ", "One", 2), ("", "", 0)],
)
def test_blanks_at_the_end_are_split_off(text: str, kept: str, count: int) -> None:
    assert split_trailing_blanks(text) == (kept, count)


@pytest.mark.parametrize(
    ("count", "pieces", "text"),
    [
        (1, [" word", " more"], "word more"),
        (0, [" word"], " word"),
        (2, [" ", " word"], "word"),
        (2, [" word", "  x"], "word  x"),
        (1, ["word", " x"], "word x"),
        (1, ["", " word"], "word"),
        (1, ["\n", " x"], "\n x"),
    ],
)
def test_what_stands_already_is_not_written_again(count: int, pieces: list[str], text: str) -> None:
    skipper = BlankSkipper(count)
    assert "".join(skipper.take(piece) for piece in pieces) == text
