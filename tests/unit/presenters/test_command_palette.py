"""How Ctrl+K sorts the names it finds."""

from __future__ import annotations

from desktop_app.presenters.command_palette import name_rank


def test_names_that_begin_as_typed_come_before_words_before_parts() -> None:
    titles = ["The digit rule", "Using git bisect", "Git basics", "GitHub"]
    assert sorted(titles, key=lambda title: name_rank("git", title)) == [
        "Git basics",
        "GitHub",
        "Using git bisect",
        "The digit rule",
    ]
    assert name_rank("C++ (", "About C++ (old)") == 1
