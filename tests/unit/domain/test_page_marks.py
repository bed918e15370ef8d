from __future__ import annotations

import pytest

from desktop_app.domain.page_marks import page_at, page_within

TEXT = "Title\n[page 1]\nab [page 7]\n\n[page 12]\ncd\n[page x]\n[page 13] e"


@pytest.mark.parametrize(
    ("place", "page"),
    [
        ("Title", 0),
        ("[page 1]", 1),
        ("ab", 1),
        ("[page 7]", 1),
        ("[page 12]", 12),
        ("cd", 12),
        ("[page x]", 12),
        ("e", 13),
    ],
)
def test_the_last_mark_that_begins_a_line_says_the_page(place: str, page: int) -> None:
    at = len(TEXT) - 1 if place == "e" else TEXT.index(place)
    assert page_at(TEXT, at) == page


def test_a_passage_goes_on_over_pages() -> None:
    passage = "end of one\n\n[page 3]\nnext"
    assert (page_within(passage, 0, 2), page_within(passage, passage.index("next"), 2)) == (2, 3)
