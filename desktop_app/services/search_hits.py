"""From notes in order to what a person sees: the passage, the matched words, and whether it is worth showing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chunking import Chunker, embeddable
from desktop_app.domain.front_matter import other_properties
from desktop_app.domain.notes import Note
from desktop_app.domain.query import Query, is_unspaced
from desktop_app.domain.ranking import Floors, word_weight
from desktop_app.domain.search import FLUENT_LETTERS_PER_PIECE, SearchHit, SimilarityMeasure, StoredChunk
from desktop_app.domain.word_matching import WordMatch, WordMatcher, spans_within
from desktop_app.services.ports import NoteStore, PassageStore
from desktop_app.services.vector_matrix import Similarities

LEAST_COVERAGE = 0.5
"""A note found by words alone is a hit when its words carry at least this share of the question's weight (idf)."""

_WORTH_OF_UNKNOWN_PAIR = 0.4
_FIRST_PART = 25
_MOST_LOOKED_AT = 8
"""Notes looked at for each one wanted, before giving up on finding more hits."""

_MOST_MATCHED_WORDS = 12
_MOST_PASSAGES = 40
"""Of a long note only the nearest passages are considered."""

_CUT_AFRESH_CHARACTERS = 500_000
_WINDOW = 600


class MeaningLeg(msgspec.Struct, frozen=True):
    """What meaning says about a question."""

    similarities: Similarities
    known_words: frozenset[str]
    floors: Floors
    notes_unindexed: int
    measure: SimilarityMeasure = SimilarityMeasure.COSINE
    deviation: float = 0.08
    letters_per_piece: float = FLUENT_LETTERS_PER_PIECE

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


class Candidate(msgspec.Struct, frozen=True):
    """A note in the fused order. `related`: its similarity alone makes it a hit."""

    note_id: int
    score: float
    words_rank: int | None
    meaning_rank: int | None
    similarity: float | None
    related: bool


class _Found(msgspec.Struct, frozen=True):
    """A note that will be shown, with the words that matched in it."""

    candidate: Candidate
    note: Note
    matches: list[WordMatch]


class _Passage(msgspec.Struct, frozen=True):
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
        choice = _Choice(query, _Coverage(query, frequencies, note_count), words_suffice=meaning is None)
        looked_at = candidates[: limit * _MOST_LOOKED_AT]
        for part in _parts(looked_at):
            cancel.raise_if_cancelled()
            choice.look_at(part, self._notes_of(choice.worth_reading(part)))
            if len(choice.strong) >= limit:
                break
        strong = choice.strong[:limit]
        weak = self._weak(choice, limit - len(strong))
        shown = [_Found(candidate, note, choice.matches(candidate, note)) for candidate, note in (*strong, *weak)]
        passages = self._stored_passages(shown, meaning)
        hits = [self._hit(found, passages.get(found.note.id, []), meaning) for found in shown]
        return tuple(hits[: len(strong)]), tuple(hits[len(strong) :])

    def _weak(self, choice: _Choice, wanted: int) -> list[tuple[Candidate, Note]]:
        """The first of the weaker candidates whose notes are there. Their texts are read now, as many as are shown."""
        weak: list[tuple[Candidate, Note]] = []
        rest = choice.weak
        while rest and len(weak) < wanted:
            part, rest = rest[: wanted - len(weak)], rest[wanted - len(weak) :]
            notes = self._notes_of([candidate.note_id for candidate in part])
            weak += [(candidate, notes[candidate.note_id]) for candidate in part if candidate.note_id in notes]
        return weak

    def _notes_of(self, note_ids: Sequence[int]) -> dict[int, Note]:
        """The notes that exist outside the trash, by id."""
        if not note_ids:
            return {}
        return {note.id: note for note in self._notes.get_many(note_ids) if note.trashed_at is None}

    def _stored_passages(self, found: Sequence[_Found], meaning: MeaningLeg | None) -> dict[int, list[StoredChunk]]:
        """Passages that could be shown, by note."""
        ids: list[int] = []
        whole: list[int] = []
        for one in found:
            cosines = meaning.similarities.passages(one.note.id) if meaning is not None else {}
            if cosines:
                ids.extend(_worth_reading(cosines, one, meaning.word_worth if meaning is not None else 0.0))
            else:
                whole.append(one.note.id)
        passages: dict[int, list[StoredChunk]] = {}
        of_whole = self._passages.chunks_of(whole) if whole else []
        by_id = self._passages.chunks_by_id(ids) if ids else []
        for chunk in (*of_whole, *by_id):
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


def _worth_reading(cosines: Mapping[int, float], found: _Found, word_worth: float) -> list[int]:
    """The passages (chunk ids) that can be the best one, nearest first, few of a long note: words outweigh so much and
    no more.
    """
    nearest = sorted(cosines, key=lambda chunk_id: -cosines[chunk_id])
    if not found.matches:
        return nearest[:1]
    least = cosines[nearest[0]] - word_worth * len({match.word for match in found.matches}) - 1e-6
    return [chunk_id for chunk_id in nearest[:_MOST_PASSAGES] if cosines[chunk_id] >= least]


def _parts(candidates: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    """A first few, which are mostly enough, and then more at a time, since each read of the store has its price."""
    start, size = 0, _FIRST_PART
    while start < len(candidates):
        yield candidates[start : start + size]
        start, size = start + size, 2 * size


class _Choice:
    """Which candidates are hits, in their order; for one search.

    Args:
        words_suffice: any word that was found makes a hit.
    """

    def __init__(self, query: Query, coverage: _Coverage, *, words_suffice: bool) -> None:
        self.strong: list[tuple[Candidate, Note]] = []
        self.weak: list[Candidate] = []
        self._coverage = coverage
        self._words_suffice = words_suffice or bool(query.phrases)

    def worth_reading(self, candidates: Sequence[Candidate]) -> list[int]:
        """The notes without whose text it cannot be said, and those of hits."""
        return [each.note_id for each in candidates if each.related or each.words_rank is not None]

    def look_at(self, candidates: Sequence[Candidate], notes: Mapping[int, Note]) -> None:
        """Put each where it belongs; one that had to be read and is not there is left out."""
        for each in candidates:
            if not each.related and each.words_rank is None:
                self.weak.append(each)
            elif (note := notes.get(each.note_id)) is not None:
                if each.related or self._suffices(note):
                    self.strong.append((each, note))
                else:
                    self.weak.append(each)

    def _suffices(self, note: Note) -> bool:
        if self._words_suffice:
            return not self._coverage.has_letters_only(note)
        return self._coverage.suffices(note)

    def matches(self, candidate: Candidate, note: Note) -> list[WordMatch]:
        """The words to mark in a note; none where words did not find it."""
        return self._coverage.matches(note) if candidate.words_rank is not None else []


class _Coverage:
    """How much of a question a note answers in words: the share of the idf weight of the words it holds."""

    def __init__(self, query: Query, frequencies: Mapping[str, int], note_count: int) -> None:
        self._matcher = WordMatcher(query)
        self._weights = {word: word_weight(frequencies.get(word, 0), note_count) for word in query.words}
        for word in query.words:  # of what was cut in pairs, many are no words
            if is_unspaced(word) and not frequencies.get(word, 0):
                self._weights[word] *= _WORTH_OF_UNKNOWN_PAIR
        self._forms = [form.text for form in query.forms if frequencies.get(form.text, 0)]
        if self._forms:  # the letters alone are not what was asked for
            self._weights = {word: self._weights[word] for word in query.words if word not in query.form_words}
            self._weights.update((form, word_weight(frequencies[form], note_count)) for form in self._forms)
        self._least = LEAST_COVERAGE * sum(self._weights.values())

    def suffices(self, note: Note) -> bool:
        """Whether it is LEAST_COVERAGE; title, tags and front matter count like the text."""
        if not self._least:
            return True
        found = self._found(note)
        return sum(weight for word, weight in self._weights.items() if word in found) >= self._least

    def has_letters_only(self, note: Note) -> bool:
        """Whether it has the letters of words with signs, and neither any of these nor another word."""
        return bool(self._forms) and self._found(note).isdisjoint(self._weights)

    def _found(self, note: Note) -> set[str]:
        beside = "\n".join((note.title, *(f"#{tag}" for tag in note.tags), other_properties(note.front_matter)))
        found = self._matcher.words_in(note.text) | self._matcher.words_in(beside)
        if self._forms:
            found |= self._matcher.forms_in(note.text) | self._matcher.forms_in(beside)
        return found

    def matches(self, note: Note) -> list[WordMatch]:
        """Where words of the question stand in its text."""
        return self._matcher.matches(note.text)
