"""Texts as the word index compares them."""

from __future__ import annotations

import unicodedata

_LETTERS = dict(zip("ςйıđłøىیکة", "σйidloييكه", strict=True))
"""What is no letter with an accent, or another letter in spite of it."""


def is_written_whole(letter: str) -> bool:
    """Whether it is one letter although Unicode knows parts of it: a syllable of Hangul, a kana with its strokes."""
    return "\u3040" <= letter <= "\u30ff" or "\uac00" <= letter <= "\ud7a3"


class _Folding(dict[int, str]):
    """Lower case without accents, one character for one, so that offsets stay."""

    def __missing__(self, code: int) -> str:
        lower = chr(code).lower()
        base = _LETTERS.get(lower) or (lower if is_written_whole(lower) else unicodedata.normalize("NFD", chr(code))[0])
        base = base.lower()
        folded = base[0] if base else chr(code)
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Lower case without accents, one character for one, so that offsets stay."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)
