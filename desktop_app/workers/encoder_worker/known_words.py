"""How well an encoder's vocabulary knows the words of a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.domain.query import is_unspaced
from desktop_app.domain.search import FLUENT_LETTERS_PER_PIECE


@dataclass(frozen=True)
class KnownWords:
    """The words that are one piece each, and how many letters a piece of all words holds on average."""

    whole: tuple[str, ...] = ()
    letters_per_piece: float = FLUENT_LETTERS_PER_PIECE


def known_words_of(words: Sequence[str], pieces: Sequence[Sequence[int]], unknown: int | None) -> KnownWords:
    """Judge by the ids of each word's pieces; `unknown` is the id of what the vocabulary cannot spell."""
    whole = tuple(
        word for word, ids in zip(words, pieces, strict=True) if len(word) > 1 and len(ids) == 1 and ids[0] != unknown
    )
    # A character of a script without blanks says about what two letters do.
    letters = sum(2 if is_unspaced(letter) else 1 for word in words for letter in word)
    count = sum(len(word) if unknown in ids else len(ids) for word, ids in zip(words, pieces, strict=True))
    return KnownWords(whole, letters / count if count else FLUENT_LETTERS_PER_PIECE)
