"""Lines of paragraphs joined."""

from __future__ import annotations

from desktop_app.domain.filled_lines import filled_lines


def test_paragraphs_and_items_are_joined_and_everything_else_stays() -> None:
    text = "# H\none\ntwo\n\n- a\n  more\n- b\n> q\n\nhard  \nbreak\n\n| a |\n|---|\n```\nx\ny\n```\nend"
    shown = "# H\none two\n\n- a more\n- b\n> q\n\nhard  \nbreak\n\n| a |\n|---|\n```\nx\ny\n```\nend"
    assert filled_lines(text) == shown
    assert filled_lines("") == ""
