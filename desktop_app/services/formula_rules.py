r"""Where formulas stand in Markdown: `\(…\)`, `\[…\]` and bare environments, as rules for markdown-it beside `$…$`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

DISPLAY_TOKENS = frozenset({"math_block", "math_block_label", "amsmath"})
INLINE_TOKENS = frozenset({"math_inline", "math_inline_double"})

_CLOSING = {"\\(": "\\)", "\\[": "\\]"}
_INTERRUPTS = ["paragraph", "reference", "blockquote", "list", "footnote_def"]
_BEHIND = re.compile(r"[ \t]*[.,;]?[ \t]*$")
_NUMBER = re.compile(r"\s*[\d,.\s]*\s*$")


def closing_of(markup: str) -> str:
    """The delimiter that ends what `markup` began."""
    return _CLOSING.get(markup, markup)


def use_bracket_formulas(parser: MarkdownIt) -> None:
    r"""Teach `parser` the delimiters `\(…\)` and `\[…\]`."""
    parser.inline.ruler.before("escape", "bracket_formula", _inline)
    parser.block.ruler.before("fence", "bracket_formula_block", _block, {"alt": _INTERRUPTS})


def _inline(state: StateInline, silent: bool) -> bool:
    markup = state.src[state.pos : state.pos + 2]
    closing = _CLOSING.get(markup)
    if closing is None:
        return False
    end = state.src.find(closing, state.pos + 2)
    content = state.src[state.pos + 2 : end]
    if end < 0 or _NUMBER.match(content):  # an escaped bracket around a number is none
        return False
    if not silent:
        token = state.push("math_inline" if markup == "\\(" else "math_inline_double", "math", 0)
        token.content = content
        token.markup = markup
    state.pos = end + 2
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("\\[", begin) or state.sCount[start] - state.blkIndent >= 4:
        return False
    content: list[str] = []
    for line in range(start, end):
        if line > start and state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            return False
        first = begin + 2 if line == start else state.bMarks[line]
        text = state.src[first : state.eMarks[line]]
        closed = text.find("\\]")
        if closed < 0:
            content.append(text)
            continue
        content.append(text[:closed])
        source = "\n".join(content)
        if not _BEHIND.match(text[closed + 2 :]) or _NUMBER.match(source):
            return False
        if not silent:
            token = state.push("math_block", "math", 0)
            token.block = True
            token.content = source
            token.markup = "\\["
            token.map = [start, line + 1]
            state.line = line + 1
        return True
    return False
