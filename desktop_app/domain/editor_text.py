"""Text as an editor widget can hold it, and back, byte for byte.

Text widgets normalise what they are given: "\\r\\n", U+2028 and U+2029 become plain line breaks, NUL and the frame
characters do harm, and a line of hundreds of thousands of characters takes minutes to lay out (the time grows with the
square of its length). So a text is *encoded* before it is shown and *decoded* before it is saved:

- line ends become "\\n"; the text's usual line end is remembered beside it, a line that ends otherwise carries a mark;
- characters a widget cannot hold stand as a hidden escape and a visible symbol ("␀" for NUL);
- lines over `LIMIT` characters, and runs of over `RUN_LIMIT` characters without a blank, are broken softly: the break
  stands between two hidden marks and is taken out again.

The marks are deprecated, invisible format characters; where a text itself holds one, it is escaped like the others.
`decode(encode(text)) == text` for every text, and decoding is total: whatever a person's editing leaves of the marks
decodes to what the person saw.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right

import msgspec

#: Longest line, in characters, that is shown unbroken.
LIMIT = 10_000
#: Longest stretch without a blank, in characters: laying such a line out takes many times as long as a line of words.
RUN_LIMIT = 2_500

_ESCAPE = "\u206a"
_OTHER_END = "\u206b"
_SOFT_OPEN = "\u206c"
_SOFT_CLOSE = "\u206d"

#: What a soft break looks like in the encoded text.
SOFT_BREAK = f"{_SOFT_OPEN}\n{_SOFT_CLOSE}"
#: The invisible characters that encoded text may hold.
MARKS = frozenset((_ESCAPE, _OTHER_END, _SOFT_OPEN, _SOFT_CLOSE))

_SYMBOLS = {
    "\0": "␀",
    "\r": "␍",
    "\u2028": "␤",
    "\u2029": "¶",
    "\ufdd0": "␥",
    "\ufdd1": "␦",
    "\ufffc": "▯",
    "\ufeff": "⍽",  # a byte order mark: dropped where a string begins with it
    "\ufffe": "⍰",
    _ESCAPE: "⓪",
    _OTHER_END: "①",
    _SOFT_OPEN: "②",
    _SOFT_CLOSE: "③",
}
_CHARACTERS = {symbol: character for character, symbol in _SYMBOLS.items()}
_SPECIAL = re.compile("[" + "".join(re.escape(character) for character in _SYMBOLS) + "]")
_ESCAPED = re.compile(f"{_ESCAPE}(.?)", re.DOTALL)
_SOFT = re.compile(f"{_SOFT_OPEN}([^{_SOFT_OPEN}{_SOFT_CLOSE}]*){_SOFT_CLOSE}")
_LONE_SOFT = re.compile(f"[{_SOFT_OPEN}{_SOFT_CLOSE}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class EditorText(msgspec.Struct, frozen=True):
    """A text made ready for a text widget.

    Attributes:
        display: what the widget gets.
        line_end: "\\n", "\\r\\n" or "\\r": what a plain line break in `display` stands for.
        breaks: character offsets in the original text before which a soft break was put.
    """

    display: str
    line_end: str = "\n"
    breaks: tuple[int, ...] = ()


def encode(text: str, limit: int = LIMIT) -> EditorText:
    """Make `text` ready for a text widget; `limit` is the longest line shown unbroken, in characters."""
    line_end = _usual_line_end(text)
    breaks = _soft_breaks(text, line_end, limit)
    if not breaks:
        return EditorText(_encode_plain(text, line_end), line_end)
    edges = [0, *breaks, len(text)]
    pieces = (_encode_plain(text[start:end], line_end) for start, end in itertools.pairwise(edges))
    return EditorText(SOFT_BREAK.join(pieces), line_end, tuple(breaks))


def decode(display: str, line_end: str = "\n") -> str:
    """The text that `display` stands for; the inverse of `encode`, total for any string."""
    if _SOFT_OPEN in display or _SOFT_CLOSE in display:
        display = _LONE_SOFT.sub("", _SOFT.sub(lambda match: match[1].replace("\n", "", 1), display))
    if _OTHER_END in display:
        display = _decode_line_ends(display, line_end)
    elif line_end != "\n":
        display = display.replace("\n", line_end)
    if _ESCAPE in display:
        display = _ESCAPED.sub(lambda match: _CHARACTERS.get(match[1], match[1]), display)
    return display


def encode_paste(text: str, limit: int = LIMIT) -> str:
    """Pasted text for the widget: every kind of line end becomes the note's own, long lines are broken softly."""
    plain = re.sub("\r\n|[\r\u2028\u2029\x0b\x0c]", "\n", text)
    return encode(plain, limit).display


def encode_addition(text: str, line_end: str, limit: int = LIMIT) -> str:
    """What comes behind a text that is shown already, whose usual line end this is; `decode` gives it back exactly."""
    edges = [0, *_soft_breaks(text, line_end, limit), len(text)]
    return SOFT_BREAK.join(_encode_plain(text[start:end], line_end) for start, end in itertools.pairwise(edges))


def display_position(text: str, encoded: EditorText, offset: int) -> int:
    """Where character `offset` of `text` stands in the widget, in UTF-16 units (what Qt's cursors count)."""
    prefix = _encode_plain(text[:offset], encoded.line_end)
    return unit_count(prefix) + len(SOFT_BREAK) * bisect_right(encoded.breaks, offset)


def unit_count(text: str) -> int:
    """How long a text is in UTF-16 units, what Qt counts in; the inverse of `character_at`."""
    return len(text) if text.isascii() else len(text) + len(_ASTRAL.findall(text))


def character_at(line: str, unit: int) -> int:
    """Which character of a line the UTF-16 unit `unit` belongs to."""
    if line.isascii():
        return unit
    return len(line.encode("utf-16-le", "surrogatepass")[: 2 * unit].decode("utf-16-le", "ignore"))


def _usual_line_end(text: str) -> str:
    if "\r" not in text:
        return "\n"
    if "\n" not in text:
        return "\r"
    pairs = text.count("\r\n")
    return "\r\n" if pairs > text.count("\n") - pairs else "\n"


def _encode_plain(text: str, line_end: str) -> str:
    """Line ends and characters, without soft breaks."""
    if not _SPECIAL.search(text):
        if line_end == "\r\n" and "\n" in text:
            return text.replace("\n", f"{_OTHER_END}\n")
        return text
    if line_end == "\r":
        lines = text.split("\r")
        return "\n".join(_escape(line) for line in lines)
    pieces = []
    pair_mark, single_mark = ("", _OTHER_END) if line_end == "\r\n" else (_OTHER_END, "")
    lines = text.split("\n")
    for line in lines[:-1]:
        if line.endswith("\r"):
            pieces.append(_escape(line[:-1]) + pair_mark)
        else:
            pieces.append(_escape(line) + single_mark)
    pieces.append(_escape(lines[-1]))
    return "\n".join(pieces)


def _escape(line: str) -> str:
    return _SPECIAL.sub(lambda match: _ESCAPE + _SYMBOLS[match[0]], line)


def _decode_line_ends(display: str, line_end: str) -> str:
    other = "\n" if line_end != "\n" else "\r\n"
    lines = display.split("\n")
    pieces = []
    for line in lines[:-1]:
        if _OTHER_END in line:
            pieces.append(line.replace(_OTHER_END, "") + other)
        else:
            pieces.append(line + line_end)
    pieces.append(lines[-1].replace(_OTHER_END, ""))
    return "".join(pieces)


def _soft_breaks(text: str, line_end: str, limit: int) -> list[int]:
    """Offsets before which an over-long line is broken: after a blank where one is near, never inside "\\r\\n"."""
    breaks: list[int] = []
    separator = "\r" if line_end == "\r" else "\n"
    run_limit = min(limit, RUN_LIMIT)
    start = 0
    while start < len(text):
        end = text.find(separator, start)
        end = len(text) if end < 0 else end
        while (cut := _next_break(text, start, end, limit, run_limit)) is not None:
            if text[cut - 1] == "\r" and cut < len(text) and text[cut] == "\n":
                cut -= 1
            if cut <= start:
                break
            breaks.append(cut)
            start = cut
        start = end + 1
    return breaks


def _next_break(text: str, start: int, end: int, limit: int, run_limit: int) -> int | None:
    """Where the line from `start` to `end` has to be broken first; None where it is short enough."""
    position = start
    while end - position > run_limit:
        blank = text.rfind(" ", position, position + run_limit)
        following = blank + 1 if blank >= 0 else position + run_limit
        if following - start > limit:
            return position
        if blank < 0:
            return following
        position = following
    return position if end - start > limit else None
