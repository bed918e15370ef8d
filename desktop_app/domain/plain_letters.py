"""Words in the letters that people type them with: no accents, ss for ß, any alef for an alef.

Unlike `domain.folding.fold` it may change the length of a word, so it serves to compare words and not to find places.
"""

from __future__ import annotations

import unicodedata

from desktop_app.domain.folding import is_written_whole

_LETTERS = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th", "ħ": "h",
    "ς": "σ", "й": "й", "ї": "ї", "ґ": "г",
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ؤ": "و", "ئ": "ي", "ـ": "",
    "\u200c": "", "\u200d": "",
}  # fmt: skip
"""What is no letter with an accent, or is another letter in spite of it: no Russian types и for й."""


class _Plain(dict[int, str]):
    def __missing__(self, code: int) -> str:
        lower = chr(code).lower()
        if lower in _LETTERS:
            plain = _LETTERS[lower]
        elif is_written_whole(lower):
            plain = lower
        elif _is_mark(chr(code)):
            plain = ""
        else:
            parts = unicodedata.normalize("NFKD", lower)
            plain = "".join(part for part in parts if not unicodedata.combining(part)) or lower
        self[code] = plain
        return plain


_PLAIN = _Plain()


def plain_letters(word: str) -> str:
    """The word in lower case and plain letters."""
    return word.lower() if word.isascii() else unicodedata.normalize("NFC", word).translate(_PLAIN)


def _is_mark(letter: str) -> bool:
    """A mark on a letter that may be left out: loose accents, vowels of Hebrew and Arabic."""
    return unicodedata.category(letter) == "Mn" and (
        "\u0300" <= letter <= "\u036f" or "\u0591" <= letter <= "\u05c7" or "\u0610" <= letter <= "\u0670"
    )
