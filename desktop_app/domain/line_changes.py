"""What changed between two texts, line by line."""

from __future__ import annotations

import difflib
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from desktop_app.domain.word_changes import Spans, changed_words

_CONTEXT = 3
_MOST_COMPARED = 4_000
_MOST_SHOWN = 3_000
_LONGEST_LINE = 2_000
_LOOKED_AHEAD = 5
"""So many lines that came are compared with one that went, to find the one that replaces it."""


class ChangeKind(StrEnum):
    """What a line is: in both texts, only in the new or the old one, or a gap where both go on alike."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"


class LineChange(msgspec.Struct, frozen=True):
    """One line, cut after some 2,000 characters; in a gap there is none. `words` are the characters of those words that
    differ from the line that it replaces or that replaces it, where one does.
    """

    kind: ChangeKind
    text: str = ""
    words: Spans = ()


def line_changes(old: str, new: str) -> list[LineChange]:
    """The lines that differ, with three lines around them; nothing where the texts are the same. Stretches of more than
    4,000 lines are not compared line by line: all of the old ones are gone, all of the new ones are there.
    """
    if old == new:
        return []
    first, second = old.splitlines(), new.splitlines()
    if first == second:
        return [LineChange(ChangeKind.GAP)]  # line ends alone
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    end = 0
    while end < min(len(first), len(second)) - start and first[-1 - end] == second[-1 - end]:
        end += 1
    lead, trail = max(0, start - _CONTEXT), max(0, end - _CONTEXT)
    before, after = first[lead : len(first) - trail], second[lead : len(second) - trail]
    found: list[LineChange] = [LineChange(ChangeKind.GAP)] if lead else []
    if max(len(before), len(after)) > _MOST_COMPARED:
        found += [_line(ChangeKind.REMOVED, line) for line in before[: _MOST_SHOWN // 2]]
        found += [_line(ChangeKind.ADDED, line) for line in after[: _MOST_SHOWN // 2]]
        return [*found, LineChange(ChangeKind.GAP)]
    groups = difflib.SequenceMatcher(None, before, after).get_grouped_opcodes(_CONTEXT)
    for number, group in enumerate(groups):
        if number:
            found.append(LineChange(ChangeKind.GAP))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                found += [_line(ChangeKind.SAME, line) for line in before[old_from:old_to]]
                continue
            removed = [_line(ChangeKind.REMOVED, line) for line in before[old_from:old_to]]
            added = [_line(ChangeKind.ADDED, line) for line in after[new_from:new_to]]
            _mark_words(removed, added)
            found += [*removed, *added]
    if trail:
        found.append(LineChange(ChangeKind.GAP))
    return found[:_MOST_SHOWN]


def _mark_words(removed: list[LineChange], added: list[LineChange]) -> None:
    """Tell of lines that replace each other, in their order, which words differ."""
    first = 0
    for number, line in enumerate(removed):
        for place in range(first, min(len(added), first + _LOOKED_AHEAD)):
            gone, new = changed_words(line.text, added[place].text)
            if gone or new:
                removed[number] = replace(line, words=gone)
                added[place] = replace(added[place], words=new)
                first = place + 1
                break


def _line(kind: ChangeKind, text: str) -> LineChange:
    return LineChange(kind, text if len(text) <= _LONGEST_LINE else text[:_LONGEST_LINE] + "…")
