"""What is counted in a note."""

from __future__ import annotations

import pytest

from desktop_app.domain.note_statistics import NoteStatistics, statistics_of, word_goal

TEXT = "# Ink\r\n\r\nTwo words - here.\r\n\r\n- [ ] one\r\n- [x] two\r\n"


def test_words_letters_paragraphs_headings_and_tasks_are_counted() -> None:
    found = statistics_of(TEXT)
    assert (found.words, found.characters, found.paragraphs, found.headings) == (7, len(TEXT), 3, 1)
    assert found.letters == sum(not one.isspace() for one in TEXT)
    assert found.tasks == (1, 2)
    assert found.minutes == 1
    assert statistics_of("").minutes == 0
    assert statistics_of("word " * 2_300).minutes == 10


def test_counts_are_added() -> None:
    both = statistics_of(TEXT) + statistics_of("three more words")
    assert (both.words, both.tasks, both.paragraphs) == (10, (1, 2), 4)
    assert both + NoteStatistics() == both


@pytest.mark.parametrize(
    ("lines", "goal"),
    [
        ("word-goal: 1500", 1500),
        ("status: draft\nword_goal: '50,000'\n", 50_000),
        ("Word goal: 1 200 # for November", 1_200),
        ("wordgoal: 0", None),
        ("word-goal: many", None),
        ("not-a-word-goal: 3", None),
        ("", None),
    ],
)
def test_the_goal_is_a_property(lines: str, goal: int | None) -> None:
    assert word_goal(lines) == goal
