"""Cut the lines of a note into pieces that render on their own, so that an edit touches the piece it stands in only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from desktop_app.domain.markdown_blocks import BlockKind, split_blocks


class PieceSizes(NamedTuple):
    """How long pieces are, in characters.

    Attributes:
        piece: a piece ends at the next place behind so many where Markdown allows it.
        long_list: behind so many it ends within a list or table, too.
        longest: behind so many it ends at the next line, whatever it stands in.
    """

    piece: int
    long_list: int
    longest: int


WRITTEN = PieceSizes(1_000, 2_000, 4_000)
"""Of a text that is being written: each keystroke renders one of them."""

READ = PieceSizes(12_000, 36_000, 40_000)
"""Of a text that is only read."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_DELIMITERS = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)*$")
_LONGEST_LEAD = 1_000


class Piece(msgspec.Struct, frozen=True):
    """Some lines of a text.

    Attributes:
        lines: how many.
        text: the lines, with a line feed between them.
        lead: lines from further up that are needed to read these: the one that opened the code in which they stand, or
            the head of their table.
        joined: what the piece in front ends with goes on here, without a blank line between them.
    """

    lines: int
    text: str
    lead: tuple[str, ...] = ()
    joined: bool = False

    @property
    def begins_in_code(self) -> bool:
        """It goes on with fenced code that the piece in front of it ends with."""
        return len(self.lead) == 1

    @property
    def source(self) -> str:
        """What is to be rendered."""
        return "\n".join((*self.lead, self.text)) if self.lead else self.text


def code_over(pieces: Sequence[Piece]) -> str:
    """The code that the first of these pieces ends with and the others go on with."""
    first, *others = pieces
    number = sum(block.kind is BlockKind.CODE for block in split_blocks(first.source)) - 1
    whole = "\n".join((first.source, *(each.text for each in others)))
    code = [block for block in split_blocks(whole) if block.kind is BlockKind.CODE]
    return code[number].text


class PieceCutter:
    """Takes one line after the other. Between two pieces it remembers nothing but the lead of the next one."""

    def __init__(self, lead: tuple[str, ...] = (), *, joined: bool = False, sizes: PieceSizes = WRITTEN) -> None:
        self._sizes = sizes
        self.lead = lead
        """The lead of the piece that is being made."""
        self.joined = joined
        """Whether it goes on with what is in front of it."""
        self._begin(lead)

    def take(self, line: str) -> Piece | None:
        """The piece that ended in front of this line, if one did."""
        ended = None
        if self._lines and self._ends_before(line):
            ended = self._end()
        self._add(line)
        return ended

    def rest(self) -> Piece | None:
        """The piece that ends with the text; None where no line was taken since the last one ended."""
        return self._end() if self._lines else None

    def _begin(self, lead: tuple[str, ...]) -> None:
        self.lead = lead
        self._lines: list[str] = []
        self._length = 0
        self._blank_before = False
        self._in_list = False
        self._formula = ""  # what closes the formula that is open
        self._head: tuple[str, ...] = lead if len(lead) == 2 else ()  # of the table that is open
        self._opening = lead[0] if len(lead) == 1 else ""  # the line that opened the code
        self._mark = _fence_mark(self._opening)

    def _end(self) -> Piece:
        piece = Piece(len(self._lines), "\n".join(self._lines), self.lead, self.joined)
        self.joined = bool(self._mark or self._head or (self._in_list and not self._blank_before))
        lead = (self._opening,) if self._mark else self._head
        self._begin(lead if sum(map(len, lead)) <= _LONGEST_LEAD else ())
        return piece

    def _ends_before(self, line: str) -> bool:
        if self._length + len(line) > self._sizes.longest:
            return not self._closes_code(line)  # which alone would be a piece with nothing to show
        if self._length < self._sizes.piece or self._mark or self._formula:
            return False
        if _HEADING.match(line):
            return True
        if self._length >= self._sizes.long_list and (
            self._head or (self._in_list and _ITEM.match(line) and line[0] != " ")
        ):
            return True
        if not self._blank_before or not line.strip() or line[0] in " \t":
            return False
        return not (self._in_list and _ITEM.match(line))

    def _add(self, line: str) -> None:
        if self._mark:
            self._take_code(line)
        elif match := _FENCE.match(line):
            if not (match[1][0] == "`" and "`" in match[2]):
                self._mark, self._opening = match[1], line
                self._head = ()
        else:
            self._take_text(line)
        self._lines.append(line)
        self._length += len(line) + 1
        self._blank_before = not line.strip()

    def _take_code(self, line: str) -> None:
        if self._closes_code(line):
            self._mark = self._opening = ""

    def _closes_code(self, line: str) -> bool:
        match = _FENCE.match(line) if self._mark else None
        if match is None or match[2].strip():
            return False
        return match[1][0] == self._mark[0] and len(match[1]) >= len(self._mark)

    def _take_text(self, line: str) -> None:
        if not line.strip():
            self._head = ()
            return
        if _ITEM.match(line):
            self._in_list = True
        elif self._blank_before and line[0] not in " \t":
            self._in_list = False
        self._take_formula(line.strip())
        if self._head and "|" not in line:
            self._head = ()
        elif not self._head and self._lines and "|" in self._lines[-1] and "-" in line and _DELIMITERS.match(line):
            self._head = (self._lines[-1], line)

    def _take_formula(self, line: str) -> None:
        if self._formula:
            if self._formula in line:
                self._formula = ""
        elif line.startswith("$$") and line.count("$$") == 1:
            self._formula = "$$"
        elif line.startswith("\\[") and "\\]" not in line:
            self._formula = "\\]"


def _fence_mark(opening: str) -> str:
    match = _FENCE.match(opening)
    return match[1] if match else ""
