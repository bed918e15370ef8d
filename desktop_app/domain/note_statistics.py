"""What can be counted in a note, and the number of words that it is to have."""

from __future__ import annotations

import re

import msgspec

from desktop_app.domain.outline import headings, word_count
from desktop_app.domain.task_lists import task_items

_GOAL = re.compile(r"^word[-_ ]?goal[ \t]*:[ \t]*[\"']?(\d[\d.,_' ]{0,11})", re.IGNORECASE | re.MULTILINE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_WORDS_A_MINUTE = 230


class NoteStatistics(msgspec.Struct, frozen=True):
    """Counts of one text or of several together.

    Attributes:
        letters: characters but for blanks and line ends.
        tasks: those that are open, and all.
    """

    words: int = 0
    characters: int = 0
    letters: int = 0
    paragraphs: int = 0
    headings: int = 0
    tasks: tuple[int, int] = (0, 0)

    @property
    def minutes(self) -> int:
        """About how long it takes to read, at least a minute where there are words."""
        return max(1, round(self.words / _WORDS_A_MINUTE)) if self.words else 0

    def __add__(self, other: NoteStatistics) -> NoteStatistics:
        return NoteStatistics(
            self.words + other.words,
            self.characters + other.characters,
            self.letters + other.letters,
            self.paragraphs + other.paragraphs,
            self.headings + other.headings,
            (self.tasks[0] + other.tasks[0], self.tasks[1] + other.tasks[1]),
        )


def statistics_of(text: str) -> NoteStatistics:
    """The counts of a text, signs of Markdown counted as characters, not as words."""
    tasks = task_items(text)
    return NoteStatistics(
        word_count(text),
        len(text),
        sum(len(part) for part in text.split()),
        sum(1 for part in _PARAGRAPH.split(text.replace("\r\n", "\n")) if part.strip()),
        len(headings(text)),
        (sum(not task.done for task in tasks), len(tasks)),
    )


def word_goal(lines: str) -> int | None:
    """How many words the lines of front matter say that the note is to have (`word-goal: 1500`); None without one."""
    found = _GOAL.search(lines)
    number = int(re.sub(r"\D", "", found[1])) if found is not None else 0
    return number or None
