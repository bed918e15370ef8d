"""Lines that were broken to fit a page, as the paragraphs that they were broken from."""

from __future__ import annotations

import re
from itertools import pairwise

_SHORTEST_FULL = 35
"""Characters: pages whose lines are all shorter are lists, verses and tables, which stay as they are."""
_FULL, _ALMOST_WHOLE = 0.75, 0.85
_FEWEST_WORDS = 4
_LEAST_LETTERS = 0.6
_WORD = re.compile(r"[^\W\d_]{2,}")
_ITEM = re.compile(r"(?:[-–—•◦▪●○*+]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])(?:\s|$)")


def whole_paragraphs(text: str) -> str:
    """A page's text with lines joined that go on in the next one. Where that is not plain to see they stay apart."""
    lines = text.split("\n")
    lengths = sorted(len(line) for line in lines if line.strip())
    full = lengths[int(len(lengths) * 0.8)] if len(lengths) > 1 else 0
    if full < _SHORTEST_FULL:
        return text
    paragraphs: list[list[str]] = [[lines[0]]]
    for above, line in pairwise(lines):
        if _goes_on(above.rstrip(), line.lstrip(), full):
            paragraphs[-1][-1] = paragraphs[-1][-1].rstrip()
            paragraphs[-1].append(line.lstrip())
        else:
            paragraphs.append([line])
    return "\n".join(map(" ".join, paragraphs))


def _goes_on(above: str, line: str, full: int) -> bool:
    """Whether a line is full of prose, and the next one begins in the middle of a sentence."""
    if len(above) < _FULL * full or not line[:1].isalnum() or _ITEM.match(line):
        return False
    words = _WORD.findall(above)
    if len(words) < _FEWEST_WORDS or sum(map(len, words)) < _LEAST_LETTERS * len(above):
        return False
    if line[0].islower():
        return True
    in_sentence = (
        above[-1].isalpha() or above[-1] in ",-–"
    )  # a row of a table ends with a number, a sentence with a stop
    return in_sentence and len(above) >= _ALMOST_WHOLE * full and len(_WORD.findall(line)) > 1
