"""Why meaning found a passage: the sentence of it that is nearest to the question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_search import MessagePassage
from desktop_app.domain.search import SearchHit, SearchResult, SimilarityMeasure, Span, WordLikeness
from desktop_app.domain.shown_sentences import shown_sentences
from desktop_app.services.index_ports import QuestionEncoder
from desktop_app.services.similarity import similarities_of

_MOST_SENTENCES = 24
_MOST_CHARACTERS = 600
_SHORTEST = 12
_FENCES = ("```", "~~~")

_Hit = TypeVar("_Hit", SearchHit, MessagePassage)


class NearestSentence:
    """Embeds the sentences of hits at a question's priority."""

    def __init__(self, encoder: QuestionEncoder) -> None:
        self._encoder = encoder

    def explain(self, result: SearchResult, cancel: CancelToken | None = None) -> SearchResult:
        """`result` with `nearest_span` filled in where meaning found a note or message and it is not there yet."""
        found: list[SearchHit | MessagePassage] = [*result.hits, *result.messages]
        asked = [hit for hit in found if hit.meaning_rank is not None and not hit.nearest_span]
        loaded = self._encoder.loaded
        if not asked or loaded is None or not result.words.strip():
            return result
        spans = self._nearest_of(asked, result.words, loaded.measure, cancel)
        nearest = iter(spans)
        hits = [_with_span(hit, nearest) for hit in result.hits]
        return replace(
            result, hits=tuple(hits), messages=tuple(_with_span(message, nearest) for message in result.messages)
        )

    def _nearest_of(
        self,
        hits: Sequence[SearchHit | MessagePassage],
        words: str,
        measure: SimilarityMeasure,
        cancel: CancelToken | None,
    ) -> list[Span | None]:
        """The sentence of each that is nearest to `words`; None where there is none."""
        groups = [_sentences(hit.passage) for hit in hits]
        texts = [
            hit.passage[span.start : min(span.end, span.start + _MOST_CHARACTERS)]
            for hit, group in zip(hits, groups, strict=True)
            for span in group
        ]
        question = self._encoder.embed_query(words, cancel).vector
        similarities = similarities_of(question, self._encoder.embed_sentences(texts, cancel), measure)
        found: list[Span | None] = []
        position = 0
        for group in groups:
            own = similarities[position : position + len(group)]
            position += len(group)
            found.append(group[max(range(len(own)), key=own.__getitem__)] if own else None)
        return found

    def word_likeness(
        self, words: str, hit: SearchHit | MessagePassage, cancel: CancelToken | None = None
    ) -> tuple[WordLikeness, ...]:
        """Which words of the hit's nearest sentence are like which of `words`; places are in the passage.

        Without a nearest sentence the beginning of the passage is looked at.
        """
        span = hit.nearest_span or Span(0, len(hit.passage))
        sentence = hit.passage[span.start : min(span.end, span.start + _MOST_CHARACTERS)]
        found = self._encoder.compare_words(words, sentence, cancel)
        return tuple(replace(word, start=word.start + span.start, end=word.end + span.start) for word in found)


def _with_span(hit: _Hit, nearest: Iterator[Span | None]) -> _Hit:
    """The hit with the next of the spans, where it was asked for."""
    if hit.meaning_rank is None or hit.nearest_span:
        return hit
    span = next(nearest)
    return hit if span is None else replace(hit, nearest_span=span)


def _sentences(passage: str) -> list[Span]:
    """Sentences worth marking: of code its lines; very short ones only where there is nothing else."""
    spans = shown_sentences(passage, by_line=passage.lstrip().startswith(_FENCES))
    long_enough = [span for span in spans if span.end - span.start >= _SHORTEST]
    return (long_enough or spans)[:_MOST_SENTENCES]
