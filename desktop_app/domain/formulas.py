"""Formulas in LaTeX: what may be typeset, what a typeset one looks like, and what is money instead."""

from __future__ import annotations

import re

import msgspec

LONGEST_SOURCE = 2_000
"""Characters; a longer formula is shown as its source."""

DEEPEST = 8
"""Levels of nesting; the work of typesetting multiplies with each."""

COLOUR = "#010203"
"""Stands in a picture's SVG for the colour of the text around it."""

_OPENS = re.compile(r"\\\\|\\[{}]|\\left|\\begin|\\right|\\end|[{}]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MATHS = frozenset("\\^_=<>+*{}|")


class Formula(msgspec.Struct, frozen=True):
    """A formula as it was written, without its delimiters; `display`: on a line of its own."""

    source: str
    display: bool = False


class FormulaPicture(msgspec.Struct, frozen=True):
    """A typeset formula.

    Attributes:
        svg: nothing but shapes; their colour is COLOUR.
        width, ascent, descent: in units of the font's size; ascent and descent from the baseline, both positive.
    """

    svg: str
    width: float
    ascent: float
    descent: float


def may_be_typeset(source: str) -> bool:
    """False for what is empty, too long, or nested so deep that its source is shown without trying."""
    if not source.strip() or len(source) > LONGEST_SOURCE:
        return False
    depth = 0
    for match in _OPENS.finditer(source):
        if match.group() in ("{", "\\left", "\\begin"):
            depth += 1
            if depth > DEEPEST:
                return False
        elif match.group() in ("}", "\\right", "\\end"):
            depth -= 1
    return True


def is_money(between: str) -> bool:
    """True for what stands between two dollar signs that are prices: "5 (small) and US" of "$5 (small) and US$10"."""
    if not between[:1].isdigit() or _MATHS & set(between):
        return False
    return _WORD.search(between) is not None
