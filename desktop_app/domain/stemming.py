"""The Porter stemmer, so that a highlight marks what the word index matched.

M. F. Porter: "An algorithm for suffix stripping", Program 14(3), 1980. The index (SQLite FTS5, tokenizer "porter") uses
the same rules, on words of any letters: of German ones in -e, the e goes.
"""

from __future__ import annotations

import functools
import itertools

_VOWELS = "aeiou"
_SHORTEST = 3
_ENDINGS = ("s", "e", "ed", "es", "ing")
_LONGEST = 64

_STEP_2 = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("logi", "log"),
    ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"),
    ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"),
    ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
)  # fmt: skip
_STEP_3 = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
)  # fmt: skip
_STEP_4 = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
    "ous", "ive", "ize",
)  # fmt: skip


@functools.lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The stem of a lower-case word."""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return word
    if word.isascii():
        return _stemmed(word)
    # The index looks at bytes, of which those of other letters are consonants to it.
    octets = word.encode("utf-8", "replace")
    if len(octets) > _LONGEST:
        return word
    return _stemmed(octets.decode("latin-1")).encode("latin-1").decode("utf-8", "replace")


def _stemmed(word: str) -> str:
    word = _step_1(word)
    word = _replace_suffix(word, _STEP_2)
    word = _replace_suffix(word, _STEP_3)
    return _step_5(_step_4(word))


def beginning_of(stem: str) -> str:
    """What every word of that stem begins with: the rules take endings away, and change no more than is cut here."""
    # -bility leaves -bl; an e is put on, or a y becomes an i. The first letter always stays.
    changed = 1 if stem.endswith(("bl", "e", "i")) else 0
    return stem[: max(1, len(stem) - changed)]


def word_of(stemmed: str) -> str:
    """A word that has this stem, which itself may have a shorter one; empty where none is at hand."""
    return next((word for word in (stemmed, *(stemmed + end for end in _ENDINGS)) if stem(word) == stemmed), "")


def _is_consonant(word: str, place: int) -> bool:
    letter = word[place]
    if letter in _VOWELS:
        return False
    return letter != "y" or place == 0 or not _is_consonant(word, place - 1)


def _measure(word: str) -> int:
    """How many times a vowel run is followed by a consonant run: m in [C](VC)^m[V]."""
    kinds = [_is_consonant(word, place) for place in range(len(word))]
    return sum(1 for before, after in itertools.pairwise(kinds) if after and not before)


def _has_vowel(word: str) -> bool:
    return any(not _is_consonant(word, place) for place in range(len(word)))


def _ends_double(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and _is_consonant(word, len(word) - 1)


def _ends_short(word: str) -> bool:
    """Consonant, vowel, consonant at the end, the last not w, x or y."""
    last = len(word) - 1
    return (
        last >= 2
        and _is_consonant(word, last)
        and not _is_consonant(word, last - 1)
        and _is_consonant(word, last - 2)
        and word[last] not in "wxy"
    )


def _step_1(word: str) -> str:
    """Plurals, -ed, -ing, and y after a vowel's syllable."""
    if word.endswith(("sses", "ies")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("eed"):
        if _measure(word[:-3]) > 0:
            word = word[:-1]
    elif word.endswith("ed") and _has_vowel(word[:-2]):
        word = _mend(word[:-2])
    elif word.endswith("ing") and _has_vowel(word[:-3]):
        word = _mend(word[:-3])
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    return word


def _mend(word: str) -> str:
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if _ends_double(word) and word[-1] not in "lsz":
        return word[:-1]
    if _measure(word) == 1 and _ends_short(word):
        return word + "e"
    return word


def _replace_suffix(word: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for suffix, new in pairs:
        if word.endswith(suffix):
            root = word[: -len(suffix)]
            return root + new if _measure(root) > 0 else word
    return word


def _step_4(word: str) -> str:
    suffix = max((suffix for suffix in _STEP_4 if word.endswith(suffix)), key=len, default="")
    root = word[: len(word) - len(suffix)]
    if not suffix or _measure(root) <= 1 or (suffix == "ion" and not root.endswith(("s", "t"))):
        return word
    return root


def _step_5(word: str) -> str:
    if word.endswith("e"):
        root = word[:-1]
        if _measure(root) > 1 or (_measure(root) == 1 and not _ends_short(root)):
            word = root
    if word.endswith("l") and _ends_double(word) and _measure(word[:-1]) > 1:
        word = word[:-1]
    return word
