"""Sentences as a reader sees them, to be marked and shown.

`domain.sentences` is coarser and must stay as it is: passages are cut by it, and each that is cut otherwise would have
to be embedded anew.
"""

from __future__ import annotations

import re

from desktop_app.domain.abbreviations import (
    BEFORE_NUMBERS,
    DAY_HALVES,
    GO_ON,
    MAY_END,
    NAME_PARTICLES,
    ORDINALS_AFTER,
    ORDINALS_BEFORE,
    STARTERS,
)
from desktop_app.domain.search import Span
from desktop_app.domain.sentences import add_stripped

# What may stand between a stop and the space after it: closing marks, a note's number, the address of a link.
_CLOSING = r"(?:[\"'”’“‘»«›)\]}*_`]|[ \u00a0\u202f]»|\[(?:\^\w{1,8}|\d{1,3})\]|(?<=\])\([^()\s]{1,300}\))*+"
_STOP = rf"(?P<stop>(?<![.!?…‽؟۔])[.!?…‽؟۔]++{_CLOSING})(?=\s)"
# Stops of scripts that put no space after them.
_WIDE = r"(?P<wide>[。！？｡।॥።։။។]++[.!?…]*+[」』”’）】》〉\"')\]*_`]*+)"
_MARKER = r"(?:[-*+•‣◦–—☐☑][ \t]|\(?(?:\d{1,3}[.)]|[a-zA-Z]\))[ \t]|#{1,6}[ \t]|>|\||```|~~~)"
_LINE = rf"(?P<line>\n)(?=[ \t]*+(?:\n|{_MARKER}))"
_HEADING = r"(?P<heading>(?<![^\n])#{1,6}[ \t][^\n]*+\n)"
_BOUNDARY = re.compile("|".join((_HEADING, _STOP, _WIDE, _LINE)))

_LOOK_BACK = 24
_WORD_BEFORE = re.compile(
    r"(?:(?<![^\W_])[^\W\d_]{1,3}\.[ \u00a0\u202f]?){0,3}[^\W_](?:[^\s()\[\]{}<>\"“”„‚‘«»*/]*[^\W_])?$"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_OPENING = "\"'“”„‚‘«»‹›([{*_`¿¡—–- \t\r\n\u00a0\u202f"
_LIST_NUMBER = re.compile(r"\(?(?:\d{1,3}|[^\W\d_]|[ivxIVX]{1,5})")
_ROMAN = re.compile(r"[IVXLC]{1,6}")
_SHORT_NUMBER = re.compile(r"\d{1,2}")
_DATE_GOES_ON = re.compile(r"\d{1,2}\.|\d{2,4}\b")
_QUOTE_ENDS = "」』”’）】》〉\"')"
_QUOTING = ("と", "って", "、", "，", "の", "は", "が", "を", "に", "的", ",")
_PAIRS = {"「": "」", "『": "』", "（": "）", "【": "】"}
_LONGEST_QUOTE = 200


def shown_sentences(text: str, *, by_line: bool = False) -> list[Span]:
    """The sentences of `text` as spans without surrounding white space, in order; with `by_line` its lines.

    Everything but white space lies in exactly one span.
    """
    spans: list[Span] = []
    start = 0
    for boundary in re.finditer(r"\n", text) if by_line else _BOUNDARY.finditer(text):
        if boundary.end() <= start or not (by_line or _ends(text, start, boundary)):
            continue
        add_stripped(spans, text, start, boundary.end())
        start = boundary.end()
    add_stripped(spans, text, start, len(text))
    return spans


def _ends(text: str, start: int, boundary: re.Match[str]) -> bool:
    if boundary.lastgroup == "wide":
        return _wide_stop_ends(text, start, boundary)
    return boundary.lastgroup != "stop" or _stop_ends(text, start, boundary)


def _wide_stop_ends(text: str, start: int, stop: re.Match[str]) -> bool:
    """False within a quotation that ends soon, and after one with which its sentence goes on: 「はい。」と言った。"""
    if stop[0][-1] in _QUOTE_ENDS and text.startswith(_QUOTING, stop.end()):
        return False
    if stop[0][-1] in "）】》" and not text[start : stop.end()].lstrip().startswith(("（", "【", "《")):
        return False  # an aside within a sentence
    so_far = text[max(start, stop.end() - _LONGEST_QUOTE) : stop.end()]
    for opening, closing in _PAIRS.items():
        if so_far.count(opening) > so_far.count(closing):
            return closing not in text[stop.end() : stop.end() + _LONGEST_QUOTE]
    return True


def _stop_ends(text: str, start: int, stop: re.Match[str]) -> bool:
    following = text[stop.end() : stop.end() + 40].lstrip(_OPENING)
    new_line = text[stop.end()] == "\n"
    goes_on = following[:1].islower() and not new_line
    mark = stop[0].rstrip("\"'”’“‘»«›)]}*_` \u00a0\u202f")
    if mark != ".":
        # An ellipsis, and what somebody cries or asks in quotes, ends nothing where the sentence goes on behind it.
        dots = not mark.strip(".…")
        return not (goes_on and (dots or len(mark) < len(stop[0])))
    if text[stop.start() - 1 : stop.start()].isspace():
        # Old texts put a space before each point; ". . ." is an ellipsis.
        in_row = text[max(0, stop.start() - 4) : stop.start()].rstrip().endswith(".")
        return following[:1] != "." and not (in_row and goes_on)
    if following[:1] == ".":
        return False
    if not text[start : stop.start()].strip():
        return False
    return not goes_on and _point_ends(text, start, stop, following)


def _point_ends(text: str, start: int, stop: re.Match[str], following: str) -> bool:
    """Whether a point that no lower-case word follows is the end of a sentence, and not of what stands before it."""
    looked_at = text[max(start, stop.start() - _LOOK_BACK) : stop.start()]
    if _LIST_NUMBER.fullmatch(text[start : stop.start()].strip()):
        return False  # "1. Milk": the number of an item
    found = _WORD_BEFORE.search(looked_at)
    if found is None or len(stop[0]) > 1:
        return True
    joined = re.sub(r"[ \u00a0\u202f]", "", found[0])
    word, last = joined.lower(), joined.rpartition(".")[2]
    before = looked_at[: found.start()].split()
    number = following[:1].isnumeric()
    starter = _begins_sentence(following)
    if _goes_on_always(joined) or _goes_on_always(last) or _is_ordinal(last, before, following, starter):
        return False
    if {word, last.lower()} & BEFORE_NUMBERS and (number or _ROMAN.fullmatch(_first_word(following))):
        return False
    if len(last) == 1 and last.isalpha():
        return _letter_ends(joined, before, following, starter)
    if word in MAY_END:
        return starter or word in DAY_HALVES or not _is_name(following, word)
    return True


def _goes_on_always(word: str) -> bool:
    """True of "Dr", of "c" for circa, not of the C of "vitamin C"."""
    return word.lower() in GO_ON and (len(word) > 1 or word.islower())


def _letter_ends(joined: str, before: list[str], following: str, starter: bool) -> bool:
    """Of a point after a single letter: an initial, a unit, or the end of "vitamin C."."""
    word = joined.lower()
    if word in MAY_END or len(joined) > 1:
        return starter or word in DAY_HALVES
    if joined.islower():
        unit = bool(before) and before[-1][-1].isdigit()
        return (unit or starter) and not following[:1].isnumeric()
    first = _first_word(following).lower()
    return starter and bool(before) and first not in NAME_PARTICLES - {"das", "die", "der"}


def _is_ordinal(word: str, before: list[str], following: str, starter: bool) -> bool:
    if not (_SHORT_NUMBER.fullmatch(word) or (_ROMAN.fullmatch(word) and len(word) > 1)):
        return False
    if _first_word(following).lower() in ORDINALS_AFTER:
        return True
    if word.isdigit() and _DATE_GOES_ON.match(following):  # 3. 12. 2024
        return following[: len(word) + 3].count(".") > 0 or bool(before and re.fullmatch(r"\d{1,2}\.", before[-1]))
    preceded = bool(before) and before[-1].strip(_OPENING).lower() in ORDINALS_BEFORE
    return preceded and not starter and following[:1].isalpha()


def _is_name(following: str, word: str) -> bool:
    """Whether what follows can go on after an abbreviation such as "Inc." or "U.S."; a sentence's end is likelier
    after "etc."."""
    return word not in {"etc", "usw", "uvm", "u.v.m", "ecc"} and following[:1].isalnum()


def _begins_sentence(following: str) -> bool:
    found = _WORD.match(following)
    if found is None or following[found.end() : found.end() + 1] == ".":
        return False
    return found[0].lower().replace("’", "'") in STARTERS and found[0][:1].isupper()


def _first_word(following: str) -> str:
    found = _WORD.match(following)
    return found[0] if found else ""
