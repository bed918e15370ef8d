"""One text of two."""

from __future__ import annotations

import difflib
import re
from enum import StrEnum

_MOST_COMPARED = 4_000
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_OTHER_THAN_PROSE = re.compile(r" {4}|\t| {0,3}(?:[-+*>#|`~]|\d{1,9}[.)])")
_TITLE = re.compile(r"\s*#[ \t][^\n]*(?:\n[ \t\r]*(?=\n|\Z))*\n?")


class MergeWay(StrEnum):
    """How the text of a second note comes to that of a first."""

    DIFFERENT = "different"
    """Only the lines that the first does not have, where they stand in the second; a heading that is the second's title
    is none of them.
    """

    JOINED = "joined"
    """All of it, below the first."""


def merged_text(first: str, second: str, way: MergeWay) -> str:
    """Both texts as one. Every line of the first stays as it is; lines of the second get its line ends. Texts of more
    than 4,000 lines, and those that have less than half of their lines in common, are not compared in order: what the
    first does not have comes below it.
    """
    line_end = "\r\n" if "\r\n" in first else "\n"
    own, other = _LINE.findall(first), [line.rstrip("\r\n") for line in _LINE.findall(second)]
    if way is MergeWay.JOINED:
        return _below(first, other, line_end)
    own_keys, other_keys = [_key(line) for line in own], [_key(line) for line in other]
    if max(len(own), len(other)) > _MOST_COMPARED or not _is_version(own_keys, other_keys):
        return _below(first, _without(other, set(own_keys)), line_end)
    merged: list[str] = []
    matcher = difflib.SequenceMatcher(None, own_keys, other_keys, autojunk=False)
    for kind, own_from, own_to, other_from, other_to in matcher.get_opcodes():
        merged += own[own_from:own_to]
        if kind != "equal" and any(other_keys[other_from:other_to]):
            if merged and not merged[-1].endswith("\n"):
                merged[-1] += line_end
            above, below = (merged[-1] if merged else ""), (own[own_to] if own_to < len(own) else "x")
            came = other[other_from:other_to]
            while not _key(came[0]) and not (_key(above) and _key(came[1])):
                del came[0]
            while not _key(below) and not _key(came[-1]):
                del came[-1]
            begins = own_from == 0 or not own_keys[own_from - 1]
            if kind == "replace" and begins and _is_prose(above) and _is_prose(came[0]):
                merged.append(line_end)  # else they would be one paragraph
            merged += [line + line_end for line in came]
    text = "".join(merged)
    return text if first.endswith("\n") else text.removesuffix(line_end)


def without_title(text: str) -> str:
    """`text` without the heading that it begins with, and the blank lines below that: the title of its note."""
    found = _TITLE.match(text)
    return text[found.end() :] if found else text


def _is_version(own: list[str], other: list[str]) -> bool:
    """Whether half of the shorter text stands in the other one, too. Without that, empty lines alone would tie them
    together, a paragraph of the one between two of the other.
    """
    one, two = set(own) - {""}, set(other) - {""}
    return 2 * len(one & two) >= min(len(one), len(two))


def _without(lines: list[str], known: set[str]) -> list[str]:
    """Those that are not `known`; where one was left out between two empty lines, one of these is left out, too."""
    kept: list[str] = []
    left_out = False
    for line in lines:
        key = _key(line)
        if key in known and key:
            left_out = True
        elif key or not (left_out and kept and not _key(kept[-1])):
            kept.append(line)
            left_out = left_out and not key
    return kept


def _is_prose(line: str) -> bool:
    """Whether a line is one of a paragraph, and no item, heading, quotation, row of a table, or code."""
    return bool(line.strip()) and _OTHER_THAN_PROSE.match(line) is None


def _below(first: str, lines: list[str], line_end: str) -> str:
    """`lines` under a text, with an empty line between."""
    second = line_end.join(lines).strip("\r\n")
    if not second:
        return first
    if not first.strip("\r\n"):
        return second
    present = len(first) - len(first.rstrip("\r\n"))
    gap = line_end * max(0, 2 - present // len(line_end))
    return f"{first}{gap}{second}" + (line_end if present else "")


def _key(line: str) -> str:
    """What two lines have in common that are the same to a reader."""
    return " ".join(line.split())
