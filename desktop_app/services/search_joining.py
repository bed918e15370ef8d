"""What words and meaning found, in one order: which notes are hits, which fell short, and all that was found."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from desktop_app.domain.ranking import CANDIDATES, fuse, ranks
from desktop_app.domain.search import SearchMode, SearchOrder, SearchResult
from desktop_app.services.asked_question import Asked
from desktop_app.services.hit_choice import Candidate
from desktop_app.services.leg_blending import Floor, WordScores, floor_of, weight_of
from desktop_app.services.ports import NoteSieve
from desktop_app.services.result_survey import Found
from desktop_app.services.search_hits import HitBuilder, MeaningLeg
from desktop_app.services.word_leg import WordLeg, Words

_MOST_SURVEYED = 400
"""Notes of a list of filters alone, when it is counted; the legs of other questions find as many at most."""


class Joining:
    """Weighs the legs against each other. Thread-safe.

    Args:
        dense_weight: the setting `search.dense_weight`, asked at each search.
    """

    def __init__(
        self, sieve: NoteSieve, word_finding: WordLeg, hits: HitBuilder, dense_weight: Callable[[], float]
    ) -> None:
        self._sieve = sieve
        self._word_finding = word_finding
        self._hits = hits
        self._dense_weight = dense_weight

    def joined(self, asked: Asked, words: Words, meaning: MeaningLeg | None) -> SearchResult:
        """The notes that are shown, and those that fell short. Raises StoreError, CancelledError."""
        without_words = asked.mode is SearchMode.MEANING and meaning is not None
        candidates = self._candidates(asked, {} if without_words else words.scores, words, meaning)
        if asked.order is SearchOrder.DATE:
            by_id = {candidate.note_id: candidate for candidate in candidates}
            candidates = [by_id[note_id] for note_id in self._sieve.by_date(list(by_id))]
        hits, weaker = self._hits.build(
            words.query, words.frequencies, words.note_count, candidates, meaning, asked.limit, asked.cancel
        )
        unindexed = meaning.notes_unindexed if meaning is not None else 0
        # A word that is still typed is no mistake yet, unless nothing else is found either.
        growing = asked.query.prefix if hits else ""
        missing = [word for word in words.missing if word != growing]
        return replace(
            asked.result(),
            hits=hits,
            weaker=weaker,
            notes_unindexed=unindexed,
            corrections=self._word_finding.corrections(missing, surely=bool(hits)),
        )

    def _candidates(
        self, asked: Asked, word_scores: Mapping[int, float], words: Words, meaning: MeaningLeg | None
    ) -> list[Candidate]:
        """All notes worth a look in their fused order; `related` where meaning alone is enough to show one."""
        word_ranks = ranks(word_scores)
        near: dict[int, float] = {}
        floor = Floor(math.inf, math.inf, math.inf)
        if meaning is not None:
            floor = self._floor(asked, words, meaning)
            near = {note_id: nearness for note_id, nearness in meaning.nearest.items() if nearness >= floor.weak}
        known = near if meaning is None else near | meaning.similarities.of(word_scores.keys() - near.keys())
        nearness = known if meaning is None else meaning.similarities.with_beginnings(known)
        meaning_ranks = ranks({note_id: nearness[note_id] for note_id in near})
        weight = self._weight(asked, words, meaning, max(known.values(), default=0.0))
        background = meaning.similarities.background if meaning is not None else 0.0
        # What has not the quoted words is no hit, however near it is in meaning.
        phrases = bool(asked.query.phrases)
        return [
            Candidate(
                note_id=note_id,
                score=score,
                words_rank=word_ranks.get(note_id),
                meaning_rank=meaning_ranks.get(note_id),
                similarity=known.get(note_id),
                related=note_id in words.named
                or (
                    floor.is_passed(known.get(note_id, -math.inf), by_words=note_id in words.scores)
                    and (not phrases or note_id in words.scores)
                ),
            )
            for note_id, score in fuse(word_scores, nearness, weight, background)
        ]

    def found(self, asked: Asked, words: Words | None, meaning: MeaningLeg | None) -> Found:
        """All that the legs find; `words` are None of a list of filters alone. Raises StoreError."""
        if words is None:
            newest = self._sieve.newest(asked.question.conditions, _MOST_SURVEYED)
            listed = [listed_candidate(note_id) for note_id in newest]
            return Found(
                asked.query, {}, 0, listed, None, lambda _similarity, _words: False, len(newest) < _MOST_SURVEYED
            )
        without_words = asked.mode is SearchMode.MEANING and meaning is not None
        scores: Mapping[int, float] = {} if without_words else words.scores
        floor = self._floor(asked, words, meaning) if meaning is not None else Floor(math.inf, math.inf, math.inf)
        candidates = self._candidates(asked, scores, words, meaning)
        return Found(
            words.query,
            words.frequencies,
            words.note_count,
            candidates,
            meaning,
            lambda similarity, by_words: floor.is_passed(similarity, by_words=by_words),
            complete=not words.incomplete
            and len(scores) < CANDIDATES
            and sum(each.related for each in candidates) < CANDIDATES,
        )

    def _floor(self, asked: Asked, words: Words, meaning: MeaningLeg) -> Floor:
        like_note = asked.question.similar_to is not None
        return floor_of(asked.query, words.frequencies, meaning, like_note=like_note)

    def _weight(self, asked: Asked, words: Words, meaning: MeaningLeg | None, nearest: float) -> float:
        """The weight of meaning, 0 to 1; `nearest` is the similarity of the nearest note."""
        if meaning is None:
            return 0.0
        if not asked.query.terms and asked.question.similar_to is not None:
            return 1.0
        foreign = bool(asked.query.small or words.query.families)
        figures = WordScores(words.scores, words.frequencies, words.note_count, words.together, foreign)
        return weight_of(asked.query, figures, meaning, nearest, asked.mode, self._dense_weight())


def listed_candidate(note_id: int) -> Candidate:
    """Of a list of filters alone: it is what was asked for."""
    return Candidate(note_id, 0.0, None, None, None, related=True)
