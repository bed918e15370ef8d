"""How words and meaning are weighed, and how near something must be to be a hit: for notes and messages alike."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from desktop_app.domain.query import Query
from desktop_app.domain.ranking import (
    dense_weight,
    fluency,
    fused_weight,
    known_share,
    trust_in_meaning,
    trust_in_words,
)
from desktop_app.domain.search import FLUENT_LETTERS_PER_PIECE, SearchMode
from desktop_app.services.search_hits import MeaningLeg


class Floor(msgspec.Struct, frozen=True):
    """What a note or message must reach: `shown` for a hit by meaning alone, `with_words` for one that has words of the
    question, too, `weak` for a weaker match.
    """

    shown: float
    with_words: float
    weak: float

    def is_passed(self, similarity: float, *, by_words: bool) -> bool:
        """Whether it is near enough for a hit."""
        return similarity >= (self.with_words if by_words else self.shown)


def floor_of(query: Query, frequencies: Mapping[str, int], meaning: MeaningLeg, *, like_note: bool = False) -> Floor:
    """Between the strict and the ordinary floor, by the share of the question's words that anybody knows, and how well
    the encoder reads them.

    `like_note`: a note is asked for others; whatever stands in it is known.
    """
    floors = meaning.floors
    share = 1.0 if like_note else known_share(query, frequencies, meaning.known_words)
    letters = FLUENT_LETTERS_PER_PIECE if like_note else meaning.letters_per_piece
    shown = floors.shown(share, fluency(letters))
    weak = floors.weak if share > 0.0 else shown
    # Pairs of letters of a script without blanks are no words yet.
    with_words = shown if query.runs else floors.shown(share, fluency(letters, with_words=True))
    return Floor(shown, with_words, weak)


class WordScores(msgspec.Struct, frozen=True):
    """What the word leg says: BM25 of what it found, and in how many of `count` texts each word stands.

    `together`: the first has all words in one place. `foreign`: the question is in another language than English.
    """

    scores: Mapping[int, float]
    frequencies: Mapping[str, int]
    count: int
    together: bool = False
    foreign: bool = False


def weight_of(
    query: Query, words: WordScores, meaning: MeaningLeg, nearest: float, mode: SearchMode, base: float
) -> float:
    """The weight of meaning, 0 to 1; `nearest` is the similarity of what is nearest, `base` the person's setting."""
    if mode is SearchMode.MEANING:
        return 1.0
    if mode is SearchMode.WORDS:
        return base
    found = meaning.similarities
    return fused_weight(
        dense_weight(base, query, words.frequencies, words.count, meaning.known_words),
        words=trust_in_words(words.scores, query, words.frequencies, words.count, together=words.together),
        meaning=trust_in_meaning(nearest, found.background, found.spread, found.note_count),
        language=1.0 if query.is_english else fluency(meaning.letters_per_piece, foreign=words.foreign),
    )
