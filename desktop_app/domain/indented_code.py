"""Code that is only indented, not fenced, as CommonMark has it: told by the lines above."""

from __future__ import annotations

import re
from collections.abc import Iterable

_INDENTED = re.compile(r"(?: {4}| {0,3}\t)[ \t]*\S")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
#: What is indented below these belongs to them.
_HOLDS_MORE = re.compile(r"[ \t]|(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)|\[\^[^\]]*\]:")
MOST_LOOKED_AT = 2_000
"""Lines above; code that is longer than that is taken for text, rather than looked through at each line."""


def is_indented(line: str) -> bool:
    """Whether it has words, behind four blanks or a tab."""
    return _INDENTED.match(line) is not None


def is_indented_code(line: str, above: Iterable[str]) -> bool:
    """Whether a line that stands in no fence is code because it is indented by four blanks or a tab.

    A blank line, or the beginning of the text, has to stand above the code: else it goes on with a paragraph. Below an
    item of a list it is the item's.

    Args:
        above: the lines above it, the nearest first.
    """
    if _INDENTED.match(line) is None:
        return False
    below_is_blank, first = False, line
    for number, other in enumerate(above):
        if number >= MOST_LOOKED_AT:
            return False
        if other.strip() and _INDENTED.match(other) is None:
            return below_is_blank and _HOLDS_MORE.match(other) is None
        below_is_blank = not other.strip()
        first = first if below_is_blank else other
    return _ITEM.match(first) is None  # a part of a text may begin within a list


class IndentedCode:
    """Tells the same of one line after the other from a text's beginning, and looks at each line once."""

    def __init__(self) -> None:
        self._above: str | None = None  # the line that the indented ones stand below
        self._are_code: bool | None = None  # these lines; None as long as there are none, nor a blank one

    def is_code(self, line: str) -> bool:
        """Whether the next line, which stands in no fence, is code."""
        if not line.strip():
            if self._are_code is None and self._above is not None:
                self._are_code = _HOLDS_MORE.match(self._above) is None
            return False
        if not is_indented(line):
            self._above, self._are_code = line, None
            return False
        if self._are_code is None:
            self._are_code = self._above is None and _ITEM.match(line) is None
        return self._are_code
