"""From notes in order to what a person sees: the passage, the matched words, and whether it is worth showing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chunking import Chunker, embeddable
from desktop_app.domain.front_matter import other_properties
from desktop_app.domain.notes import Note
from desktop_app.domain.query import Query
from desktop_app.domain.ranking import Floors
from desktop_app.domain.search import SearchHit, SimilarityMeasure, StoredChunk
from desktop_app.domain.word_matching import WordMatch, WordMatcher, spans_within
from desktop_app.services.ports import NoteStore, PassageStore
from desktop_app.services.vector_matrix import Similarities

LEAST_COVERAGE = 0.5
"""A note found by words alone is a hit when its words carry at least this share of the question's weight (idf)."""

_SLICE = 25
_MOST_LOOKED_AT = 8
"""Notes looked at for each one wanted, before giving up on finding more hits."""

_MOST_MATCHED_WORDS = 12
_MOST_PASSAGES = 40
"""Of a long note only the nearest passages are considered; words rarely outweigh more."""

_CUT_AFRESH_CHARACTERS = 500_000
_WINDOW = 600


@dataclass(frozen=True, slots=True)
class MeaningLeg:
    """What meaning says about a question."""

    similarities: Similarities
    known_words: frozenset[str]
    floors: Floors
    notes_unindexed: int
    measure: SimilarityMeasure = SimilarityMeasure.COSINE
    deviation: float = 0.08

    @property
    def word_worth(self) -> float:
        """What a matched word adds to a passage, in similarity, when the passage to show is chosen."""
        return 0.05 if self.measure is SimilarityMeasure.COSINE else 0.65 * self.deviation

    @property
    def of_unknown(self) -> float:
        """The similarity that a passage without a vector is taken to have."""
        return 0.0 if self.measure is SimilarityMeasure.COSINE else self.floors.weak


_WORDS_ALONE = 0.05, 0.0
"""Without meaning: what a matched word is worth, and the similarity of every passage."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A note in the fused order. `related`: its similarity alone makes it a hit."""

    note_id: int
    score: float
    words_rank: int | None
    meaning_rank: int | None
    similarity: float | None
    related: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A note that will be shown, with the words that matched in it."""

    candidate: Candidate
    note: Note
    matches: list[WordMatch]


@dataclass(frozen=True, slots=True)
class _Passage:
    """The passage a hit shows: characters [start, end) of the note."""

    start: int
    end: int
    heading_path: tuple[str, ...]


class HitBuilder:
    """Reads the notes behind the candidates, as many as are shown."""

    def __init__(self, notes: NoteStore, passages: PassageStore, chunker: Chunker | None = None) -> None:
        self._notes = notes
        self._passages = passages
        self._chunker = chunker or Chunker()

    def build(
        self,
        query: Query,
        frequencies: Mapping[str, int],
        note_count: int,
        candidates: Sequence[Candidate],
        meaning: MeaningLeg | None,
        limit: int,
        cancel: CancelToken,
    ) -> tuple[tuple[SearchHit, ...], tuple[SearchHit, ...]]:
        """(hits, weaker matches), at most `limit` together, hits first of all. Notes in the trash are left out."""
        matcher = WordMatcher(query)
        weigher = _Weigher(query, frequencies, note_count)
        strong: list[_Found] = []
        weak: list[_Found] = []
        for start in range(0, min(len(candidates), limit * _MOST_LOOKED_AT), _SLICE):
            cancel.raise_if_cancelled()
            part = candidates[start : start + _SLICE]
            notes = {note.id: note for note in self._notes.get_many([candidate.note_id for candidate in part])}
            for candidate in part:
                note = notes.get(candidate.note_id)
                if note is None or note.trashed_at is not None:
                    continue
                matches = matcher.matches(note.text) if candidate.words_rank is not None else []
                by_words = candidate.words_rank is not None and (
                    meaning is None or bool(query.phrases) or weigher.share(note, matches, matcher) >= LEAST_COVERAGE
                )
                (strong if candidate.related or by_words else weak).append(_Found(candidate, note, matches))
            if len(strong) >= limit:
                break
        strong = strong[:limit]
        shown = [*strong, *weak[: limit - len(strong)]]
        passages = self._stored_passages(shown, meaning)
        hits = [self._hit(found, passages.get(found.note.id, []), meaning) for found in shown]
        return tuple(hits[: len(strong)]), tuple(hits[len(strong) :])

    def _stored_passages(self, found: Sequence[_Found], meaning: MeaningLeg | None) -> dict[int, list[StoredChunk]]:
        """Passages that could be shown, by note: all of a short note, the nearest of a long one."""
        ids: list[int] = []
        whole: list[int] = []
        for one in found:
            cosines = meaning.similarities.passages(one.note.id) if meaning is not None else {}
            most = _MOST_PASSAGES if one.matches else 1
            if cosines:
                ids.extend(sorted(cosines, key=lambda chunk_id: -cosines[chunk_id])[:most])
            else:
                whole.append(one.note.id)
        passages: dict[int, list[StoredChunk]] = {}
        for chunk in (*self._passages.chunks_of(whole), *self._passages.chunks_by_id(ids)):
            passages.setdefault(chunk.note_id, []).append(chunk)
        return passages

    def _hit(self, found: _Found, stored: Sequence[StoredChunk], meaning: MeaningLeg | None) -> SearchHit:
        candidate, note, matches = found.candidate, found.note, found.matches
        passage = self._passage(note, matches, stored, meaning)
        words = dict.fromkeys(note.text[match.start : match.end] for match in matches)
        return SearchHit(
            note_id=note.id,
            title=note.title,
            path=note.source_path or "/".join(part for part in (note.folder, note.title) if part),
            folder=note.folder,
            heading_path=passage.heading_path,
            passage=note.text[passage.start : passage.end],
            start=passage.start,
            end=passage.end,
            score=round(candidate.score, 6),
            words_rank=candidate.words_rank,
            meaning_rank=candidate.meaning_rank,
            edited_at=note.edited_at,
            matched_words=tuple(words)[:_MOST_MATCHED_WORDS],
            word_spans=spans_within(matches, passage.start, passage.end),
            similarity=candidate.similarity,
            measure=meaning.measure if meaning is not None else SimilarityMeasure.COSINE,
        )

    def _passage(
        self, note: Note, matches: list[WordMatch], stored: Sequence[StoredChunk], meaning: MeaningLeg | None
    ) -> _Passage:
        """The passage nearest in meaning; of several about as near, or without meaning, the one with the most words."""
        cosines = meaning.similarities.passages(note.id) if meaning is not None else {}
        worth, unknown = (meaning.word_worth, meaning.of_unknown) if meaning is not None else _WORDS_ALONE
        if not stored or not all(_is_current(note, chunk) for chunk in stored):
            known = {chunk.hash: cosines.get(chunk.id, unknown) for chunk in stored}
            return self._passage_cut_afresh(note, matches, known, worth, unknown)
        scored = [(cosines.get(chunk.id, unknown), chunk.start, chunk.end, chunk.heading_path) for chunk in stored]
        return _best(scored, matches, worth)

    def _passage_cut_afresh(
        self,
        note: Note,
        matches: list[WordMatch],
        known: Mapping[str, float],
        worth: float,
        unknown: float,
    ) -> _Passage:
        """For a note whose text is newer than its stored passages, or has none yet."""
        if len(note.text) <= _CUT_AFRESH_CHARACTERS:
            chunks = self._chunker.chunks(note.title, note.text)
            if chunks:
                scored = [(known.get(c.hash, unknown), c.start, c.end, c.heading_path) for c in chunks]
                return _best(scored, matches, worth)
        middle = matches[0].start if matches else 0
        start = max(0, middle - _WINDOW // 2)
        return _Passage(start, min(len(note.text), start + _WINDOW), ())


def _is_current(note: Note, chunk: StoredChunk) -> bool:
    """False when the text at the chunk's place is not what it was cut from."""
    return chunk.end <= len(note.text) and chunk.embedded_text.endswith(embeddable(note.text[chunk.start : chunk.end]))


def _best(
    passages: Sequence[tuple[float, int, int, tuple[str, ...]]], matches: list[WordMatch], word_worth: float
) -> _Passage:
    """The best of (similarity, start, end, heading path): similarity plus a little for each distinct matched word."""

    def worth(passage: tuple[float, int, int, tuple[str, ...]]) -> float:
        similarity, start, end, _ = passage
        words = {match.word for match in matches if start <= match.start and match.end <= end}
        return similarity + word_worth * len(words)

    if len(passages) * len(matches) > 200_000:  # a huge note full of the words: its nearest passage will do
        matches = []
    _, start, end, heading_path = max(passages, key=worth)
    return _Passage(start, end, heading_path)


class _Weigher:
    """How much of a question a note answers in words: the share of the idf weight of the words it holds."""

    def __init__(self, query: Query, frequencies: Mapping[str, int], note_count: int) -> None:
        self._weights = {
            word: math.log(1.0 + (note_count + 1.0) / (frequencies.get(word, 0) + 0.5)) for word in query.words
        }
        self._total = sum(self._weights.values())

    def share(self, note: Note, matches: list[WordMatch], matcher: WordMatcher) -> float:
        """0 to 1; title, tags and front matter count like the text."""
        if not self._total:
            return 1.0
        found = {match.word for match in matches}
        beside = "\n".join((note.title, *note.tags, other_properties(note.front_matter)))
        found.update(match.word for match in matcher.matches(beside))
        return sum(weight for word, weight in self._weights.items() if word in found) / self._total
