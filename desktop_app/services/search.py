"""Finding notes and messages: words at once, meaning as soon as the encoder can, both joined into one order."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_search import FoundPassages, MessagePassage, MessagesByWords
from desktop_app.domain.errors import CancelledError, InkwellError, NotFoundError
from desktop_app.domain.query import TYPED, TYPING, Query, parse_query
from desktop_app.domain.ranking import CANDIDATES, Floors, floors_of
from desktop_app.domain.search import (
    FLUENT_LETTERS_PER_PIECE,
    LoadedEncoder,
    NonsenseNearness,
    QueryEmbedding,
    SearchHit,
    SearchMode,
    SearchOrder,
    SearchResult,
    WordLikeness,
)
from desktop_app.domain.search_question import Question, Scope, parse_question
from desktop_app.services.asked_question import Asked
from desktop_app.services.index_ports import QuestionEncoder
from desktop_app.services.indexing import EnsureEncoder
from desktop_app.services.later import Later
from desktop_app.services.nearest_sentence import NearestSentence
from desktop_app.services.ports import NoteSieve, NoteStore, PassageStore, WordIndex
from desktop_app.services.result_survey import ResultSurveyor
from desktop_app.services.search_hits import HitBuilder, MeaningLeg
from desktop_app.services.search_joining import Joining, listed_candidate
from desktop_app.services.term_reading import TermReading
from desktop_app.services.vector_matrix import Similarities, VectorMatrix
from desktop_app.services.word_leg import WordLeg, Words

WORDS_FIRST_SECONDS = 0.12
"""Where meaning takes longer than this, the words alone are shown first."""

_COUNT_SECONDS = 2.0
_REMEMBERED_QUESTIONS = 64


class MessageFinding(Protocol):
    """Finds what was said in chats (services/chat_search.py)."""

    def by_words(self, question: Question, *, order: SearchOrder, typing: bool, limit: int) -> MessagesByWords: ...

    def passages(self, words: MessagesByWords, limit: int) -> tuple[MessagePassage, ...]: ...

    def leg(
        self, question: Question, loaded: LoadedEncoder, embedding: QueryEmbedding, floors: Floors
    ) -> MeaningLeg | None: ...

    def blended(
        self,
        words: MessagesByWords,
        leg: MeaningLeg,
        *,
        mode: SearchMode,
        order: SearchOrder,
        limit: int,
        dense_weight: float,
    ) -> FoundPassages: ...


class _Loading(msgspec.Struct):
    """When the encoder was there, or could not be had, by the monotonic clock."""

    over_at: float = 0.0


class OnlyMessages(msgspec.Struct, frozen=True):
    """What meaning says of a question that is asked of chats alone; None where the encoder has read none."""

    messages: MeaningLeg | None

    def only_spells(self, query: Query) -> bool:
        """As MeaningLeg.only_spells."""
        return self.messages is not None and self.messages.only_spells(query)


_Leg = TypeVar("_Leg", MeaningLeg, OnlyMessages)


class SearchedStores(msgspec.Struct, frozen=True):
    """Where notes are searched: themselves, their passages with vectors, their words, and what filters let through."""

    notes: NoteStore
    passages: PassageStore
    words: WordIndex
    sieve: NoteSieve


class SearchService:
    """Searches notes and chats. Thread-safe; a search holds nothing between its results.

    Args:
        encoder: answers with the vectors that serve.
        ensure_encoder: loads it; called in a thread of its own, and never cancelled by a search (ending the encoder's
            process ends it).
        messages: the search through chats; without it notes alone are found.
        dense_weight: the setting `search.dense_weight`, asked at each search.
        nonsense: what was measured with an encoder's vectors (its fingerprint), None where nothing was.
        words_first_seconds: see WORDS_FIRST_SECONDS.
        today: what dates in words are reckoned from.
    """

    def __init__(
        self,
        stores: SearchedStores,
        encoder: QuestionEncoder,
        ensure_encoder: EnsureEncoder,
        *,
        messages: MessageFinding | None = None,
        dense_weight: Callable[[], float] = lambda: 0.7,
        nonsense: Callable[[str], NonsenseNearness | None] = lambda _fingerprint: None,
        matrix: VectorMatrix | None = None,
        words_first_seconds: float = WORDS_FIRST_SECONDS,
        today: Callable[[], date] = date.today,
    ) -> None:
        notes, passages = stores.notes, stores.passages
        self._notes = notes
        self._passages = passages
        self._words = stores.words
        self._sieve = stores.sieve
        self._encoder = encoder
        self._ensure_encoder = ensure_encoder
        self._messages = messages
        self._dense_weight = dense_weight
        self._nonsense = nonsense
        self._matrix = matrix or VectorMatrix(passages)
        self._words_first_seconds = words_first_seconds
        self._today = today
        self._word_finding = WordLeg(stores.words, stores.sieve, notes)
        self._terms = TermReading(stores.words)
        self._hits = HitBuilder(notes, passages)
        self._joining = Joining(self._sieve, self._word_finding, self._hits, dense_weight)
        self._surveyor = ResultSurveyor(notes, passages)
        self._nearest = NearestSentence(encoder)
        self._lock = threading.Lock()
        self._embedded: OrderedDict[tuple[str, str], QueryEmbedding] = OrderedDict()
        self._unindexed: tuple[float, str, int] | None = None
        self._loading: Later[LoadedEncoder] | None = None

    def prepare(self) -> None:
        """Read ahead, in a thread of its own, what the first word that stands nowhere would have to wait for."""
        self._terms.start()

    def search(
        self,
        question: str | Question,
        mode: SearchMode = SearchMode.BOTH,
        limit: int = 20,
        cancel: CancelToken | None = None,
        *,
        typing: bool = True,
        order: SearchOrder = SearchOrder.RELEVANCE,
        scope: Scope = Scope.NOTES,
    ) -> Iterator[SearchResult]:
        """Answers, the last one final. A words-only answer comes first when the encoder is not ready or slow, and one
        without parts of words, while it is typed, where the index's terms are still to be read.

        Args:
            question: a text is taken apart here, with the English words for dates.
            limit: of notes, and of messages beside them.
            typing: the last word may still grow, so its beginning counts as well.
            scope: where to look, unless the question itself says it (`in:`).

        Raises CancelledError, StoreError. A missing or broken encoder is no error: see `SearchResult.meaning_problem`.
        """
        asked = self._asked(question, mode, limit, cancel or CancelToken(), typing, order, scope)
        if asked.question.asks_nothing:
            yield replace(asked.result(), seconds=0.0)
        elif asked.is_list:
            yield self._listed(asked)
        elif asked.scope is Scope.CHATS:
            yield from self._chats_searched(asked)
        else:
            yield from self._searched(asked)

    def search_once(
        self,
        question: str | Question,
        mode: SearchMode = SearchMode.BOTH,
        limit: int = 20,
        cancel: CancelToken | None = None,
        *,
        order: SearchOrder = SearchOrder.RELEVANCE,
        scope: Scope = Scope.NOTES,
    ) -> SearchResult:
        """The final answer to a question that is typed out; loads the encoder and waits for it. Raises as `search`."""
        *_, result = self.search(question, mode, limit, cancel, typing=False, order=order, scope=scope)
        return result

    def survey(
        self,
        question: str | Question,
        result: SearchResult,
        cancel: CancelToken | None = None,
        *,
        typing: bool = True,
    ) -> SearchResult:
        """The final `result` of this question with how many notes it finds in all, the folders and tags of these, and
        the other places in those that are shown. Takes several times as long as the search.

        Raises CancelledError, StoreError, ModelError, WorkerError.
        """
        limit = len(result.hits)
        asked = self._asked(question, result.mode, limit, cancel or CancelToken(), typing, result.order, result.scope)
        if asked.scope is Scope.CHATS or not result.hits:
            return result
        of_notes = replace(asked, scope=Scope.NOTES)
        meaning = self._meaning(of_notes, _Loading()) if asked.by_meaning and result.meaning_ready else None
        with self._words.interruptible(asked.cancel):
            words = None if asked.is_list else self._found_words(asked, at_once=True)
            return self._surveyor.surveyed(result, self._joining.found(asked, words, meaning), asked.cancel)

    def explain_nearest(self, result: SearchResult, cancel: CancelToken | None = None) -> SearchResult:
        """`result` with the sentence nearest in meaning marked in each hit that meaning found.

        Raises CancelledError, ModelError, WorkerError.
        """
        return self._nearest.explain(result, cancel)

    def word_likeness(
        self, words: str, hit: SearchHit | MessagePassage, cancel: CancelToken | None = None
    ) -> tuple[WordLikeness, ...]:
        """Which words of the hit's nearest sentence carry its likeness to `words`, and how much, by place in the
        passage; none where the encoder cannot tell. Raises CancelledError, ModelError, WorkerError.
        """
        return self._nearest.word_likeness(words, hit, cancel)

    # Ways to answer ------------------------------------------------------------------------------

    def _asked(
        self,
        question: str | Question,
        mode: SearchMode,
        limit: int,
        cancel: CancelToken,
        typing: bool,
        order: SearchOrder,
        scope: Scope,
    ) -> Asked:
        started = time.monotonic()
        if isinstance(question, str):
            question = parse_question(question, today=self._today(), typing=typing)
        languages = self._words.languages()
        query = parse_query(question.words, typing=typing and question.open_ended, languages=languages)
        return Asked(question, query, mode, order, question.scope or scope, limit, typing, cancel, started)

    def _listed(self, asked: Asked) -> SearchResult:
        """Filters without words: what meets them, newest first."""
        asked = replace(asked, order=SearchOrder.DATE)
        if asked.question.words.strip():  # marks only: nothing that could be found
            return asked.result()
        result = asked.result()
        with self._words.interruptible(asked.cancel):
            if asked.scope is not Scope.CHATS:
                newest = self._sieve.newest(asked.question.conditions, asked.limit)
                listed = [listed_candidate(note_id) for note_id in newest]
                hits, _ = self._hits.build(asked.query, {}, 0, listed, None, asked.limit, asked.cancel)
                result = replace(result, hits=hits)
            return self._with_messages(asked, result, self._shown_messages(asked, self._found_messages(asked)))

    def _searched(self, asked: Asked) -> Iterator[SearchResult]:
        loading = _Loading()
        meaning = Later(lambda: self._meaning(asked, loading), "search meaning") if asked.by_meaning else None
        with self._words.interruptible(asked.cancel):
            words = self._word_leg(asked)
            found = self._found_messages(asked)
        words_done = time.monotonic()
        asked.cancel.raise_if_cancelled()
        if meaning is None:
            messages = self._shown_messages(asked, found)
            if words.incomplete:
                yield replace(self._with_messages(asked, self._result(asked, words, None), messages), final=False)
                words = self._completed(asked)
            yield self._with_messages(asked, self._result(asked, words, None), messages)
            return
        if not meaning.wait(self._words_first_seconds):
            messages = self._shown_messages(asked, found)
            yield self._by_words_first(asked, words, messages)
            if words.incomplete:
                words = self._completed(asked)
                if not meaning.over:
                    yield self._by_words_first(asked, words, messages)
            meaning.wait_or_cancel(asked.cancel)
        leg, problem = _outcome(meaning, asked.cancel)
        messages = self._blended_messages(asked, leg, found)
        if words.incomplete:
            if leg is not None:
                yield replace(self._with_messages(asked, self._result(asked, words, leg), messages), final=False)
            words = self._completed(asked)
        result = self._with_messages(asked, self._result(asked, words, leg), messages)
        yield _waited_for(result, asked, leg, problem, max(0.0, loading.over_at - words_done))

    def _chats_searched(self, asked: Asked) -> Iterator[SearchResult]:
        """Messages alone."""
        loading = _Loading()
        by_meaning = asked.by_meaning and asked.question.similar_to is None
        meaning = Later(lambda: self._meaning_of_messages(asked, loading), "chat meaning") if by_meaning else None
        with self._words.interruptible(asked.cancel):
            found = self._found_messages(asked)
        words_done = time.monotonic()
        asked.cancel.raise_if_cancelled()
        if meaning is None:
            yield self._with_messages(asked, asked.result(), self._shown_messages(asked, found))
            return
        if not meaning.wait(self._words_first_seconds):
            first = self._with_messages(asked, asked.result(), self._shown_messages(asked, found))
            yield replace(first, meaning_ready=False, final=False)
            meaning.wait_or_cancel(asked.cancel)
        leg, problem = _outcome(meaning, asked.cancel)
        result = self._with_messages(asked, asked.result(), self._blended_messages(asked, leg, found))
        yield _waited_for(result, asked, leg, problem, max(0.0, loading.over_at - words_done))

    def _by_words_first(self, asked: Asked, words: Words, messages: FoundPassages) -> SearchResult:
        result = self._with_messages(asked, self._result(asked, words, None), messages)
        return replace(result, meaning_ready=False, final=False)

    def _with_messages(self, asked: Asked, result: SearchResult, messages: FoundPassages) -> SearchResult:
        seconds = time.monotonic() - asked.started
        return replace(result, messages=messages.hits, weaker_messages=messages.weaker, seconds=seconds)

    def _found_messages(self, asked: Asked) -> MessagesByWords | None:
        """By their words, also where meaning is asked for, as long as it has not answered."""
        if self._messages is None or not self._looks_at_messages(asked):
            return None
        typing = asked.typing and asked.question.open_ended
        return self._messages.by_words(asked.question, order=asked.order, typing=typing, limit=asked.limit)

    def _shown_messages(self, asked: Asked, found: MessagesByWords | None) -> FoundPassages:
        """Without meaning."""
        if self._messages is None or found is None:
            return FoundPassages()
        return FoundPassages(self._messages.passages(found, asked.limit))

    def _looks_at_messages(self, asked: Asked) -> bool:
        return self._messages is not None and asked.scope is not Scope.NOTES and asked.question.similar_to is None

    def _blended_messages(
        self, asked: Asked, leg: MeaningLeg | OnlyMessages | None, found: MessagesByWords | None
    ) -> FoundPassages:
        """What meaning makes of it; what words found where it says nothing."""
        if self._messages is None or found is None or leg is None:
            return self._shown_messages(asked, found)
        if leg.messages is None:  # the encoder has read none yet
            return FoundPassages() if asked.mode is SearchMode.MEANING else self._shown_messages(asked, found)
        with self._words.interruptible(asked.cancel):
            return self._messages.blended(
                found,
                leg.messages,
                mode=asked.mode,
                order=asked.order,
                limit=asked.limit,
                dense_weight=self._dense_weight(),
            )

    # The legs ------------------------------------------------------------------------------------

    def _word_leg(self, asked: Asked) -> Words:
        """While it is typed, what can be said without a long reading of the index's terms, which begins then."""
        words = self._found_words(asked, at_once=asked.typing)
        if words.asks_terms:
            self._terms.start()
        return words

    def _completed(self, asked: Asked) -> Words:
        """All of it, once the terms are read."""
        self._terms.wait(asked.cancel)
        with self._words.interruptible(asked.cancel):
            return self._found_words(asked)

    def _found_words(self, asked: Asked, *, at_once: bool = False) -> Words:
        words = self._word_finding.find(
            asked.query,
            asked.question.conditions,
            asked.question.similar_to,
            at_once=at_once,
            budget=TYPING if asked.typing else TYPED,
        )
        if asked.mode is SearchMode.BOTH:  # the only one that weighs words against meaning
            words = replace(words, together=self._word_finding.stand_together(words))
        return words

    def _meaning(self, asked: Asked, loading: _Loading) -> MeaningLeg:
        """Raises NotFoundError for the like of a note that is not there or not indexed."""
        try:
            loaded = self._encoder_loaded(asked.cancel)
        finally:
            loading.over_at = time.monotonic()
        question = asked.question
        known_words: frozenset[str] = frozenset()
        letters_per_piece = FLUENT_LETTERS_PER_PIECE
        messages: MeaningLeg | None = None
        if question.similar_to is not None:
            similarities = self._like_note(loaded, question.similar_to)
        else:
            loaded, embedding = self._question_vector(loaded, asked)
            messages = self._message_leg(asked, loaded, embedding)
            known_words, letters_per_piece = embedding.known_words, embedding.letters_per_piece
            similarities = self._matrix.similarities(loaded.fingerprint, embedding.vector, loaded.measure)
        if question.conditions:
            with self._words.interruptible(asked.cancel):
                similarities = similarities.within(self._sieve.ids(question.conditions))
        return MeaningLeg(
            similarities=similarities,
            known_words=known_words,
            floors=self._floors(loaded),
            notes_unindexed=self._notes_unindexed(loaded.fingerprint),
            nearest=similarities.top(CANDIDATES),  # here, since words may still be sought beside
            measure=loaded.measure,
            deviation=loaded.unrelated_deviation,
            letters_per_piece=letters_per_piece,
            messages=messages,
        )

    def _meaning_of_messages(self, asked: Asked, loading: _Loading) -> OnlyMessages:
        """The same for messages alone. Raises as it does."""
        try:
            loaded = self._encoder_loaded(asked.cancel)
        finally:
            loading.over_at = time.monotonic()
        return OnlyMessages(self._message_leg(asked, *self._question_vector(loaded, asked)))

    def _question_vector(self, loaded: LoadedEncoder, asked: Asked) -> tuple[LoadedEncoder, QueryEmbedding]:
        """The question's vector, and the encoder that it is of."""
        embedding = self._embedding(loaded.fingerprint, asked.query.text, asked.cancel)
        if embedding is None:  # the encoder was changed in this very moment
            loaded = self._encoder_loaded(asked.cancel)
            embedding = self._embedding(loaded.fingerprint, asked.query.text, asked.cancel)
        if embedding is None:
            raise CancelledError("The search model was changed meanwhile.")
        return loaded, embedding

    def _message_leg(self, asked: Asked, loaded: LoadedEncoder, embedding: QueryEmbedding) -> MeaningLeg | None:
        if self._messages is None or not self._looks_at_messages(asked):
            return None
        # Not interruptible: vectors that every key began to read anew would never be in memory.
        return self._messages.leg(asked.question, loaded, embedding, self._floors(loaded))

    def _floors(self, loaded: LoadedEncoder) -> Floors:
        return floors_of(
            loaded.unrelated_similarity,
            loaded.unrelated_deviation,
            loaded.measure,
            self._nonsense(loaded.fingerprint),
        )

    def _like_note(self, loaded: LoadedEncoder, note_id: int) -> Similarities:
        note = self._notes.get(note_id)
        if note.trashed_at is not None:
            raise NotFoundError("This note is in the trash.", "", "Put it back to find notes like it.")
        found = self._matrix.similarities_to_note(loaded.fingerprint, note_id, loaded.measure)
        if found is None and not note.text.strip():
            raise NotFoundError("There is nothing in this note yet.", "", "Write a few lines to find notes like it.")
        if found is None:
            raise NotFoundError("This note is not indexed yet.", "", "Notes like it are found as soon as it is.")
        return found

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

    def _embedding(self, fingerprint: str, text: str, cancel: CancelToken) -> QueryEmbedding | None:
        """None where another encoder answers than that one: its vector must not meet the other's."""
        key = (fingerprint, text)
        with self._lock:
            known = self._embedded.get(key)
        if known is not None:
            return known
        embedding = self._encoder.embed_query(text, cancel)
        loaded = self._encoder.loaded
        if loaded is None or loaded.fingerprint != fingerprint:
            return None
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
        count = self._passages.notes_unindexed(fingerprint)
        with self._lock:
            self._unindexed = (time.monotonic(), fingerprint, count)
        return count

    # Joining them --------------------------------------------------------------------------------

    def _result(self, asked: Asked, words: Words, meaning: MeaningLeg | None) -> SearchResult:
        with self._words.interruptible(asked.cancel):
            return self._joining.joined(asked, words, meaning)


def _outcome(meaning: Later[_Leg], cancel: CancelToken) -> tuple[_Leg | None, str]:
    """(what meaning says, why it says nothing). Raises CancelledError where the search was."""
    cancel.raise_if_cancelled()
    try:
        return meaning.result(), ""
    except CancelledError:
        cancel.raise_if_cancelled()
        return None, "The search model was unloaded meanwhile."
    except InkwellError as error:
        return None, str(error)


def _waited_for(
    result: SearchResult, asked: Asked, leg: MeaningLeg | OnlyMessages | None, problem: str, waited: float
) -> SearchResult:
    """The final answer. Words are sought while the encoder loads: only what was `waited` for after them is no
    searching.
    """
    return replace(
        result,
        meaning_ready=leg is not None,
        meaning_problem=problem,
        seconds=result.seconds - waited,
        loading_seconds=waited,
        language_unread=leg is not None and leg.only_spells(asked.query),
    )
