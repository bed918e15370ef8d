"""What a chat is called."""

from __future__ import annotations

import pytest

from desktop_app.domain.conversation import title_from_message


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("What is ink?", "What is ink?"),
        ("\n\n# **Ink**\nand paper", "Ink"),
        ("```python\nprint(1)\n```\nWhat does this do?", "What does this do?"),
        ("```python\nprint(1)\n```", "print(1)"),
        ("-5 degrees is how cold?", "-5 degrees is how cold?"),
        (
            "Please tell me everything about iron gall ink and also its long history",
            "Please tell me everything about iron gall ink and also its…",
        ),
        ("x" * 100, "x" * 60 + "…"),
        (" \n ", ""),
    ],
)
def test_a_title_is_the_first_readable_line(message: str, title: str) -> None:
    assert title_from_message(message) == title
