"""Which words of a note are words of a language, to be looked up in a dictionary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

import msgspec

LONGEST_WORD = 60
"""Longer runs of letters are no words."""

_LONGEST_LINE = 4_000
_NOT_WORDS = re.compile(
    r"(?P<code>(`+)(?!`).+?(?<!`)\2(?!`))"
    r"|\[\[[^\[\]\n]*\]\]"
    r"|(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:[ \t]+\"[^\"]*\")?\)"
    r"|(?<=\])\[[^\[\]\n]*\]"
    r"|^ {0,3}\[[^\[\]\n]+\]:.*$"
    r"|<[A-Za-z/!][^<>]*>"
    r"|(?:https?://|mailto:|www\.)\S+"
    r"|\$\$.*?\$\$|\$(?=\S)[^$\n]*?(?<=\S)\$(?!\d)"
    r"|\\\(.*?\\\)|\\\[.*?\\\]"
    r"|(?<![\w#/&])#[\w/-]+"
    r"|&#?\w+;"
    r"|(?<![^\s()\[\]<>])[^\s()\[\]<>]*[@\\/_\d][^\s()\[\]<>]*"
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_FORMULA = ("$$", "\\[", "\\]")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


class SpellingProblem(Enum):
    """Why no word is looked up, though spelling is on."""

    NO_LIBRARY = auto()  # what looks words up is not installed
    NO_DICTIONARY = auto()
    OTHER_LANGUAGES = auto()  # there are dictionaries, but of none of the chosen languages


class WordPlace(msgspec.Struct, frozen=True):
    """A word of a line: characters [start, end)."""

    start: int
    end: int
    word: str


def words_to_check(line: str) -> list[WordPlace]:
    """The words of a line of Markdown. Left out: code, links' targets, tags, formulas, addresses, names with digits or
    capitals inside, abbreviations in capitals, single letters, and languages that write without blanks.
    """
    if len(line) > _LONGEST_LINE:
        return []
    hidden = [match.span() for match in _NOT_WORDS.finditer(line)]
    found = []
    at = 0
    for match in _WORD.finditer(line):
        while at < len(hidden) and hidden[at][1] <= match.start():
            at += 1
        if at < len(hidden) and hidden[at][0] < match.end():
            continue
        word = match[0]
        if _is_word(word):
            found.append(WordPlace(match.start(), match.end(), word.replace("\u2019", "'")))
    return found


def _is_word(word: str) -> bool:
    if not 1 < len(word) <= LONGEST_WORD or _CJK.search(word):
        return False
    return not any(letter.isupper() for letter in word[1:])


def is_formula_edge(line: str) -> bool:
    """Whether a formula on lines of its own begins or ends in this line."""
    stripped = line.strip()
    return stripped.startswith(_FORMULA) and stripped.count("$$") != 2


def front_matter_end(lines: Sequence[str]) -> int:
    """How many of the first lines of a text are its front matter; 0 where it has none."""
    if not lines or lines[0].strip() != "---":
        return 0
    return next((number + 1 for number, line in enumerate(lines[1:], 1) if line.strip() in ("---", "...")), 0)
