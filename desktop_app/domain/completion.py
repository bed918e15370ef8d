"""Going on from a text."""

from __future__ import annotations


def split_trailing_blanks(text: str) -> tuple[str, int]:
    """(the text without the blanks at its end, how many those were).

    Vocabularies hold a word together with the blank before it. After a blank of its own the likeliest next tokens are
    therefore not words; without it they are, and bring the blank along.
    """
    kept = text.rstrip(" ")
    return kept, len(text) - len(kept)


class BlankSkipper:
    """Takes away, at the beginning of a continuation, the blanks that stand at the end of the text already."""

    def __init__(self, count: int) -> None:
        self._left = count

    def take(self, piece: str) -> str:
        """The piece without what stands already."""
        if not self._left or not piece:
            return piece
        rest = piece.lstrip(" ")
        skipped = min(self._left, len(piece) - len(rest))
        # Anything but a blank ends the search.
        self._left = self._left - skipped if not rest else 0
        return piece[skipped:]
