"""Open tasks of notes: their words, the heading they stand under, and the day they are due."""

from __future__ import annotations

import re
from collections import deque
from datetime import date

import msgspec

from desktop_app.domain.outline import Heading, headings
from desktop_app.domain.plain_markdown import plain_markdown
from desktop_app.domain.task_lists import TaskItem, task_items
from desktop_app.domain.wiki_links import link_words

SIGN = "[ ]"
"""What every open task has in its line."""

_DAY = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])")
_DUE = re.compile(r"(?:📅|\bdue\b:{0,2})[ \t]*$", re.IGNORECASE)
_TOLD = re.compile(r"[ \t]*[([]?(?:📅|\bdue\b:{0,2})[ \t]*\d{4}-\d{2}-\d{2}(?!\d)[)\]]?", re.IGNORECASE)
_MOST_WORDS = 500
"""Characters of a task that are looked at: a line may be as long as a note."""


class OpenTask(msgspec.Struct, frozen=True):
    """One task that is not done.

    Attributes:
        title: of the note; "" where it has none.
        number: how many tasks of the note, done ones too, stand before it.
        start: the character of the note's text where its words begin.
        label: its words as they are written.
        words: its words as they are read, without the day that it is due.
        heading: the words of the heading it stands under; "" above the first.
        due: the day in its words, the one behind "due" or 📅 where there are several.
    """

    note_id: int
    title: str
    folder: str
    number: int
    start: int
    label: str
    words: str
    heading: str = ""
    due: date | None = None


def open_tasks_in(note_id: int, title: str, folder: str, text: str, most: int | None = None) -> list[OpenTask]:
    """The open tasks of a note, in the order of its text, at most so many; those without words are left out."""
    found: list[OpenTask] = []
    above = deque(headings(text))
    for number, item in enumerate(task_items(text)):
        if len(found) == most:
            break
        words = "" if item.done else plain_words(item)
        if words:
            heading = _heading_over(above, item.sign)
            found.append(
                OpenTask(
                    note_id,
                    title,
                    folder,
                    number,
                    item.sign + len(" ] "),
                    item.label,
                    words,
                    "" if heading == title else heading,
                    due_day(item.label),
                )
            )
    return found


def plain_words(item: TaskItem) -> str:
    """A task's words without Markdown signs and without "due 2026-12-01", on one line."""
    label = item.label[:_MOST_WORDS]
    told = _TOLD.sub("", label) if due_day(label) is not None else label
    return " ".join(plain_markdown(link_words(told if told.strip() else label)).text.split())


def due_day(label: str) -> date | None:
    """The day that a task's words name (`2026-12-01`), the one behind "due" or 📅 where there is one."""
    label = label[:_MOST_WORDS]
    days: list[date] = []
    for found in _DAY.finditer(label):
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            continue
        if _DUE.search(label[: found.start()]) is not None:
            return day
        days.append(day)
    return days[0] if days else None


def task_now(text: str, task: OpenTask, *, done: bool = False) -> TaskItem | None:
    """The open task, or the `done` one, with those words in a text that may have changed: the one nearest to its old
    place.
    """
    same = [
        (abs(number - task.number), item)
        for number, item in enumerate(task_items(text))
        if item.done == done and item.label.rstrip() == task.label.rstrip()
    ]
    return min(same, key=lambda one: one[0])[1] if same else None


def _heading_over(above: deque[Heading], place: int) -> str:
    """The last heading in front of a place; `above` loses those in front of it but the last."""
    while len(above) > 1 and above[1].start < place:
        above.popleft()
    return above[0].title if above and above[0].start < place else ""
