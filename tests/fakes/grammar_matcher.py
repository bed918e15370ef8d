"""Says whether a text fits a GBNF grammar, by following all ways through it at once; independent of llama.cpp."""

from __future__ import annotations

import re
from functools import cache

_PIECE = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|[a-zA-Z0-9-]+|[()|*+?]|\{[0-9]*,?[0-9]*\})')
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))")
_NAMED = {"n": "\n", "t": "\t", "r": "\r"}


def matches(grammar: str, text: str) -> bool:
    """Whether the whole text comes from `root`. Knows what the grammars of schemas use, not all of GBNF."""
    rules = {}
    for line in grammar.rstrip("\n").split("\n"):
        name, _, body = line.partition("::=")
        rules[name.strip()] = _PIECE.findall(body)

    @cache
    def ends_of(name: str, start: int) -> frozenset[int]:
        ends, rest = _alternatives(rules[name], 0, frozenset((start,)))
        assert rest == len(rules[name]), (name, rules[name][rest:])
        return ends

    def _alternatives(pieces: list[str], at: int, starts: frozenset[int]) -> tuple[frozenset[int], int]:
        ends, at = _sequence(pieces, at, starts)
        while at < len(pieces) and pieces[at] == "|":
            more, at = _sequence(pieces, at + 1, starts)
            ends |= more
        return ends, at

    def _sequence(pieces: list[str], at: int, starts: frozenset[int]) -> tuple[frozenset[int], int]:
        places = starts
        while at < len(pieces) and pieces[at] not in ("|", ")"):
            first, after = at, _after_item(pieces, at)
            least, most, at = _times(pieces, after)
            found = places if least == 0 else frozenset()
            count, here = 0, places
            while here and (most is None or count < most):
                here = _item(pieces, first, here)
                count += 1
                new = here - found if count >= least else here
                if count >= least:
                    found |= here
                here = new
            places = found
        return places, at

    def _after_item(pieces: list[str], at: int) -> int:
        if pieces[at] != "(":
            return at + 1
        depth = 0
        while True:
            depth += {"(": 1, ")": -1}.get(pieces[at], 0)
            at += 1
            if not depth:
                return at

    def _item(pieces: list[str], at: int, starts: frozenset[int]) -> frozenset[int]:
        piece = pieces[at]
        if piece == "(":
            return _alternatives(pieces, at + 1, starts)[0]
        if piece[0] == '"':
            literal = _plain(piece[1:-1])
            return frozenset(start + len(literal) for start in starts if text.startswith(literal, start))
        if piece[0] == "[":
            one = re.compile(piece)
            return frozenset(start + 1 for start in starts if start < len(text) and one.match(text[start]))
        return frozenset(end for start in starts for end in ends_of(piece, start))

    return len(text) in ends_of("root", 0)


def _times(pieces: list[str], at: int) -> tuple[int, int | None, int]:
    sign = pieces[at] if at < len(pieces) else ""
    if sign in ("*", "+", "?"):
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign] + (at + 1,)  # type: ignore[return-value]
    if not sign.startswith("{"):
        return 1, 1, at
    least, comma, most = sign[1:-1].partition(",")
    return int(least), int(most) if most else None if comma else int(least), at + 1


def _plain(literal: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else _NAMED.get(match[2], match[2]), literal)
