"""Which way a text runs: as its first letter that has a direction (Unicode's rule for paragraphs)."""

from __future__ import annotations

import re
import unicodedata

_RIGHT_TO_LEFT = ("R", "AL")
_MAY_BE = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")


def is_right_to_left(text: str) -> bool:
    """Whether a paragraph with this text begins at the right."""
    if not has_right_to_left(text):
        return False
    sides = (unicodedata.bidirectional(letter) for letter in text)
    return next((side for side in sides if side == "L" or side in _RIGHT_TO_LEFT), "L") != "L"


def has_right_to_left(text: str) -> bool:
    """Whether any of it runs from right to left."""
    return not text.isascii() and _MAY_BE.search(text) is not None
