"""The headings of a note, found without a look at every line: a note may hold some megabytes."""

from __future__ import annotations

import re

import msgspec

from desktop_app.domain.fenced_code import FENCE, outside_fences
from desktop_app.domain.plain_markdown import plain_markdown
from desktop_app.domain.wiki_links import link_words, name_key

_LINES = re.compile(
    FENCE + r"|^ {0,3}(?P<level>#{1,6})(?:[ \t]+(?P<title>[^\n]*))?$"
    r"|(?:\A|(?<=\n\n)|(?<=\n\r\n))(?P<above>[^\s#>`~|\-*+][^\n]*"
    r"(?:\n {0,3}(?![\s#>`~|=]|-+[ \t\r]*$|[-*+][ \t])[^\n]+){0,4})"
    r"\n {0,3}(?P<under>=+|-+)[ \t\r]*$",
    re.MULTILINE,
)
_CLOSING = re.compile(r"(?:^|[ \t]+)#+[ \t\r]*$")
_SIGN = re.compile(r"[*_~`\[\]<>\\]")
_MOST = 200
_PIECE = 20_000
_BLANK = re.compile(r"\s")


class Heading(msgspec.Struct, frozen=True):
    """A heading: its words without Markdown signs, its level from 1 to 6, and the characters of its line."""

    title: str
    level: int
    start: int
    end: int


def headings(text: str) -> list[Heading]:
    """All headings outside fenced code, in order. Those without words are left out."""
    found: list[Heading] = []
    for line in outside_fences(_LINES, text):
        level = len(line["level"]) if line["level"] else 1 if line["under"][0] == "=" else 2
        words = line["above"] if line["above"] is not None else _CLOSING.sub("", line["title"] or "")
        if title := _plain(words):
            found.append(Heading(title, level, line.start(), line.end()))
    return found


def word_count(text: str) -> int:
    """How many words stand between blanks, signs of Markdown that stand alone left out. Counted in pieces, so that
    other threads have their turn.
    """
    count = at = 0
    while at < len(text):
        end = at + _PIECE
        blank = _BLANK.search(text, end) if end < len(text) else None
        end = blank.start() if blank is not None else len(text)
        count += sum(any(map(str.isalnum, word)) for word in text[at:end].split())
        at = end
    return count


def heading_named(text: str, name: str) -> Heading | None:
    """The heading that a link means; of a path of headings ("Chapter#Part") the last one counts."""
    wanted = name_key(name.rsplit("#", 1)[-1])
    return next((heading for heading in headings(text) if name_key(heading.title) == wanted), None)


def _plain(words: str) -> str:
    words = words[:_MOST]
    if _SIGN.search(words) is not None:
        words = plain_markdown(link_words(words)).text
    return " ".join(words.split())
