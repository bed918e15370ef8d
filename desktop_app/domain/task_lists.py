"""Task lists in Markdown: `- [ ] open`, `- [x] done`, `1. [ ] first`."""

from __future__ import annotations

import re

import msgspec

from desktop_app.domain.fenced_code import FENCE, outside_fences
from desktop_app.domain.plain_markdown import plain_markdown
from desktop_app.domain.wiki_links import link_words, name_key

_LINES = re.compile(
    FENCE + r"|^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[(?P<sign>[ xX])\] (?P<label>[^\n]*)",
    re.MULTILINE,
)


class TaskItem(msgspec.Struct, frozen=True):
    """A task: the character of the text between its brackets, whether it is done, and its words."""

    sign: int
    done: bool
    label: str


def task_items(text: str) -> list[TaskItem]:
    """All tasks of lists outside fenced code, in order: those that are shown with a box."""
    found: list[TaskItem] = []
    for line in outside_fences(_LINES, text):
        found.append(TaskItem(line.start("sign"), line["sign"] in "xX", line["label"]))
    return found


def task_meant(text: str, number: int, done: bool, words: str) -> TaskItem | None:
    """The task that is shown as the one with this number and these words; None where the text says something else."""
    items = task_items(text)
    if not 0 <= number < len(items):
        return None
    item = items[number]
    label = plain_markdown(link_words(item.label)).text
    same = item.done == done and name_key(label)[:20] == name_key(words)[:20]
    return item if same else None
