"""The rows in which code is laid out: its lines, the longest of them in pieces.

Qt lays out a whole paragraph anew at each letter that is added to it, which with colours costs more than its length. A
line without an end is therefore shown in several paragraphs. What is copied comes from the code itself.
"""

from __future__ import annotations

from bisect import bisect_right

LONGEST_ROW = 500
"""Characters of a row at most."""
_FULL_ROW = 400  # a row of so many ends at its next blank

#: Qt would end a paragraph or a line at these, or take them for its own marks.
_FOR_QT = {ord("\0"): "␀", ord("\r"): " ", 0x2028: " ", 0x2029: " ", 0xFDD0: " ", 0xFDD1: " "}


class CodeRows:
    """Where each row begins in code that grows. What was laid out once keeps its row."""

    def __init__(self) -> None:
        self._starts = [0]
        self._length = 0
        self._is_full = False  # the next letter of the line begins another row

    def __len__(self) -> int:
        return len(self._starts)

    def append(self, text: str) -> str:
        """The code grew by `text`; what is to be put behind the text that is shown."""
        shown: list[str] = []
        for number, line in enumerate(text.split("\n")):
            if number:
                self._length += 1
                self._begin_row(shown)
            self._add_to_line(line, shown)
        return "".join(shown).translate(_FOR_QT)

    def _add_to_line(self, text: str, shown: list[str]) -> None:
        while text:
            if self._is_full:
                self._begin_row(shown)
            taken = self._length - self._starts[-1]
            blank = text.find(" ", max(0, _FULL_ROW - taken), LONGEST_ROW - taken)
            end = blank + 1 if blank >= 0 else LONGEST_ROW - taken
            shown.append(text[:end])
            self._is_full = len(text) >= end
            self._length += min(end, len(text))
            text = text[end:]

    def _begin_row(self, shown: list[str]) -> None:
        self._starts.append(self._length)
        self._is_full = False
        shown.append("\n")

    def start_of(self, row: int) -> int:
        """Where a row begins in the code."""
        return self._starts[row]

    def row_at(self, place: int) -> int:
        """The row that holds the character at `place`."""
        return bisect_right(self._starts, place) - 1
