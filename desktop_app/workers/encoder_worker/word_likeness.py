"""Words from the pieces of a tokenizer, and how alike the words of two texts are in the eyes of the encoder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.query import without_stop_words
from desktop_app.domain.search import WordLikeness

Floats = NDArray[np.float32]

_WORD = re.compile(r"[^\W_]+")
_LONGEST_WORD = 200


@dataclass(frozen=True)
class EmbeddedWord:
    """Characters [start, end) of a text, and the mean of the embeddings of the pieces that lie in them (length 1)."""

    text: str
    start: int
    end: int
    vector: Floats


def words_of(text: str, places: Sequence[tuple[int, int]], embeddings: Floats) -> list[EmbeddedWord]:
    """The words of `text` that the encoder read.

    Args:
        places: where each piece stands in `text`; pieces that stand nowhere in it belong to no word.
        embeddings: one row for each piece.
    """
    words: list[EmbeddedWord] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        rows = [row for row, (first, last) in enumerate(places) if first < last and first < end and last > start]
        if rows:
            vector = embeddings[rows].mean(axis=0)
            length = float(np.linalg.norm(vector))
            if np.isfinite(length) and length > 0.0:
                words.append(EmbeddedWord(match[0], start, end, vector / length))
    return words


def telling(words: Sequence[EmbeddedWord]) -> Sequence[EmbeddedWord]:
    """The words that say something; all where there are only others. Words such as "in" are like each other."""
    kept = set(without_stop_words([word.text.casefold() for word in words]))
    return [word for word in words if word.text.casefold() in kept] or words


def compared(question: Sequence[EmbeddedWord], sentence: Sequence[EmbeddedWord]) -> list[WordLikeness]:
    """Each word of the sentence beside the word of the question whose embedding is nearest to its own (cosine)."""
    if not question or not sentence:
        return []
    cosines = np.stack([word.vector for word in sentence]) @ np.stack([word.vector for word in question]).T
    nearest = cosines.argmax(axis=1)
    return [
        WordLikeness(word.start, word.end, float(cosines[row, place]), question[place].text[:_LONGEST_WORD])
        for row, (word, place) in enumerate(zip(sentence, nearest, strict=True))
    ]
