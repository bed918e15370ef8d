"""Places where a text says the name of a note without a link to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

import msgspec

from desktop_app.domain.fenced_code import FENCE, outside_fences
from desktop_app.domain.front_matter import split_front_matter
from desktop_app.domain.query import is_unspaced

#: What is no text of its own: comments, links, addresses, code, formulas, tags.
_NOT_TEXT = (
    r"%%.*?%%|\[\[[^\[\]\n]*\]\]|!?\[[^\]\[\n]*\]\([^()\n]*\)|!?\[[^\]\[\n]*\]\[[^\]\[\n]*\]|<[A-Za-z/!][^<>\n]*>"
    r"|(?:https?://|mailto:|www\.)[^\s<>\"')\]]+|(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`)"
    r"|\$\$[^$\n]+\$\$|\$(?![\s$])[^$\n]+(?<!\s)\$(?!\d)"
    r"|(?<![\w#/&])#[\w/-]+"
)
_BLANKS = re.compile(r"\s+")
#: What a line of a list, a quote or a heading begins with.
_LINE_SIGNS = re.compile(r"^\s*(?:>\s*|#{1,6}\s+|(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?)+")
_SHORTEST = 2
_MOST_AROUND = 70
_LOOKED_BACK = 1_000
#: Characters of a text that are looked at: a longer look would hold up whoever types.
MOST_READ = 300_000


class Mention(msgspec.Struct, frozen=True):
    """Words of another note that name this one: characters [start, end) of its text, and the line around them.

    `mark` is where the words stand in `excerpt`.
    """

    note_id: int
    title: str
    folder: str
    start: int
    end: int
    words: str
    excerpt: str
    mark: tuple[int, int]


def can_be_mentioned(name: str) -> bool:
    """Whether a name says enough to be looked for."""
    letters = sum(character.isalnum() for character in name)
    return letters >= _SHORTEST or (letters == 1 and is_unspaced(name))


def mention_pattern(names: Iterable[str]) -> re.Pattern[str]:
    """What finds these names, whatever the case of their letters; of two that begin alike the longer one."""
    written = {unicodedata.normalize(form, name) for name in names for form in ("NFC", "NFD")}
    choices = "|".join(_name_pattern(name) for name in sorted(written, key=lambda one: (-len(one), one)))
    return re.compile(f"{FENCE}|(?:{_NOT_TEXT})|(?P<name>{choices or '(?!)'})", re.MULTILINE | re.IGNORECASE)


def mentions_in(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where a text says the names of `mention_pattern`, outside links, code, formulas, addresses and properties."""
    begin = len(text) - len(split_front_matter(text)[1])
    for found in outside_fences(pattern, text[:MOST_READ]):
        if found["name"] is not None and found.start() >= begin:
            yield found.span()


def words_around(text: str, start: int, end: int) -> tuple[str, tuple[int, int]]:
    """The line around [start, end), of a long one what stands near, on one line; and where the words are in it."""
    first = text.rfind("\n", max(0, start - _LOOKED_BACK), start) + 1 or max(0, start - _LOOKED_BACK)
    last = text.find("\n", end, end + _LOOKED_BACK)
    last = min(len(text), end + _LOOKED_BACK) if last < 0 else last
    cut, stop = max(first, start - _MOST_AROUND), min(last, end + 2 * _MOST_AROUND)
    before, words, behind = (_BLANKS.sub(" ", part) for part in (text[cut:start], text[start:end], text[end:stop]))
    before = "…" + before.lstrip() if cut > first else _LINE_SIGNS.sub("", before).lstrip()
    return before + words + behind.rstrip() + ("…" if stop < last else ""), (len(before), len(before) + len(words))


def _name_pattern(name: str) -> str:
    words = r"[ \t]+".join(re.escape(word) for word in name.split())
    begins = r"(?<!\w)" if name[:1].isalnum() and not is_unspaced(name[0]) else ""
    ends = r"(?!\w)" if name[-1:].isalnum() and not is_unspaced(name[-1]) else ""
    return begins + words + ends
