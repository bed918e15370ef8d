"""Texts as the word index compares them."""

from __future__ import annotations

import unicodedata


class _Folding(dict[int, str]):
    """Lower case without accents, one character for one, so that offsets stay."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        folded = base[0] if base else chr(code)
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Lower case without accents, one character for one, so that offsets stay."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)
