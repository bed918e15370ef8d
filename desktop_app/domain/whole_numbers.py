"""Whole numbers in what a person or a stranger wrote."""

from __future__ import annotations


def whole_number(text: str, *, most_digits: int = 9) -> int | None:
    """The number that `text` writes with the digits 0 to 9 and nothing else; None for anything else, and where there
    are more digits than `most_digits`.

    Python counts "²" among the digits and cannot read it as a number, nor one of more than 4,300 digits.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most_digits else None
