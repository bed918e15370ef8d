"""Markdown as plain words: the marks left out, and where each character of the source went."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from desktop_app.domain.indented_code import IndentedCode

#: What follows the backticks names a language; a line with backticks further on is code within the line.
_FENCE = re.compile(r" {0,3}(?:`{3,}[^`]*$|~~~)")
_NOTHING_BUT_MARKS = "-*_=~#>|·•`:+{}[]()<>/\\.,; \t"
_LINE_LOOKED_AT = 500
_LINE_MARK = re.compile(r" {0,3}(?:#{1,6}[ \t]+|(?:>[ \t]?)+)")
_BULLET = re.compile(r"[ \t]*([-*+])[ \t]")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$")
_TABLE_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*$")
#: Bounded, so that a line of nothing but marks costs no more than a line of words.
_INLINE = re.compile(
    r"(?P<code>(?P<ticks>`{1,3})(?!`)[^\n]{1,400}?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<link>!?\[(?P<words>[^\[\]\n]{0,400})\]\([^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?"
    r"(?:[ \t]+\"[^\"\n]{0,200}\")?\))"
    r"|(?P<strong>(?P<pair>\*\*|~~)(?=\S)[^\n]{1,400}?(?<=\S)(?P=pair))"
    r"|(?P<star>(?<![\w*\\])\*(?=[^\s*])[^*\n]{1,400}?(?<=[^\s*])\*(?![\w*]))"
    r"|(?P<line>(?<![\w\\])_(?=[^\s_])[^_\n]{1,400}?(?<=[^\s_])_(?!\w))"
)
_INLINE_MARK = re.compile(r"[`\[*~_]")

_Run = tuple[int, int]


class PlainText(msgspec.Struct, frozen=True):
    """A text of which runs of characters were left out.

    Attributes:
        starts, lengths: the runs left out, as they stood in the source.
        before: characters left out before each run.
        code: the runs of code, as they stood in the source, whole lines or within one.
    """

    text: str
    starts: tuple[int, ...] = ()
    lengths: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    code: tuple[_Run, ...] = ()

    def position(self, offset: int) -> int:
        """Where the source's character `offset` is now; for one that was left out, where the next one is."""
        run = bisect_right(self.starts, offset) - 1
        if run < 0:
            return offset
        return offset - self.before[run] - min(offset - self.starts[run], self.lengths[run])


def ends_in_fence(text: str) -> bool:
    """True when a code fence that begins in `text` is not closed there."""
    return sum(_FENCE.match(line) is not None for line in text.splitlines()) % 2 == 1


def plain_markdown(text: str, *, fenced: bool = False) -> PlainText:
    """`text` without the marks of headings, emphasis, code, links, quotes and fences; words and code stay.

    `fenced` says that the text begins inside a code fence. Bullets become "•" and the bars between a
    table's cells "·". What cannot be told from plain text stays as it is.
    """
    characters = list(text)
    runs: list[_Run] = []
    code: list[_Run] = []
    indented = IndentedCode()
    for start, end in _lines(text):
        line = text[start:end].rstrip("\r\n")
        if _FENCE.match(line):
            fenced = not fenced
            runs.append((start, end))
            indented = IndentedCode()
        elif fenced:
            code.append((start, start + len(line)))
        else:
            runs += _line_runs(line, start, end, characters)
            if indented.is_code(line):
                code.append((start, start + len(line)))
            elif "`" in line:
                code += ((start + low, start + high) for low, high in _code_within(line))
    return replace(without("".join(characters), runs), code=tuple(code))


def readable_line(text: str) -> str:
    """The first line that says something, without marks: of the prose, else of the code; "" where there is none."""
    code = ""
    fenced = False
    for whole in text.splitlines():
        if _FENCE.match(whole):
            fenced = not fenced
            continue
        raw = whole[:_LINE_LOOKED_AT]
        line = raw.strip() if fenced else plain_markdown(raw).text.strip().lstrip("•").lstrip()
        if not line.strip(_NOTHING_BUT_MARKS):
            continue
        if not fenced:
            return line
        code = code or line
    return code


def one_line(text: str) -> PlainText:
    """`text` with each run of white space made one blank."""
    runs = [(match.start() + 1, match.end()) for match in re.finditer(r"\s{2,}", text)]
    return without(re.sub(r"\s", " ", text), runs)


def _lines(text: str) -> Iterator[_Run]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, start + len(line)
        start += len(line)


def _line_runs(line: str, start: int, end: int, characters: list[str]) -> list[_Run]:
    if "-" in line and "|" in line and _TABLE_RULE.match(line):
        return [(start, end)]
    runs: list[_Run] = []
    first = 0
    if mark := _LINE_MARK.match(line):
        first = mark.end()
        runs.append((start, start + first))
    if bullet := _BULLET.match(line, first):
        characters[start + bullet.start(1)] = "•"
        first = bullet.end()
    elif _TABLE_ROW.match(line):
        runs += _bars(line, start, characters)
    runs += ((start + low, start + high) for low, high in _inline_runs(line, first, len(line)))
    return sorted(runs)


def _bars(line: str, start: int, characters: list[str]) -> list[_Run]:
    bars = [position for position, character in enumerate(line) if character == "|"]
    for bar in bars[1:-1]:
        characters[start + bar] = "·"
    return [(start + bar, start + bar + 1) for bar in {bars[0], bars[-1]}]


def _inline_runs(line: str, first: int, last: int) -> Iterator[_Run]:
    # Most lines of prose have no such mark, and seeing that is much quicker than to look for each kind at each place.
    mark = _INLINE_MARK.search(line, first, last)
    if mark is None:
        return
    position = max(first, mark.start() - 1)  # a picture's "!" stands in front of its bracket
    while found := _INLINE.search(line, position, last):
        low, high = found.span()
        if found["code"]:
            ticks = len(found["ticks"])
            yield low, low + ticks
            yield high - ticks, high
        else:
            inner = found.span("words") if found["link"] else _inside(low, high, found["pair"] or "*")
            yield low, inner[0]
            yield from _inline_runs(line, *inner)
            yield inner[1], high
        position = high


def _inside(low: int, high: int, mark: str) -> _Run:
    return low + len(mark), high - len(mark)


def _code_within(line: str) -> Iterator[_Run]:
    """The words of a line that stand between backticks."""
    for found in _INLINE.finditer(line):
        if found["code"]:
            ticks = len(found["ticks"])
            yield found.start() + ticks, found.end() - ticks


def without(text: str, runs: Sequence[_Run]) -> PlainText:
    """`text` with these runs left out, which follow one another."""
    starts, lengths, before, kept = [], [], [], []
    position = left_out = 0
    for start, end in runs:
        if start == end:
            continue
        kept.append(text[position:start])
        starts.append(start)
        lengths.append(end - start)
        before.append(left_out)
        left_out += end - start
        position = end
    kept.append(text[position:])
    return PlainText("".join(kept), tuple(starts), tuple(lengths), tuple(before))
