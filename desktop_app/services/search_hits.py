"""From notes in order to what a person sees: the passage and the matched words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chunking import Chunker, embeddable
from desktop_app.domain.notes import Note
from desktop_app.domain.page_marks import page_at
from desktop_app.domain.query import Query
from desktop_app.domain.ranking import Floors, fluency
from desktop_app.domain.search import FLUENT_LETTERS_PER_PIECE, SearchHit, SimilarityMeasure, StoredChunk
from desktop_app.domain.word_matching import WordMatch, spans_within
from desktop_app.services.hit_choice import Candidate, Choice, Coverage
from desktop_app.services.ports import NoteStore, PassageStore
from desktop_app.services.vector_matrix import Similarities

_LEAST_FLUENCY = 0.4
_SPELLED, _SPELLED_UNSPACED = 1.5, 2.1
"""Letters for a piece; a character of a script without blanks counts as two."""

_FIRST_PART = 25
_MOST_LOOKED_AT = 8
"""Notes looked at for each one wanted, before giving up on finding more hits."""

_MOST_MATCHED_WORDS = 12
_MOST_PASSAGES = 40
"""Of a long note only the nearest passages are considered."""

_CUT_AFRESH_CHARACTERS = 500_000
_WINDOW = 600


class MeaningLeg(msgspec.Struct, frozen=True):
    """What meaning says about a question; `nearest` are the notes worth a look, best first.

    `messages` is what it says of chats, where these are looked at, too.
    """

    similarities: Similarities
    known_words: frozenset[str]
    floors: Floors
    notes_unindexed: int
    nearest: Mapping[int, float]
    measure: SimilarityMeasure = SimilarityMeasure.COSINE
    deviation: float = 0.08
    letters_per_piece: float = FLUENT_LETTERS_PER_PIECE
    messages: MeaningLeg | None = None

    @property
    def reads(self) -> bool:
        """Whether the encoder reads the question's language well enough to have a say in what is a hit."""
        return fluency(self.letters_per_piece) >= _LEAST_FLUENCY

    def only_spells(self, query: Query) -> bool:
        """Whether the encoder takes the question letter by letter, as scripts that it was never taught."""
        spelled = _SPELLED_UNSPACED if query.runs else _SPELLED
        return bool(query.runs or query.languages) and self.letters_per_piece <= spelled

    @property
    def word_worth(self) -> float:
        """What a matched word adds to a passage, in similarity, when the passage to show is chosen."""
        return 0.05 if self.measure is SimilarityMeasure.COSINE else 0.65 * self.deviation

    @property
    def of_unknown(self) -> float:
        """The similarity that a passage without a vector is taken to have."""
        return 0.0 if self.measure is SimilarityMeasure.COSINE else self.floors.weak


_WORTH_WITHOUT_MEANING = 0.05
"""What a matched word is worth where there is no meaning; the similarity of every passage is 0 then."""


class _Found(msgspec.Struct, frozen=True):
    """A note that will be shown, with the words that matched in it."""

    candidate: Candidate
    note: Note
    matches: list[WordMatch]


class Passage(msgspec.Struct, frozen=True):
    """Characters [start, end) of a note, and how near they are to the question."""

    similarity: float
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
        choice = Choice(
            query,
            Coverage(query, frequencies, note_count),
            words_suffice=words_suffice(query, meaning),
        )
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

    def _weak(self, choice: Choice, wanted: int) -> list[tuple[Candidate, Note]]:
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
            page=page_at(note.text, passage.start),
        )

    def _passage(
        self, note: Note, matches: list[WordMatch], stored: Sequence[StoredChunk], meaning: MeaningLeg | None
    ) -> Passage:
        """The passage nearest in meaning; of several about as near, or without meaning, the one with the most words."""
        passages = passages_of(note, stored, meaning, self._chunker)
        if passages:
            return _best(passages, matches, meaning.word_worth if meaning is not None else _WORTH_WITHOUT_MEANING)
        middle = matches[0].start if matches else 0
        start = max(0, middle - _WINDOW // 2)
        return Passage(0.0, start, min(len(note.text), start + _WINDOW), ())


def passages_of(
    note: Note, stored: Sequence[StoredChunk], meaning: MeaningLeg | None, chunker: Chunker
) -> list[Passage]:
    """Those that are stored with their similarity; cut afresh where the text is newer than they are, or has none yet.
    Empty for a text that is too long for that.
    """
    cosines = meaning.similarities.passages(note.id) if meaning is not None else {}
    unknown = meaning.of_unknown if meaning is not None else 0.0
    if stored and all(_is_current(note, chunk) for chunk in stored):
        return [Passage(cosines.get(each.id, unknown), each.start, each.end, each.heading_path) for each in stored]
    if len(note.text) > _CUT_AFRESH_CHARACTERS:
        return []
    known = {chunk.hash: cosines.get(chunk.id, unknown) for chunk in stored}
    afresh = chunker.chunks(note.title, note.text)
    return [Passage(known.get(each.hash, unknown), each.start, each.end, each.heading_path) for each in afresh]


def _is_current(note: Note, chunk: StoredChunk) -> bool:
    """False when the text at the chunk's place is not what it was cut from."""
    return chunk.end <= len(note.text) and chunk.embedded_text.endswith(embeddable(note.text[chunk.start : chunk.end]))


def _best(passages: Sequence[Passage], matches: list[WordMatch], word_worth: float) -> Passage:
    """The best passage: its similarity plus a little for each distinct matched word."""

    def worth(passage: Passage) -> float:
        words = {match.word for match in matches if passage.start <= match.start and match.end <= passage.end}
        return passage.similarity + word_worth * len(words)

    if len(passages) * len(matches) > 200_000:  # a huge note full of the words: its nearest passage will do
        matches = []
    return max(passages, key=worth)


def _worth_reading(cosines: Mapping[int, float], found: _Found, word_worth: float) -> list[int]:
    """The passages (chunk ids) that can be the best one, nearest first, few of a long note: words outweigh so much and
    no more.
    """
    nearest = sorted(cosines, key=lambda chunk_id: -cosines[chunk_id])
    if not found.matches:
        return nearest[:1]
    least = cosines[nearest[0]] - word_worth * len({match.word for match in found.matches}) - 1e-6
    return [chunk_id for chunk_id in nearest[:_MOST_PASSAGES] if cosines[chunk_id] >= least]


def words_suffice(query: Query, meaning: MeaningLeg | None) -> bool:
    """Whether any word that was found makes a hit: without meaning, and where the question is in a language of the
    notebook that the encoder hardly reads. Pairs of letters of a script without blanks are no words yet.
    """
    return meaning is None or (bool(query.languages) and not query.runs and not meaning.reads)


def _parts(candidates: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    """A first few, which are mostly enough, and then more at a time, since each read of the store has its price."""
    start, size = 0, _FIRST_PART
    while start < len(candidates):
        yield candidates[start : start + size]
        start, size = start + size, 2 * size
