"""Joining what the two legs of a search found into one order.

Min-max fusion with the dense leg weighted (Bruch, Gai, Ingber: "An Analysis of Fusion Functions for Hybrid Retrieval",
2023): each leg's scores are scaled to 0..1, then added with weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import msgspec

from desktop_app.domain.query import Query
from desktop_app.domain.search import NonsenseNearness, SimilarityMeasure

CANDIDATES = 200
"""Notes each leg contributes."""

_MOST_SIMILAR = {SimilarityMeasure.COSINE: 1.0, SimilarityMeasure.DOT: math.inf, SimilarityMeasure.EUCLIDEAN: 0.0}
_PHRASE_LEAN = 0.3
_RARE_LEAN = 0.35
_LEAST_TRUST = 0.2
_LEAST_FLUENCY = 0.1
_LANGUAGE_READ = 0.75
"""From this fluency on, learned words are all that is spelled."""

_LEAD_TOGETHER = 3.0
"""So many times a lead counts where the first note has all words of the question in one place."""

_WORDS_LEAN = 0.7
"""So much of the weight of meaning goes to a word leg whose first note is beyond doubt."""

_RARE_SHARE = 0.005
"""A word is rare when it stands in at most this share of the notes (and in five notes at least it may)."""


class Floors(msgspec.Struct, frozen=True):
    """Similarities below which meaning finds nothing.

    Attributes:
        ordinary: for a question whose words are known.
        strict: for one of whose words none is in the index nor whole in the encoder's vocabulary.
        weak: for matches that are only shown when asked for.
        unread: for a question in a language that the encoder has never read, whose texts it finds much alike.
    """

    ordinary: float
    strict: float
    weak: float
    unread: float

    def shown(self, known: float, language: float) -> float:
        """What a hit by meaning alone needs.

        Args:
            known: share of the question's words that anybody knows (`known_share`).
            language: how well the encoder reads them (`fluency`).
        """
        language = min(1.0, language / _LANGUAGE_READ)
        floor = self.ordinary + (self.strict - self.ordinary) * (1.0 - known * language)
        return floor + (self.unread - self.strict) * (1.0 - language)


def floors_of(
    unrelated_similarity: float,
    unrelated_deviation: float,
    measure: SimilarityMeasure = SimilarityMeasure.COSINE,
    nonsense: NonsenseNearness | None = None,
) -> Floors:
    """An encoder's floors from how similar it finds texts that have nothing to do with each other (mean, deviation).

    Args:
        nonsense: measured with the person's own notes. It raises the floors where nonsense comes nearer to them than to
            the encoder's sample texts, and never lowers them: the sample's are those that were tried on whole
            collections.
    """
    if nonsense is not None:
        unrelated_similarity = max(unrelated_similarity, nonsense.mean)
        unrelated_deviation = max(unrelated_deviation, nonsense.deviation)
    room = _MOST_SIMILAR[measure] - unrelated_similarity
    strict = unrelated_similarity + min(6.0 * unrelated_deviation, 0.8 * room)
    if nonsense is not None:
        strict = max(strict, min(nonsense.highest + 0.5 * nonsense.deviation, _MOST_SIMILAR[measure]))
    return Floors(
        ordinary=unrelated_similarity + min(3.4 * unrelated_deviation, 0.5 * room),
        strict=strict,
        weak=unrelated_similarity + min(2.2 * unrelated_deviation, 0.35 * room),
        unread=strict + min(2.5 * unrelated_deviation, 0.3 * (_MOST_SIMILAR[measure] - strict)),
    )


def known_share(query: Query, frequencies: Mapping[str, int], known_words: Iterable[str]) -> float:
    """Share of the question's words that stand in a note or whole in the encoder's vocabulary, 0 to 1."""
    if not query.terms:
        return 0.0
    known = set(known_words)
    return sum(1 for word in query.terms if word in known or frequencies.get(word, 0)) / len(query.terms)


def dense_weight(
    base: float, query: Query, frequencies: Mapping[str, int], note_count: int, known_words: Iterable[str]
) -> float:
    """The weight of meaning by the question's words alone, 0 to `base`.

    Quoted phrases and rare words the encoder does not know whole (names, identifiers, codes) lean to the word leg.
    """
    if query.phrases:
        return base * _PHRASE_LEAN
    if not query.words:
        return base
    known = set(known_words)
    rare_at_most = max(5, int(note_count * _RARE_SHARE))
    rare = [word for word in query.words if 0 < frequencies.get(word, 0) <= rare_at_most and word not in known]
    return base * (1.0 - _RARE_LEAN * len(rare) / len(query.words))


def fused_weight(weight: float, words: float, meaning: float, language: float) -> float:
    """The weight of meaning once both legs have answered.

    Args:
        weight: by the question alone (`dense_weight`).
        words, meaning, language: `trust_in_words`, `trust_in_meaning`, `fluency`.
    """
    return weight * (1.0 - _WORDS_LEAN * words) * meaning * language


def word_weight(frequency: int, note_count: int) -> float:
    """How much a word tells: its inverse document frequency."""
    return math.log(1.0 + (note_count + 1.0) / (frequency + 0.5))


def trust_in_words(
    scores: Mapping[int, float],
    query: Query,
    frequencies: Mapping[str, int],
    note_count: int,
    *,
    together: bool = False,
) -> float:
    """How surely the word leg's first note is the one, 0 to 1: how far it is ahead of the second, as far as it answers
    the whole question.

    On collections of every kind that was tried, a first note that is twice as good as the second one is the right one
    in nineteen of twenty questions.

    Args:
        together: the first note has all words in one place; so it answers the whole question, however long it is.
    """
    if not scores:
        return 0.0
    first, second = sorted((*scores.values(), 0.0), reverse=True)[:2]
    whole = sum(word_weight(frequencies.get(word, 0), note_count) for word in query.words)
    if first <= 0.0 or not whole:
        return 0.0
    lead = (first - second) / first
    return max(lead * min(1.0, first / whole), min(1.0, _LEAD_TOGETHER * lead) if together else 0.0)


def trust_in_meaning(nearest: float, background: float, spread: float, note_count: int) -> float:
    """How far the nearest note stands out, 0.2 to 1: among so many notes, the nearest one by chance would lie about
    so many deviations above the mean (the expected maximum of normal variables is a little below √(2 ln n)).
    """
    if note_count < 2 or spread <= 0.0:
        return 1.0
    by_chance = 0.9 * math.sqrt(2.0 * math.log(note_count))
    return _between((nearest - background) / spread - by_chance, -1.0, 0.5, _LEAST_TRUST)


def fluency(letters_per_piece: float, *, with_words: bool = False, foreign: bool = False) -> float:
    """How well the encoder reads the question's language, 0.1 to 1.

    What it has to spell in pieces of two letters it has hardly ever read. Rare technical words of a language that it
    does read take pieces of two and a half: of a note found by them, `with_words`, its likeness is believed. A
    `foreign` question is in another language than English: an encoder that has read it much takes it in pieces of four
    letters; what three letters have in common with English carries little.
    """
    low, high = (1.5, 2.5) if with_words else (2.5, 4.5) if foreign else (2.0, 3.5)
    return _between(letters_per_piece, low, high, _LEAST_FLUENCY)


def _between(value: float, low: float, high: float, least: float) -> float:
    """From `least` at `low` to 1 at `high`, in a straight line."""
    return least + (1.0 - least) * min(1.0, max(0.0, (value - low) / (high - low)))


def fuse(
    words: Mapping[int, float], meaning: Mapping[int, float], weight: float, background: float
) -> list[tuple[int, float]]:
    """(note id, score 0 to 1) of all candidates, best first; equal scores by note id.

    Args:
        words: BM25 of the notes the word leg found, higher is better.
        meaning: similarity of every candidate of either leg, where it has vectors: that of the note's best passage,
            drawn towards that of its first.
        weight: of meaning; words get the rest.
        background: mean similarity of the question to all notes, the zero of the scaled scores. The candidates' own
            minimum would depend on how many were taken.
    """
    scaled_words = _scaled(words, min(words.values(), default=0.0))
    scaled_meaning = _scaled(meaning, background)
    scores = {
        note_id: weight * scaled_meaning.get(note_id, 0.0) + (1.0 - weight) * scaled_words.get(note_id, 0.0)
        for note_id in words.keys() | meaning.keys()
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def ranks(scores: Mapping[int, float]) -> dict[int, int]:
    """1-based rank of each note by its score, best first."""
    ordered = sorted(scores, key=lambda note_id: (-scores[note_id], note_id))
    return {note_id: place for place, note_id in enumerate(ordered, start=1)}


def _scaled(scores: Mapping[int, float], lowest: float) -> dict[int, float]:
    highest = max(scores.values(), default=0.0)
    if highest <= lowest:
        return {note_id: 1.0 if score >= highest else 0.0 for note_id, score in scores.items()}
    return {note_id: min(1.0, max(0.0, (score - lowest) / (highest - lowest))) for note_id, score in scores.items()}
