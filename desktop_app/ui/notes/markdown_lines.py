"""What each part of one line of Markdown is, for highlighting while it is written. Plain Python, no widget."""

from __future__ import annotations

import re
from enum import IntEnum

import msgspec

from desktop_app.domain.callouts import callout_in
from desktop_app.domain.editor_text import MARKS, unit_count
from desktop_app.domain.wiki_links import embeds_file, find_links, target_key

#: Lines longer than this get no inline styles: the patterns below look ahead along the line.
_INLINE_LIMIT = 2_000


class LineState(IntEnum):
    """What a line leaves open for the next one."""

    TEXT = 0
    FENCE_BACKTICK = 1
    FENCE_TILDE = 2


class Style(IntEnum):
    """How a stretch of text looks.

    MARK is a Markdown sign, hidden away from the cursor; BULLET a list sign or the box of a task, drawn there;
    INVISIBLE is hidden always. DONE is what is ticked in a task list, INDENT the blanks in front of a list item.
    """

    HEADING_1 = 1
    HEADING_2 = 2
    HEADING_3 = 3
    BOLD = 4
    ITALIC = 5
    CODE = 6
    CODE_BLOCK = 7
    QUOTE = 8
    LINK = 9
    TAG = 10
    BULLET = 11
    STRIKE = 12
    MUTED = 13
    MARK = 14
    INVISIBLE = 15
    MISSING_LINK = 16
    DONE = 17
    CODE_KEYWORD = 18
    CODE_FUNCTION = 19
    CODE_STRING = 20
    CODE_NUMBER = 21
    CODE_COMMENT = 22
    TABLE = 23
    INDENT = 24
    HIGHLIGHT = 25
    CALLOUT = 26
    CODE_IN_HEADING = 27


#: The theme's roles for parts of code.
CODE_ROLES = {
    Style.CODE_KEYWORD: "code_keyword",
    Style.CODE_FUNCTION: "code_function",
    Style.CODE_STRING: "code_string",
    Style.CODE_NUMBER: "code_number",
    Style.CODE_COMMENT: "code_comment",
}
_CODE_STYLES = {role: style for style, role in CODE_ROLES.items()}


class Stretch(msgspec.Struct, frozen=True):
    """`length` UTF-16 units from `start` on look like `style`; later stretches lie over earlier ones."""

    start: int
    length: int
    style: Style


_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
_HEADING = re.compile(r" {0,3}(#{1,6})([ \t]+|$)")
_QUOTE = re.compile(r" {0,3}(?:>[ \t]?)+")
_ITEM = re.compile(r"[ \t]*([-*+]|\d{1,9}[.)])[ \t]+")
_TABLE_ROW = re.compile(r" {0,3}\|")
_BOX = re.compile(r"(\[[ xX]\])(?:[ \t]+|$)")
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_ITALIC = re.compile(r"(?<![\w*])(\*|_)(?=[^\s*_])([^*_]*?[^\s*_]|[^\s*_])\1(?![\w*])")
_STRIKE = re.compile(r"(~~)(?=\S)(.+?)(?<=\S)~~")
_HIGHLIGHT = re.compile(r"(==)(?=[^\s=])(.+?)(?<=\S)==")
_COMMENT = re.compile(r"%%.*?%%")
_BLOCK_NAME = re.compile(r"(?:^|[ \t])\^[A-Za-z0-9-]+[ \t]*$")
_LINK = re.compile(r"!?\[([^\]\[]*)\](\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:[ \t]+\"[^\"]*\")?\))")
_URL = re.compile(r"(?:https?://|mailto:)[^\s<>\"')\]]+")
_TAG = re.compile(r"(?<![\w#/&])#(?=[\w/-]*[^\W\d_])[\w/-]+")
_MARKS = re.compile("[" + "".join(sorted(MARKS)) + "]")


def line_state(text: str, before: LineState) -> LineState:
    """What is open after this line, given what was open before it."""
    match = _FENCE.match(text)
    if match is None:
        return before
    kind = LineState.FENCE_BACKTICK if match[1][0] == "`" else LineState.FENCE_TILDE
    if before is LineState.TEXT:
        return before if kind is LineState.FENCE_BACKTICK and "`" in match[2] else kind
    return LineState.TEXT if kind is before and not match[2].strip() else before


def is_bullet(text: str) -> int:
    """Index of the sign of an unordered list item, -1 when the line is none, or a task."""
    match = _ITEM.match(text)
    if match is None or match[1] not in "-*+" or _RULE.match(text) or _BOX.match(text, match.end()):
        return -1
    return match.start(1)


def line_styles(
    text: str, before: LineState, missing: frozenset[str] = frozenset(), *, is_code: bool = False
) -> list[Stretch]:
    """The stretches of a line, in UTF-16 units as Qt counts. `missing` are the keys of targets that no note answers
    to; `is_code`: it is code because it is indented.
    """
    found = [(0, len(text), Style.CODE_BLOCK)] if is_code else _styles(text, before, missing)
    found += [(match.start(), match.end(), Style.INVISIBLE) for match in _MARKS.finditer(text)]
    if not text.isascii() and any(character > "\uffff" for character in text):
        return [_in_utf16(text, start, end, style) for start, end, style in found]
    return [Stretch(start, end - start, style) for start, end, style in found]


def _styles(text: str, before: LineState, missing: frozenset[str]) -> list[tuple[int, int, Style]]:
    if before is not LineState.TEXT:
        closes = line_state(text, before) is LineState.TEXT
        return [(0, len(text), Style.CODE_BLOCK)] + ([(0, len(text), Style.MUTED)] if closes else [])
    if line_state(text, before) is not LineState.TEXT:
        return [(0, len(text), Style.CODE_BLOCK), (0, len(text), Style.MUTED)]
    if _RULE.match(text):
        return [(0, len(text), Style.MUTED)]
    found: list[tuple[int, int, Style]] = []
    if match := _HEADING.match(text):
        style = (Style.HEADING_1, Style.HEADING_2, Style.HEADING_3)[min(len(match[1]), 3) - 1]
        found += [(0, len(text), style), (match.start(1), match.end(), Style.MARK)]
    elif match := _QUOTE.match(text):
        found += [(0, len(text), Style.QUOTE), (0, match.end(), Style.MUTED)]
        if callout := callout_in(text[match.end() :]):
            words = match.end() + callout.length
            kind = Style.MARK if text[words:].strip() else Style.MUTED
            found += [(match.end(), len(text), Style.CALLOUT), (match.end(), words, kind)]
    elif match := _ITEM.match(text):
        if match.start(1):
            found.append((0, match.start(1), Style.INDENT))
        box = _BOX.match(text, match.end())
        if box is None:
            found.append((match.start(1), match.end(1), Style.BULLET if match[1] in "-*+" else Style.MUTED))
        else:
            found += _task(text, match, box)
    elif _TABLE_ROW.match(text):
        found.append((0, len(text), Style.TABLE))
    if len(text) <= _INLINE_LIMIT:
        found += _inline_styles(text, Style.CODE_IN_HEADING if _HEADING.match(text) else Style.CODE)
        found += _wiki_links(text, missing)
    return found


def _task(text: str, item: re.Match[str], box: re.Match[str]) -> list[tuple[int, int, Style]]:
    """The box stands in the place of the sign of a list; a number stays."""
    sign = (item.start(1), item.end(), Style.MARK) if item[1] in "-*+" else (item.start(1), item.end(1), Style.MUTED)
    found = [sign, (box.start(1), box.end(1), Style.BULLET)]
    if box[1] != "[ ]" and box.end() < len(text):
        found.append((box.end(), len(text), Style.DONE))
    return found


def _inline_styles(text: str, code_style: Style) -> list[tuple[int, int, Style]]:
    found: list[tuple[int, int, Style]] = []
    code: list[tuple[int, int]] = []
    if "`" in text:
        for match in _CODE.finditer(text):
            code.append(match.span())
            found.append((match.start(2), match.end(2), code_style))
            found += _marks(match.start(), match.end(), len(match[1]))

    def outside_code(start: int, end: int) -> bool:
        return not any(start < last and first < end for first, last in code)

    for pattern, style, signs in (
        (_BOLD, Style.BOLD, "*_"),
        (_ITALIC, Style.ITALIC, "*_"),
        (_STRIKE, Style.STRIKE, "~"),
        (_HIGHLIGHT, Style.HIGHLIGHT, "="),
    ):
        if any(sign in text for sign in signs):
            for match in pattern.finditer(text):
                if outside_code(*match.span(1)) and outside_code(match.end(2), match.end()):
                    found.append((match.start(2), match.end(2), style))
                    found += _marks(match.start(), match.end(), len(match[1]))
    if "%%" in text:
        found += [(*match.span(), Style.MUTED) for match in _COMMENT.finditer(text) if outside_code(*match.span())]
    if "^" in text and (name := _BLOCK_NAME.search(text)):
        found.append((*name.span(), Style.MUTED))
    if "](" in text:
        for match in _LINK.finditer(text):
            if outside_code(*match.span()):
                first, last = _shown_of(match)
                if first < last:
                    found.append((first, last, Style.LINK))
                    found += [(match.start(), first, Style.MARK), (last, match.end(), Style.MARK)]
    elif ":" in text:
        found += [(*match.span(), Style.LINK) for match in _URL.finditer(text) if outside_code(*match.span())]
    if "#" in text:
        found += [(*match.span(), Style.TAG) for match in _TAG.finditer(text) if outside_code(*match.span())]
    return found


def _shown_of(link: re.Match[str]) -> tuple[int, int]:
    """The words of a link or a picture; without any, the name of what it leads to: nothing would be seen else."""
    if link[1].strip():
        return link.span(1)
    first = link.start(2) + 1
    last = first + len(link[2][1:-1].split(maxsplit=1)[0]) if link[2][1:-1].strip() else first
    address = link.string[first:last]
    return first + address.rstrip("/").rfind("/") + 1, last


def _wiki_links(text: str, missing: frozenset[str]) -> list[tuple[int, int, Style]]:
    found: list[tuple[int, int, Style]] = []
    for link in find_links(text):
        bar = text.find("|", link.start, link.end) if link.shown else -1
        first, last = link.start + 2, link.end - 2
        embeds = text[link.start - 1 : link.start] == "!"
        if bar >= 0 and embeds:
            last = bar  # behind the bar of a picture stands its width
        elif bar >= 0:
            first = bar + 1
        is_missing = target_key(link.target) in missing and not embeds_file(text, link)
        style = Style.MISSING_LINK if is_missing else Style.LINK
        found.append((first, last, style))
        found += [(link.start - embeds, first, Style.MARK), (last, link.end, Style.MARK)]
    return found


def _marks(start: int, end: int, width: int) -> list[tuple[int, int, Style]]:
    return [(start, start + width, Style.MARK), (end - width, end, Style.MARK)]


def code_stretches(text: str, colours: list[tuple[int, int, str]]) -> list[Stretch]:
    """The stretches of a line of code, for (start, length, colour role) in characters."""
    return [_in_utf16(text, start, start + length, _CODE_STYLES[role]) for start, length, role in colours]


def _in_utf16(text: str, start: int, end: int, style: Style) -> Stretch:
    return Stretch(unit_count(text[:start]), unit_count(text[start:end]), style)
