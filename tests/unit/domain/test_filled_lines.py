"""Lines of paragraphs joined."""

from __future__ import annotations

import pytest

from desktop_app.domain.filled_lines import filled_lines


def test_paragraphs_and_items_are_joined_and_everything_else_stays() -> None:
    text = "# H\none\ntwo\n\n- a\n  more\n- b\n> q\n\nhard  \nbreak\n\n| a |\n|---|\n```\nx\ny\n```\nend"
    shown = "# H\none two\n\n- a more\n- b\n> q\n\nhard  \nbreak\n\n| a |\n|---|\n```\nx\ny\n```\nend"
    assert filled_lines(text) == shown
    assert filled_lines("") == ""


@pytest.mark.timeout(20)
def test_a_paragraph_of_very_many_lines_is_joined_in_time() -> None:
    line = "words that go on and on in the next line below"
    assert filled_lines("\n".join([line] * 200_000)) == " ".join([line] * 200_000)
