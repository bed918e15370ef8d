"""Finding notes: words at once, meaning as soon as the encoder can, both joined into one order."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, InkwellError
from desktop_app.domain.query import Query, match_expression, parse_query
from desktop_app.domain.ranking import CANDIDATES, Floors, dense_weight, floors_of, fuse, known_share, ranks
from desktop_app.domain.search import LoadedEncoder, QueryEmbedding, SearchMode, SearchResult
from desktop_app.services.indexing import EnsureEncoder
from desktop_app.services.later import Later
from desktop_app.services.nearest_sentence import NearestSentence
from desktop_app.services.ports import EncoderPort, NoteStore, PassageStore, WordIndex
from desktop_app.services.search_hits import Candidate, HitBuilder, MeaningLeg
from desktop_app.services.vector_matrix import VectorMatrix

WORDS_FIRST_SECONDS = 0.12
"""Where meaning takes longer than this, the words alone are shown first."""

_COUNT_SECONDS = 2.0
_REMEMBERED_QUESTIONS = 64


@dataclass(frozen=True, slots=True)
class _Words:
    """The word leg: BM25 by note, and how often each word of the question stands in the notes."""

    scores: Mapping[int, float]
    frequencies: Mapping[str, int]
    note_count: int


@dataclass(slots=True)
class _Loading:
    """When the encoder was there, or could not be had, by the monotonic clock."""

    over_at: float = 0.0


class SearchService:
    """Searches notes. Thread-safe; a search holds nothing between its results.

    Args:
        ensure_encoder: loads the encoder the settings ask for; called in a thread of its own, and never cancelled by a
            search (ending the encoder's process ends it).
        dense_weight: the setting `search.dense_weight`, asked at each search.
        words_first_seconds: see WORDS_FIRST_SECONDS.
    """

    def __init__(
        self,
        notes: NoteStore,
        passages: PassageStore,
        words: WordIndex,
        encoder: EncoderPort,
        ensure_encoder: EnsureEncoder,
        *,
        dense_weight: Callable[[], float] = lambda: 0.7,
        matrix: VectorMatrix | None = None,
        words_first_seconds: float = WORDS_FIRST_SECONDS,
    ) -> None:
        self._passages = passages
        self._words = words
        self._encoder = encoder
        self._ensure_encoder = ensure_encoder
        self._dense_weight = dense_weight
        self._matrix = matrix or VectorMatrix(passages)
        self._words_first_seconds = words_first_seconds
        self._hits = HitBuilder(notes, passages)
        self._nearest = NearestSentence(encoder)
        self._lock = threading.Lock()
        self._embedded: OrderedDict[tuple[str, str], QueryEmbedding] = OrderedDict()
        self._unindexed: tuple[float, str, int] | None = None
        self._loading: Later[LoadedEncoder] | None = None

    def search(
        self,
        query: str,
        mode: SearchMode = SearchMode.BOTH,
        limit: int = 20,
        cancel: CancelToken | None = None,
        *,
        typing: bool = True,
    ) -> Iterator[SearchResult]:
        """Answers, the last one final. A words-only answer comes first when the encoder is not ready or slow.

        Args:
            typing: the last word may still grow, so its beginning counts as well.

        Raises CancelledError, StoreError. A missing or broken encoder is no error: see `SearchResult.meaning_problem`.
        """
        started = time.monotonic()
        token = cancel or CancelToken()
        parsed = parse_query(query, typing=typing)
        if not parsed.text:
            yield SearchResult(query, mode, (), 0.0)
            return
        loading = _Loading()
        meaning = (
            Later(lambda: self._meaning(parsed, token, loading), "search meaning")
            if mode is not SearchMode.WORDS
            else None
        )
        words = self._word_leg(parsed)
        words_done = time.monotonic()
        token.raise_if_cancelled()
        if meaning is None:
            yield self._result(parsed, mode, limit, words, None, started, token)
            return
        if not meaning.wait(self._words_first_seconds):
            result = self._result(parsed, mode, limit, words, None, started, token)
            yield replace(result, query=query, meaning_ready=False, final=False)
            meaning.wait_or_cancel(token)
        token.raise_if_cancelled()
        try:
            leg = meaning.result()
        except CancelledError:
            token.raise_if_cancelled()
            leg, problem = None, "The search model was unloaded meanwhile."
        except InkwellError as error:
            leg, problem = None, str(error)
        else:
            problem = ""
        result = self._result(parsed, mode, limit, words, leg, started, token)
        # Words are sought while the encoder loads: only what was waited for after them is no searching.
        waited = max(0.0, loading.over_at - words_done)
        yield replace(
            result,
            query=query,
            meaning_ready=leg is not None,
            meaning_problem=problem,
            seconds=result.seconds - waited,
            loading_seconds=waited,
        )

    def search_once(
        self, query: str, mode: SearchMode = SearchMode.BOTH, limit: int = 20, cancel: CancelToken | None = None
    ) -> SearchResult:
        """The final answer to a question that is typed out; loads the encoder and waits for it. Raises as `search`."""
        result = SearchResult(query, mode, (), 0.0)
        for answer in self.search(query, mode, limit, cancel, typing=False):
            result = answer
        return result

    def explain_nearest(self, result: SearchResult, cancel: CancelToken | None = None) -> SearchResult:
        """`result` with the sentence nearest in meaning marked in each hit that meaning found.

        Raises CancelledError, ModelError, WorkerError.
        """
        return self._nearest.explain(result, cancel)

    # The legs ------------------------------------------------------------------------------------

    def _word_leg(self, query: Query) -> _Words:
        frequencies = self._words.document_frequencies(query.terms) if query.terms else {}
        expression = match_expression(query, frequencies)
        found = self._words.search_notes(expression, CANDIDATES) if expression else []
        return _Words(dict(found), frequencies, self._words.note_count())

    def _meaning(self, query: Query, cancel: CancelToken, loading: _Loading) -> MeaningLeg:
        try:
            loaded = self._encoder_loaded(cancel)
        finally:
            loading.over_at = time.monotonic()
        embedding = self._embedding(loaded.fingerprint, query.text, cancel)
        return MeaningLeg(
            similarities=self._matrix.similarities(loaded.fingerprint, embedding.vector),
            known_words=embedding.known_words,
            floors=floors_of(loaded.unrelated_similarity, loaded.unrelated_deviation),
            notes_unindexed=self._notes_unindexed(loaded.fingerprint),
        )

    def _encoder_loaded(self, cancel: CancelToken) -> LoadedEncoder:
        """Wait for the encoder. A load goes on when the question is dropped: the next one, a letter longer, needs it,
        too, and a load that every key began anew would never end.
        """
        with self._lock:
            if self._loading is None or self._loading.over:
                self._loading = Later(self._ensure_encoder, "search model")
            loading = self._loading
        loading.wait_or_cancel(cancel)
        cancel.raise_if_cancelled()
        return loading.result()

    def _embedding(self, fingerprint: str, text: str, cancel: CancelToken) -> QueryEmbedding:
        key = (fingerprint, text)
        with self._lock:
            known = self._embedded.get(key)
        if known is not None:
            return known
        embedding = self._encoder.embed_query(text, cancel)
        with self._lock:
            self._embedded[key] = embedding
            while len(self._embedded) > _REMEMBERED_QUESTIONS:
                self._embedded.popitem(last=False)
        return embedding

    def _notes_unindexed(self, fingerprint: str) -> int:
        """Counted at most every two seconds: the store looks at every passage for it."""
        now = time.monotonic()
        with self._lock:
            known = self._unindexed
        if known is not None and known[1] == fingerprint and now - known[0] < _COUNT_SECONDS:
            return known[2]
        count = self._passages.counts(fingerprint)[1]
        with self._lock:
            self._unindexed = (time.monotonic(), fingerprint, count)
        return count

    # Joining them --------------------------------------------------------------------------------

    def _result(
        self,
        query: Query,
        mode: SearchMode,
        limit: int,
        words: _Words,
        meaning: MeaningLeg | None,
        started: float,
        cancel: CancelToken,
    ) -> SearchResult:
        word_scores = {} if mode is SearchMode.MEANING and meaning is not None else words.scores
        candidates = self._candidates(query, mode, word_scores, words, meaning)
        hits, weaker = self._hits.build(query, words.frequencies, words.note_count, candidates, meaning, limit, cancel)
        return SearchResult(
            query=query.text,
            mode=mode,
            hits=hits,
            seconds=time.monotonic() - started,
            notes_unindexed=meaning.notes_unindexed if meaning is not None else 0,
            weaker=weaker,
        )

    def _candidates(
        self,
        query: Query,
        mode: SearchMode,
        word_scores: Mapping[int, float],
        words: _Words,
        meaning: MeaningLeg | None,
    ) -> list[Candidate]:
        """All notes worth a look in their fused order; `related` where meaning alone is enough to show one."""
        word_ranks = ranks(word_scores)
        near: dict[int, float] = {}
        floor = _Floor(1.0, 1.0)
        if meaning is not None:
            floor = _floor(meaning.floors, known_share(query, words.frequencies, meaning.known_words))
            top = meaning.similarities.top(CANDIDATES)
            near = {note_id: cosine for note_id, cosine in top.items() if cosine >= floor.weak}
        meaning_ranks = ranks(near)
        cosines = near if meaning is None else near | meaning.similarities.of(word_scores.keys() - near.keys())
        weight = 1.0 if mode is SearchMode.MEANING else self._dense_weight()
        if meaning is None:
            weight = 0.0
        elif mode is SearchMode.BOTH:
            weight = dense_weight(weight, query, words.frequencies, words.note_count, meaning.known_words)
        background = meaning.similarities.background if meaning is not None else 0.0
        return [
            Candidate(
                note_id=note_id,
                score=score,
                words_rank=word_ranks.get(note_id),
                meaning_rank=meaning_ranks.get(note_id),
                similarity=cosines.get(note_id),
                related=cosines.get(note_id, -1.0) >= floor.shown,
            )
            for note_id, score in fuse(word_scores, cosines, weight, background)
        ]


@dataclass(frozen=True, slots=True)
class _Floor:
    """`shown`: near enough for a hit; `weak`: near enough for a weaker match."""

    shown: float
    weak: float


def _floor(floors: Floors, share: float) -> _Floor:
    """Between the strict and the ordinary floor, by the share of the question's words that anybody knows."""
    shown = floors.ordinary + (floors.strict - floors.ordinary) * (1.0 - share)
    return _Floor(shown, floors.weak if share > 0.0 else shown)
