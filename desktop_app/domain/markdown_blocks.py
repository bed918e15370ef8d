"""Cut Markdown into blocks that render on their own, also while it is still being written.

A streamed answer grows at its end only. When it is cut into blocks, each new piece of text touches the last block and
nothing before it, so the cost of showing a token does not grow with the answer. Fenced code is a block of its own (it
gets its own widget), also where it stands inside a list item. The rules are those of CommonMark 0.31 as far as they
decide where a top-level block ends: https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

LONGEST_BLOCK = 2_500
"""Characters after which a paragraph or list is cut (at the next line, item or space): bounds one rendering's cost."""

LONGEST_RUN = 10_000
"""Characters without a break after which one is put in (layout of unbroken text is quadratic)."""

LONGEST_FORMULA = 2_500
"""Characters after which a formula on lines of its own that is not closed is taken for text."""

SOFT_BREAK = "\u200b"
"""Zero-width space: allows a line break, shows nothing. Taken out again by `without_soft_breaks`."""

_FENCE = re.compile(r"^(?P<indent>[ ]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n]*)$")
_LIST_ITEM = re.compile(r"^(?P<indent>[ ]{0,3})(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_NESTED_ITEM = re.compile(r"^[ ]{4,}(?:[-*+]|\d{1,9}[.)])[ \t]")
_THEMATIC_BREAK = re.compile(r"^[ ]{0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}(?:[ \t]|$)")
_HALF_MARK = re.compile(r"^[ ]*(?:[-=*+#>|~`_$\\]+)[ \t]*$")
_ENVIRONMENT = re.compile(r"\\begin\{((?:equation|align|alignat|gather|multline|flalign|eqnarray|[pbBvV]?matrix)\*?)\}")
_ITEM_OR_QUOTE = re.compile(r"^[ ]*(?:(?:[-*+]|\d{1,9}[.)]|>)[ \t]+)*")
_UNBROKEN = re.compile(rf"[^\s\u200b]{{{LONGEST_RUN + 1},}}")


class BlockKind(StrEnum):
    """What a block is shown with."""

    TEXT = "text"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of an answer.

    Attributes:
        text: Markdown source of a TEXT block; the bare code of a CODE block, without its fences.
        language: first word of the fence's info string, lower-case; empty where none was given.
        is_open: the fence has not been closed (yet).
        continues: the rows of a table that began in the block before; its head is repeated in `text`, so that they are
            read as rows, and is not to be shown again.
        goes_on: a table whose next rows stand in the block behind.
        line: number of its first line in the whole text, from 0. Blocks that differ in nothing else are equal.
    """

    kind: BlockKind
    text: str
    language: str = ""
    is_open: bool = False
    continues: bool = False
    goes_on: bool = False
    line: int = field(default=0, compare=False)


def split_blocks(text: str) -> list[Block]:
    """Cut finished Markdown into blocks. The result is the same as that of a BlockStream fed in any pieces."""
    stream = BlockStream()
    stream.append(text)
    stream.finish()
    return stream.blocks


class BlockStream:
    """Markdown that arrives in pieces.

    `blocks` is always the whole answer so far; `append` and `finish` return the index of the first block that differs
    from before, so a view keeps all widgets in front of it.
    """

    def __init__(self) -> None:
        self._splitter = _Splitter()
        self._line = ""
        self._finished = False
        self.blocks: list[Block] = []

    def append(self, text: str) -> int:
        """Add text at the end; the index of the first changed block."""
        if not text:
            return len(self.blocks)
        lines = (self._line + text).split("\n")
        for line in lines[:-1]:
            self._splitter.take(line)
        self._line = self._splitter.cut_long_line(lines[-1])
        return self._update()

    def finish(self) -> int:
        """No more text will come: show also what could still have become a mark."""
        self._finished = True
        return self._update()

    def resume(self) -> int:
        """Text will come after all (an answer is continued); the index of the first changed block."""
        self._finished = False
        return self._update()

    def _update(self) -> int:
        settled = self._splitter.settled
        line = self._line
        if not self._finished and _HALF_MARK.match(line):
            line = ""
        fresh = settled[self._known_settled() :] + self._splitter.open_blocks(line)
        start = min(self._known_settled(), len(self.blocks))
        changed = start
        for old, new in zip(self.blocks[start:], fresh, strict=False):
            if old != new:
                break
            changed += 1
        self.blocks[start:] = fresh
        self._splitter.seen = len(settled)
        return changed

    def _known_settled(self) -> int:
        return self._splitter.seen


class CodeStream:
    """As a BlockStream, for a text that is code as a whole. Line ends at its end are left out."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._text = ""
        self._is_open = True
        self.blocks: list[Block] = []

    def append(self, text: str) -> int:
        """Add text at the end; the index of the first changed block."""
        self._text += text
        return self._update()

    def finish(self) -> int:
        """No more text will come."""
        self._is_open = False
        return self._update()

    def resume(self) -> int:
        """Text will come after all."""
        self._is_open = True
        return self._update()

    def _update(self) -> int:
        code = self._text.rstrip("\r\n")
        self.blocks = [Block(BlockKind.CODE, code, self._language, self._is_open)] if code.strip() else []
        return 0


class _Splitter:
    """The line by line machine. `settled` blocks never change again; the open one is in `_lines` or `_code`."""

    def __init__(self) -> None:
        self.settled: list[Block] = []
        self.seen = 0
        self._lines: list[str] = []
        self._length = 0
        self._in_list = False
        self._blank_before = False
        self._dedent = 0
        self._fence: _Fence | None = None
        self._continues = False
        self._formula = ""  # what closes the open formula
        self._formula_length = 0
        self._line = -1  # the line taken last
        self._first_line = 0  # of what is open

    def take(self, line: str) -> None:
        """Feed one complete line (without its line feed)."""
        line = line.removesuffix("\r")
        self._line += 1
        if self._fence is not None:
            self._take_code(line)
            return
        line = self._dedented(line)
        opening = _opening_fence(line, in_list=self._in_list)
        if self._formula and opening is None and self._formula_length < LONGEST_FORMULA:
            self._take_formula(line)
            return
        self._formula = ""
        if opening is not None:
            self._settle_text()
            self._fence = opening
            self._first_line = self._line
        elif not line.strip():
            self._take_blank()
        else:
            self._take_text(line)

    def cut_long_line(self, line: str) -> str:
        """Settle the front of a line that grows beyond bounds (never inside code); what is left of it."""
        while self._fence is None:
            cut = _cut_position(line)
            if cut is None:
                return line
            self.take(line[:cut])
            if self._fence is None:
                self._settle_text()
            line = line[cut:].lstrip(" ")
        return line

    def open_blocks(self, line: str) -> list[Block]:
        """What is not settled yet, as if the answer ended with the incomplete `line`."""
        trial = self._copy()
        if line:
            trial.take(line)
        blocks = trial.settled
        if trial._fence is not None:
            blocks.append(trial._fence.block(trial._first_line, is_open=True))
        elif trial._lines:
            text = _joined(trial._lines)
            blocks.append(Block(BlockKind.TEXT, text, continues=trial._continues, line=trial._first_line))
        return blocks

    def _copy(self) -> _Splitter:
        copy = _Splitter()
        copy._lines = list(self._lines)
        copy._length = self._length
        copy._in_list = self._in_list
        copy._blank_before = self._blank_before
        copy._dedent = self._dedent
        copy._continues = self._continues
        copy._formula = self._formula
        copy._formula_length = self._formula_length
        copy._line = self._line
        copy._first_line = self._first_line
        copy._fence = None if self._fence is None else self._fence.copy()
        return copy

    def _take_code(self, line: str) -> None:
        fence = self._fence
        assert fence is not None
        if fence.is_closed_by(line):
            self.settled.append(fence.block(self._first_line, is_open=False))
            self._fence = None
            self._dedent = fence.indent
        else:
            fence.add(line)

    def _take_formula(self, line: str) -> None:
        """A line inside a formula: no list, heading or blank line in it means anything."""
        self._lines.append(line)
        self._length += len(line) + 1
        self._formula_length += len(line) + 1
        if self._formula in line:
            self._formula = ""

    def _take_blank(self) -> None:
        if not self._lines:
            return
        if self._in_list:
            self._blank_before = True
            self._lines.append("")
        else:
            self._settle_text()

    def _take_text(self, line: str) -> None:
        if self._ends_before(line):
            line = self._cut_before(line)
        rest = line
        while (cut := _cut_position(rest)) is not None:
            self._add(rest[:cut])
            self._settle_text()
            rest = rest[cut:].lstrip(" ")
        if rest:
            self._add(rest)
            self._formula, self._formula_length = _formula_end_after(rest), 0
        if _HEADING.match(line) or (_THEMATIC_BREAK.match(line) and len(self._lines) == 1):
            self._settle_text()

    def _add(self, line: str) -> None:
        if not self._lines:
            self._in_list = _is_list_item(line)
            self._first_line = self._line
        elif _is_list_item(line) and not self._in_list and not _is_quote(self._lines[0]):
            self._in_list = True
        self._lines.append(line)
        self._length += len(line) + 1
        self._blank_before = False

    def _ends_before(self, line: str) -> bool:
        if not self._lines:
            return False
        if _HEADING.match(line):
            return True
        is_item = _is_list_item(line)
        if self._blank_before:
            return not (is_item or line.startswith("  "))
        if self._length < LONGEST_BLOCK:
            return False
        if self._is_table():
            return "|" in line
        return is_item or not self._in_list or _NESTED_ITEM.match(line) is not None or self._length > 2 * LONGEST_BLOCK

    def _cut_before(self, line: str) -> str:
        """Settle what there is; `line` as it begins the next block, which goes on with a table or an item's inside."""
        if self._is_table() and "|" in line and self._length >= LONGEST_BLOCK:
            head = self._lines[:2]
            self._settle_text(goes_on=True)
            self._lines, self._continues = head, True
            self._first_line = self._line
            self._length = sum(len(each) + 1 for each in head)
            return line
        inside = self._in_list and not self._blank_before and not _is_list_item(line)
        self._settle_text()
        if inside and (indent := len(line) - len(line.lstrip(" "))):
            self._dedent = indent
            return line[indent:]
        return line

    def _is_table(self) -> bool:
        return len(self._lines) > 1 and "|" in self._lines[0] and set(self._lines[1]) <= set("|:- \t")

    def _settle_text(self, *, goes_on: bool = False) -> None:
        text = _joined(self._lines)
        if text:
            self.settled.append(
                Block(BlockKind.TEXT, text, continues=self._continues, goes_on=goes_on, line=self._first_line)
            )
        self._lines = []
        self._length = 0
        self._in_list = False
        self._blank_before = False
        self._continues = False
        self._formula = ""

    def _dedented(self, line: str) -> str:
        if not self._dedent or not line.strip():
            return line
        if line.startswith(" " * self._dedent):
            return line[self._dedent :]
        self._dedent = 0
        return line


class _Fence:
    """An open fenced code block."""

    def __init__(self, indent: int, mark: str, language: str) -> None:
        self.indent = indent
        self._mark = mark
        self._language = language
        self._code = ""  # the lines so far, each with its end
        self._fresh: list[str] = []  # those behind them; once joined, no line is looked at again

    def add(self, line: str) -> None:
        own = len(line) - len(line.lstrip(" "))
        self._fresh.append(line[min(own, self.indent) :] + "\n")

    def is_closed_by(self, line: str) -> bool:
        match = _FENCE.match(line)
        if match is None or match["info"].strip():
            return False
        mark = match["mark"]
        return mark[0] == self._mark[0] and len(mark) >= len(self._mark) and len(match["indent"]) <= self.indent + 3

    def block(self, line: int, *, is_open: bool) -> Block:
        return Block(BlockKind.CODE, self._joined()[:-1], self._language, is_open, line=line)

    def _joined(self) -> str:
        self._code += "".join(self._fresh)
        self._fresh.clear()
        return self._code

    def copy(self) -> _Fence:
        copy = _Fence(self.indent, self._mark, self._language)
        copy._code = self._joined()
        return copy


def _opening_fence(line: str, *, in_list: bool) -> _Fence | None:
    match = _FENCE.match(line)
    if match is None:
        return None
    indent = len(match["indent"])
    info = match["info"].strip()
    if (indent > 3 and not in_list) or ("`" in info and match["mark"][0] == "`"):
        return None
    words = info.split()
    return _Fence(indent, match["mark"], words[0].strip("{}.").lower() if words else "")


def _formula_end_after(line: str) -> str:
    """What will close the formula that `line` leaves open behind it; empty where it leaves none open."""
    body = line[_ITEM_OR_QUOTE.match(line).end() :].rstrip()  # type: ignore[union-attr]
    if body.count("$$") == 1 and (body.startswith("$$") or body.endswith("$$")):
        return "$$"
    if (body.startswith("\\[") or body.endswith("\\[")) and body.rfind("\\[") > body.rfind("\\]"):
        return "\\]"
    environment = _ENVIRONMENT.match(body)
    if environment is not None and f"\\end{{{environment[1]}}}" not in body:
        return f"\\end{{{environment[1]}}}"
    return ""


def _is_list_item(line: str) -> bool:
    return _LIST_ITEM.match(line) is not None and _THEMATIC_BREAK.match(line) is None


def _is_quote(line: str) -> bool:
    return line.lstrip(" ").startswith(">")


def _cut_position(line: str) -> int | None:
    """Where to cut a line that is too long: at its first space after LONGEST_BLOCK, or inside an unbroken run.

    Depends on the text before the cut only, so a stream and the whole text are cut in the same places.
    """
    if len(line) <= LONGEST_BLOCK:
        return None
    space = line.find(" ", LONGEST_BLOCK)
    hard = LONGEST_BLOCK + LONGEST_RUN
    if 0 <= space < hard:
        return space if space + 1 < len(line) else None
    return hard if len(line) > hard else None


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip("\n")


def close_inline_marks(text: str) -> str:
    """The last paragraph's half-open `code` or **strong** closed, so that it does not flicker while it is written.

    Only marks that were certainly opened are closed; everything else is returned as it is.
    """
    paragraph = text[text.rfind("\n\n") + 1 :]
    body = paragraph.rstrip()
    if not body:
        return text
    if body.count("`") % 2:
        return text.rstrip("`") if body.endswith("`") else text + "`"
    outside_code = "".join(body.split("`")[::2])
    if outside_code.count("**") % 2:
        if body.endswith("**"):
            return text.rstrip()[:-2]
        return text.rstrip() + ("*" if body.endswith("*") else "**")
    return text


def open_formula_end(text: str) -> str:
    """What is missing at the end of `text` to close the formula that is being written there; empty where none is."""
    closing = ""
    for line in text.split("\n"):
        if not closing:
            closing = _formula_end_after(line)
        elif closing in line:
            closing = ""
    if closing:
        return closing[1:] if text.endswith(closing[0]) and not text.endswith(closing) else f"\n{closing}"
    paragraph = text[text.rfind("\n\n") + 1 :]
    if paragraph.count("`") % 2:
        return ""
    for opening, closing in (("\\(", "\\)"), ("\\[", "\\]")):
        if paragraph.rfind(opening) > paragraph.rfind(closing):
            return closing
    return ""


def soft_broken(text: str) -> str:
    """`text` with a zero-width space after every LONGEST_RUN characters of each longer unbroken run: for layout."""
    if len(text) <= LONGEST_RUN:
        return text
    return _UNBROKEN.sub(_break_run, text)


def without_soft_breaks(text: str) -> str:
    """Undo `soft_broken` on text copied from a view."""
    return text.replace(SOFT_BREAK, "")


def _break_run(match: re.Match[str]) -> str:
    run = match.group()
    return SOFT_BREAK.join(run[start : start + LONGEST_RUN] for start in range(0, len(run), LONGEST_RUN))
