"""Blocks of Markdown, put under each other as the quotes and lists they stand in ask for."""

from __future__ import annotations

import msgspec

MOST_DEPTH = 12
"""Quotes and list items that are written inside each other; deeper ones are written at this depth."""


class _Container(msgspec.Struct):
    """A quote ("> " before every line) or a list item (its mark before the first, blanks before the others)."""

    first: str
    others: str
    used: bool = False


class MarkdownLines:
    """Takes blocks in order and writes them below each other."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._containers: list[_Container] = []
        self._too_deep = 0
        self._tight = False

    @property
    def text(self) -> str:
        """All that was written, with one line break at its end; "" for nothing."""
        return "\n".join(self._lines).strip("\n") + "\n" if any(self._lines) else ""

    def open(self, first: str, others: str) -> None:
        """Begin a quote or a list item."""
        if len(self._containers) >= MOST_DEPTH:
            self._too_deep += 1
        else:
            self._containers.append(_Container(first, others))

    def close(self) -> None:
        """End the innermost one."""
        if self._too_deep:
            self._too_deep -= 1
        elif self._containers:
            self._containers.pop()

    def add(self, block: str, *, tight: bool = False) -> None:
        """One block, of one or more lines; between two `tight` ones (items of a list) there is no empty line."""
        if self._lines and not (tight and self._tight):
            between = "".join(each.others for each in self._containers if each.used)
            self._lines.append(between.rstrip())
        self._tight = tight
        for line in block.split("\n"):
            self._lines.append((self._prefix() + line).rstrip())

    def _prefix(self) -> str:
        parts: list[str] = []
        for each in self._containers:
            parts.append(each.others if each.used else each.first)
            each.used = True
        return "".join(parts)
