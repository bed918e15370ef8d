"""What notes have beside CommonMark, as Obsidian writes it: `==marked==`, `%%comments%%`, `^block-names`, callouts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from desktop_app.domain.callouts import callout_in

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_MARKED = re.compile(r"==(?=[^\s=])((?:(?!==).)+?)(?<=\S)==")
_BLOCK_NAME = re.compile(r"\^[A-Za-z0-9-]{1,100}[ \t]*(?=\n|$)")
_ENDS_BLOCKS = ["paragraph", "reference", "blockquote", "list"]


def use_note_rules(parser: MarkdownIt) -> None:
    """Teach `parser` what is written in notes."""
    parser.inline.ruler.before("escape", "marked", _marked)
    parser.inline.ruler.before("escape", "comment", _comment)
    parser.inline.ruler.before("escape", "block_name", _block_name)
    parser.block.ruler.before("fence", "comment_block", _comment_block, {"alt": _ENDS_BLOCKS})
    parser.core.ruler.push("callouts", _callouts)


def _marked(state: StateInline, silent: bool) -> bool:
    match = _MARKED.match(state.src, state.pos, state.posMax) if state.src.startswith("==", state.pos) else None
    if match is None:
        return False
    if not silent:
        end = state.posMax
        state.push("mark_open", "mark", 1)
        state.pos, state.posMax = match.start(1), match.end(1)
        state.md.inline.tokenize(state)
        state.posMax = end
        state.push("mark_close", "mark", -1)
    state.pos = match.end()
    return True


def _comment(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("%%", state.pos):
        return False
    end = state.src.find("%%", state.pos + 2, state.posMax)
    if end < 0:
        return False
    state.pos = end + 2
    return True


def _block_name(state: StateInline, silent: bool) -> bool:
    """The name by which links call a paragraph stands at its end."""
    before = state.src[state.pos - 1 : state.pos]
    if state.src[state.pos : state.pos + 1] != "^" or before not in ("", " ", "\t", "\n"):
        return False
    match = _BLOCK_NAME.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.pending = state.pending.rstrip(" \t")
    state.pos = match.end()
    return True


def _comment_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("%%", begin) or state.sCount[start] - state.blkIndent >= 4:
        return False
    for line in range(start, end):
        first = begin + 2 if line == start else state.bMarks[line] + state.tShift[line]
        closing = state.src.find("%%", first, state.eMarks[line])
        if closing < 0:
            continue
        if state.src[closing + 2 : state.eMarks[line]].strip():
            return False  # something goes on behind it: it is within a paragraph
        if not silent:
            state.line = line + 1
        return True
    return False


def _callouts(state: StateCore) -> None:
    tokens: list[Token] = []
    for number, token in enumerate(state.tokens):
        tokens.append(token)
        opens = token.type == "inline" and number >= 2 and state.tokens[number - 2].type == "blockquote_open"
        if opens and state.tokens[number - 1].type == "paragraph_open":
            _make_callout(tokens, state.tokens[number - 2])
    state.tokens = tokens
    titled = False
    for token in tokens:
        if token.type == "paragraph_open":
            titled = "callout" in token.meta
        elif token.type == "paragraph_close" and titled:
            token.meta["callout"] = True


def _make_callout(tokens: list[Token], quote: Token) -> None:
    """Where the paragraph that ends `tokens` begins a callout: its first line is the title, the others a paragraph."""
    opening, inline = tokens[-2:]
    children = inline.children or []
    callout = callout_in(children[0].content) if children and children[0].type == "text" else None
    if callout is None:
        return
    quote.meta["callout"] = callout.tone
    quote.meta["folds"] = callout.folds
    quote.attrJoin("class", f"callout {callout.tone}")
    opening.meta["callout"] = callout.tone
    opening.attrJoin("class", "callout-title")
    end = next((at for at, child in enumerate(children) if child.type in ("softbreak", "hardbreak")), len(children))
    children[0].content = children[0].content[callout.length :]
    title, rest = children[:end], children[end + 1 :]
    if not any(child.content for child in title):
        children[0].content = callout.name
    inline.children, inline.content = title, "".join(child.content for child in title)
    if rest:
        closing = _like(opening, "paragraph_close", -1)
        words = _like(inline, "inline", 0)
        words.children, words.content = rest, "".join(child.content for child in rest)
        tokens += [closing, _like(opening, "paragraph_open", 1), words]


def _like(token: Token, kind: str, nesting: Literal[-1, 0, 1]) -> Token:
    from markdown_it.token import Token as MadeToken

    return MadeToken(kind, token.tag, nesting, map=token.map, level=token.level, block=token.block)
