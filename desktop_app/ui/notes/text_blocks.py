"""The lines of a text document as plain words."""

from __future__ import annotations

from PySide6.QtGui import QTextBlock


def lines_between(first: QTextBlock, last: QTextBlock) -> list[str]:
    """The text of each line from `first` to `last`, both counted in."""
    lines = [first.text()]
    block = first
    while block != last:
        block = block.next()
        lines.append(block.text())
    return lines
