"""Beside a result: how many notes its question finds in all, where they lie, and the other places in those shown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chunking import Chunker
from desktop_app.domain.notes import Note
from desktop_app.domain.page_marks import page_at
from desktop_app.domain.query import Query
from desktop_app.domain.search import HitPlace, ResultSurvey, SearchHit, SearchResult, StoredChunk
from desktop_app.domain.word_matching import WordMatch, spans_within
from desktop_app.services.hit_choice import LEAST_COVERAGE, Candidate, Choice, Coverage
from desktop_app.services.ports import NoteStore, PassageStore
from desktop_app.services.search_hits import MeaningLeg, Passage, passages_of, words_suffice

MOST_PLACES = 20
"""Of one note, beside the passage that is shown; the best are kept."""

_PART = 40
_MOST_CHARACTERS = 20_000_000
"""Of texts that are read for one survey."""

_MOST_PASSAGES = 2_000
_MOST_COMPARISONS = 200_000
_WORD_WORTH = 0.05
_DEVIATIONS_BELOW = 1.5
_SHARE_OF_BEST = 0.8
"""Where one passage has most of the words, others with one of them are no places."""

IsNear = Callable[[float, bool], bool]
"""Whether a similarity alone makes a hit; the second argument says that words of the question stand there, too."""


class Found(msgspec.Struct, frozen=True):
    """What the legs of a search found, in order, before it was cut to what is shown.

    Attributes: as `HitBuilder.build` takes them; `is_near` is the floor of this question.
    """

    query: Query
    frequencies: Mapping[str, int]
    note_count: int
    candidates: Sequence[Candidate]
    meaning: MeaningLeg | None
    is_near: IsNear
    complete: bool


class ResultSurveyor:
    """Reads more of the store than a search may: nobody waits for it."""

    def __init__(self, notes: NoteStore, passages: PassageStore, chunker: Chunker | None = None) -> None:
        self._notes = notes
        self._passages = passages
        self._chunker = chunker or Chunker()

    def surveyed(self, result: SearchResult, found: Found, cancel: CancelToken) -> SearchResult:
        """`result` with its survey, and with the other places of its hits. Raises CancelledError, StoreError."""
        coverage = Coverage(found.query, found.frequencies, found.note_count)
        choice = Choice(found.query, coverage, words_suffice=words_suffice(found.query, found.meaning))
        shown = {hit.note_id: hit for hit in result.hits}
        kept: dict[int, Note] = {}
        complete = found.complete
        read = 0
        for part in _parts(found.candidates):
            cancel.raise_if_cancelled()
            if read > _MOST_CHARACTERS:
                complete = False
                break
            notes = self._notes_of(choice.worth_reading(part))
            read += sum(len(note.text) for note in notes.values())
            choice.look_at(part, notes)
            kept.update((note_id, note) for note_id, note in notes.items() if note_id in shown)
        hits = [note for _, note in choice.strong]
        survey = ResultSurvey(
            max(len(hits), len(result.hits)),
            complete,
            _counted((note.folder,) if note.folder else () for note in hits),
            _counted(note.tags for note in hits),
        )
        matches = {each.note_id: choice.matches(each, note) for each, note in choice.strong if note.id in shown}
        places = self._places(kept, matches, found, coverage, shown, cancel)
        with_places = tuple(replace(hit, more_places=places.get(hit.note_id, ())) for hit in result.hits)
        return replace(result, hits=with_places, survey=survey)

    def _places(
        self,
        notes: Mapping[int, Note],
        matches: Mapping[int, list[WordMatch]],
        found: Found,
        coverage: Coverage,
        shown: Mapping[int, SearchHit],
        cancel: CancelToken,
    ) -> dict[int, tuple[HitPlace, ...]]:
        if not found.query.terms and found.meaning is None:  # filters alone: all of each note was asked for
            return {}
        stored = self._stored(notes, found.meaning)
        places: dict[int, tuple[HitPlace, ...]] = {}
        for note_id, note in notes.items():
            cancel.raise_if_cancelled()
            own = matches.get(note_id, [])
            passages = passages_of(note, stored.get(note_id, ()), found.meaning, self._chunker)
            if len(passages) * len(own) <= _MOST_COMPARISONS:
                places[note_id] = _places_in(note, passages, own, found, coverage, shown[note_id])
        return places

    def _stored(self, notes: Mapping[int, Note], meaning: MeaningLeg | None) -> dict[int, list[StoredChunk]]:
        """All passages of these notes; none of one that has too many of them."""
        wanted = [
            note_id
            for note_id in notes
            if meaning is None or len(meaning.similarities.passages(note_id)) <= _MOST_PASSAGES
        ]
        passages: dict[int, list[StoredChunk]] = {}
        for chunk in self._passages.chunks_of(wanted) if wanted else []:
            passages.setdefault(chunk.note_id, []).append(chunk)
        return passages

    def _notes_of(self, note_ids: Sequence[int]) -> dict[int, Note]:
        """The notes that exist outside the trash, by id."""
        if not note_ids:
            return {}
        return {note.id: note for note in self._notes.get_many(note_ids) if note.trashed_at is None}


def _places_in(
    note: Note,
    passages: Sequence[Passage],
    matches: Sequence[WordMatch],
    found: Found,
    coverage: Coverage,
    shown: SearchHit,
) -> tuple[HitPlace, ...]:
    """The passages beside the one that is shown which would be hits were they notes of their own, in the order of the
    text.
    """
    phrases = {" ".join(phrase) for phrase in found.query.phrases}
    words = [
        {match.word for match in matches if each.start <= match.start and match.end <= each.end} for each in passages
    ]
    least_near = _least_near(passages, found)
    least_share = max(LEAST_COVERAGE, _SHARE_OF_BEST * max(map(coverage.share, words), default=0.0))
    worth: list[tuple[float, Passage]] = []
    for each, own in zip(passages, words, strict=True):
        by_words = bool(own) and phrases <= own and (bool(phrases) or coverage.share(own) >= least_share)
        near = not phrases and each.similarity >= least_near and found.is_near(each.similarity, bool(own))
        if (by_words or near) and not _overlaps(each, shown):
            word_worth = found.meaning.word_worth if found.meaning is not None else _WORD_WORTH
            worth.append((each.similarity + word_worth * len(own), each))
    worth.sort(key=lambda pair: -pair[0])
    best = sorted((each for _, each in worth[:MOST_PLACES]), key=lambda each: each.start)
    return tuple(
        HitPlace(
            start=each.start,
            end=each.end,
            heading_path=each.heading_path,
            passage=note.text[each.start : each.end],
            word_spans=spans_within(list(matches), each.start, each.end),
            similarity=each.similarity if found.meaning is not None else None,
            page=page_at(note.text, each.start),
        )
        for each in best
    )


def _least_near(passages: Sequence[Passage], found: Found) -> float:
    """Not all of a note that is about the question is worth going to: only what is about as near as its best."""
    if found.meaning is None or not passages:
        return math.inf
    return max(each.similarity for each in passages) - _DEVIATIONS_BELOW * found.meaning.deviation


def _overlaps(passage: Passage, hit: SearchHit) -> bool:
    return passage.start < hit.end and hit.start < passage.end


def _counted(paths_of_notes: Iterable[Sequence[str]]) -> tuple[tuple[str, int], ...]:
    """Folders or tags with the number of their notes, those below them counted in, most first, then by name. One that
    has no notes beside those of one below it is left out.
    """
    counts: Counter[str] = Counter()
    for paths in paths_of_notes:
        counts.update({above for path in paths for above in _with_those_above(path)})
    same_below = {
        above for path, number in counts.items() for above in _with_those_above(path)[:-1] if counts[above] == number
    }
    named = [(path, number) for path, number in counts.items() if path not in same_below]
    return tuple(sorted(named, key=lambda pair: (-pair[1], pair[0])))


def _with_those_above(path: str) -> list[str]:
    """ "a/b/c" with "a" and "a/b", the uppermost first."""
    names = path.split("/")
    return ["/".join(names[:depth]) for depth in range(1, len(names) + 1)]


def _parts(candidates: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    return (candidates[at : at + _PART] for at in range(0, len(candidates), _PART))
