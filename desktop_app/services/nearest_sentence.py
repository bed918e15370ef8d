"""Why meaning found a passage: the sentence of it that is nearest to the question."""

from __future__ import annotations

from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.search import SearchHit, SearchResult, Span, WordLikeness
from desktop_app.domain.shown_sentences import shown_sentences
from desktop_app.services.index_ports import QuestionEncoder
from desktop_app.services.similarity import similarities_of

_MOST_SENTENCES = 24
_MOST_CHARACTERS = 600
_SHORTEST = 12
_FENCES = ("```", "~~~")


class NearestSentence:
    """Embeds the sentences of hits at a question's priority."""

    def __init__(self, encoder: QuestionEncoder) -> None:
        self._encoder = encoder

    def explain(self, result: SearchResult, cancel: CancelToken | None = None) -> SearchResult:
        """`result` with `nearest_span` filled in where meaning found a hit and it is not there yet."""
        places = [
            place for place, hit in enumerate(result.hits) if hit.meaning_rank is not None and not hit.nearest_span
        ]
        loaded = self._encoder.loaded
        if not places or loaded is None or not result.words.strip():
            return result
        spans = [_sentences(result.hits[place]) for place in places]
        texts = [
            result.hits[place].passage[span.start : min(span.end, span.start + _MOST_CHARACTERS)]
            for place, group in zip(places, spans, strict=True)
            for span in group
        ]
        question = self._encoder.embed_query(result.words, cancel).vector
        nearest = similarities_of(question, self._encoder.embed_sentences(texts, cancel), loaded.measure)
        hits = list(result.hits)
        position = 0
        for place, group in zip(places, spans, strict=True):
            own = nearest[position : position + len(group)]
            position += len(group)
            if own:
                hits[place] = replace(hits[place], nearest_span=group[max(range(len(own)), key=own.__getitem__)])
        return replace(result, hits=tuple(hits))

    def word_likeness(self, words: str, hit: SearchHit, cancel: CancelToken | None = None) -> tuple[WordLikeness, ...]:
        """Which words of the hit's nearest sentence are like which of `words`; places are in the passage.

        Without a nearest sentence the beginning of the passage is looked at.
        """
        span = hit.nearest_span or Span(0, len(hit.passage))
        sentence = hit.passage[span.start : min(span.end, span.start + _MOST_CHARACTERS)]
        found = self._encoder.compare_words(words, sentence, cancel)
        return tuple(replace(word, start=word.start + span.start, end=word.end + span.start) for word in found)


def _sentences(hit: SearchHit) -> list[Span]:
    """Sentences worth marking: of code its lines; very short ones only where there is nothing else."""
    spans = shown_sentences(hit.passage, by_line=hit.passage.lstrip().startswith(_FENCES))
    long_enough = [span for span in spans if span.end - span.start >= _SHORTEST]
    return (long_enough or spans)[:_MOST_SENTENCES]
