"""Which lines can be folded, and what they hide: sections below headings, and what is below items of lists.

Plain Python, no widget.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from desktop_app.domain.markdown_lists import depth_of, item_of
from desktop_app.ui.notes.markdown_lines import LineState, line_state

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]|$)")
#: No sign of an item stands further from the beginning of its line.
_REACH = 200


class Rank(NamedTuple):
    """What a line can hide: a heading what is below its level, an item what stands deeper than its column."""

    is_item: bool
    level: int


class FoldRange(NamedTuple):
    """A line that can be folded, and the last line that it hides then."""

    first: int
    last: int
    rank: Rank


def rank_of(line: str) -> Rank | None:
    """The rank of a line outside code; None for one that hides nothing."""
    if found := _HEADING.match(line):
        return Rank(False, len(found[1]))
    item = item_of(line[:_REACH])
    return None if item is None else Rank(True, item.depth)


def ends(rank: Rank, line: str) -> bool:
    """Whether a line outside code stands below what a line of this rank hides; a blank one says nothing."""
    if not line or line.isspace():
        return False
    heading = _HEADING.match(line)
    if rank.is_item:
        return heading is not None or depth_of(line) <= rank.level
    return heading is not None and len(heading[1]) <= rank.level


def hidden_below(rank: Rank, following: Iterable[str]) -> int:
    """How many of the lines that follow one of this rank it hides. Blank lines at their end stay."""
    hidden = 0
    state = LineState.TEXT
    for count, line in enumerate(following, 1):
        if state is LineState.TEXT and ends(rank, line):
            break
        if line and not line.isspace():
            hidden = count
        state = line_state(line, state)
    return hidden


def fold_ranges(lines: Iterable[str]) -> list[FoldRange]:
    """All that can be folded, in the order of their first lines."""
    found: list[FoldRange] = []
    open_ones: list[tuple[int, Rank]] = []
    state = LineState.TEXT
    last = -1  # with words

    def close(first: int, rank: Rank) -> None:
        if last > first:
            found.append(FoldRange(first, last, rank))

    for number, line in enumerate(lines):
        if line and not line.isspace():
            if state is LineState.TEXT:
                while open_ones and ends(open_ones[-1][1], line):
                    close(*open_ones.pop())
                if (rank := rank_of(line)) is not None:
                    open_ones.append((number, rank))
            last = number
        state = line_state(line, state)
    while open_ones:
        close(*open_ones.pop())
    return sorted(found)
