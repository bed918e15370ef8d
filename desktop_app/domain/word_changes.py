"""Which words differ between two versions of a line or a sentence."""

from __future__ import annotations

import difflib
import re

_TOKEN = re.compile(r"\w+|[^\w\s]|\s+")
_MOST_TOKENS = 1_500
_LEAST_COMMON = 0.3

Spans = tuple[tuple[int, int], ...]


def changed_words(first: str, second: str) -> tuple[Spans, Spans]:
    """The characters of each that the other does not have, whole words at a time.

    None in either where one is empty, where they are too long to be compared, and where they have so little in common
    that marking words would tell nothing.
    """
    one, other = _TOKEN.findall(first), _TOKEN.findall(second)
    if not one or not other or max(len(one), len(other)) > _MOST_TOKENS:
        return (), ()
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    common = sum(_words(one[block.a : block.a + block.size]) for block in matcher.get_matching_blocks())
    if 2 * common < _LEAST_COMMON * (_words(one) + _words(other)):
        return (), ()
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return _spans(one, [(a, b) for _kind, a, b, _c, _d in codes]), _spans(other, [(c, d) for *_others, c, d in codes])


def _words(tokens: list[str]) -> int:
    """How many are no blanks."""
    return sum(not token.isspace() for token in tokens)


def _spans(tokens: list[str], ranges: list[tuple[int, int]]) -> Spans:
    """Stretches of tokens as characters, those with only a blank between them as one, without blanks at their ends."""
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token))
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        words = [place for place in range(first, last) if not tokens[place].isspace()]
        if not words:
            continue
        begin, end = words[0], words[-1] + 1
        if joined and all(token.isspace() for token in tokens[joined[-1][1] : begin]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return tuple((starts[begin], starts[end]) for begin, end in joined)
