"""A search service that answers what the test says, when the test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec.structs

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_search import MessagePassage
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import InkwellError, NotFoundError
from desktop_app.domain.search import (
    HitPlace,
    IndexingProgress,
    ResultSurvey,
    SearchHit,
    SearchMode,
    SearchOrder,
    SearchResult,
    Span,
    WordLikeness,
)
from desktop_app.domain.search_question import Question, Scope

EDITED = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


class FakeSearch:
    """`answers` maps a query to its results, in the order they come; a gate holds a query back until it is set."""

    def __init__(self) -> None:
        self.answers: dict[str, Sequence[SearchResult]] = {}
        self.gates: dict[str, threading.Event] = {}
        self.asked: list[tuple[str, SearchMode]] = []
        self.asked_how: list[tuple[SearchOrder, Scope]] = []
        self.limits: list[int] = []
        self.nearest: dict[int, Span] = {}
        self.places: dict[int, tuple[HitPlace, ...]] = {}
        self.surveys: dict[str, ResultSurvey] = {}
        self.likeness: tuple[WordLikeness, ...] = ()
        self.likeness_error: InkwellError | None = None
        self.likeness_gate = threading.Event()
        self.likeness_gate.set()
        self.error: InkwellError | None = None

    def search(
        self,
        question: Question,
        mode: SearchMode = SearchMode.BOTH,
        limit: int = 20,
        cancel: CancelToken | None = None,
        *,
        order: SearchOrder,
        scope: Scope,
    ) -> Iterator[SearchResult]:
        query = question.text.strip()
        self.asked.append((query, mode))
        self.asked_how.append((order, scope))
        self.limits.append(limit)
        gate = self.gates.get(query)
        if gate is not None:
            gate.wait(10)
        if self.error is not None:
            raise self.error
        for answer in self.answers.get(query, (SearchResult(query, mode, (), 0.01),)):
            yield msgspec.structs.replace(answer, words=question.words, order=order, scope=question.scope or scope)

    def explain_nearest(self, result: SearchResult, cancel: CancelToken | None = None) -> SearchResult:
        hits = tuple(msgspec.structs.replace(hit, nearest_span=self.nearest.get(hit.note_id)) for hit in result.hits)
        return msgspec.structs.replace(result, hits=hits)

    def survey(self, question: Question, result: SearchResult, cancel: CancelToken | None = None) -> SearchResult:
        hits = tuple(msgspec.structs.replace(hit, more_places=self.places.get(hit.note_id, ())) for hit in result.hits)
        survey = self.surveys.get(question.text.strip(), ResultSurvey(len(hits), True))
        return msgspec.structs.replace(result, hits=hits, survey=survey)

    def word_likeness(self, words: str, hit: SearchHit, cancel: CancelToken | None = None) -> tuple[WordLikeness, ...]:
        self.likeness_gate.wait(10)
        if self.likeness_error is not None:
            raise self.likeness_error
        return self.likeness


class FakeMessages:
    """The messages behind the hits in chats."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}

    def message(self, message_id: int) -> Message:
        if message_id not in self.texts:
            raise NotFoundError("This message is not there any more.")
        return Message(message_id, 1, None, 0, Role.USER, self.texts[message_id], EDITED)


def message_hit(message_id: int, title: str, text: str, *words: str, **values: object) -> MessagePassage:
    """A short message in which `words` were found."""
    known: dict[str, object] = {
        "conversation_id": 1,
        "message_id": message_id,
        "title": title,
        "folder": "",
        "role": Role.USER,
        "archived": False,
        "said_at": EDITED,
        "passage": text,
        "start": 0,
        "end": len(text),
        "score": 1.0,
        "words_rank": 1,
        "matched_words": words,
        "word_spans": spans_of(text, *words),
    }
    return MessagePassage(**{**known, **values})  # type: ignore[arg-type]


def hit(note_id: int, title: str, passage: str, text: str | None = None, **values: object) -> SearchHit:
    """A hit whose passage stands in `text` (or alone)."""
    start = (text if text is not None else passage).index(passage)
    known: dict[str, object] = {
        "note_id": note_id,
        "title": title,
        "path": f"Gen AI/{title}",
        "folder": "Gen AI",
        "heading_path": (),
        "passage": passage,
        "start": start,
        "end": start + len(passage),
        "score": 0.8,
        "words_rank": 1,
        "meaning_rank": 1,
        "edited_at": EDITED,
    }
    return SearchHit(**{**known, **values})  # type: ignore[arg-type]


def spans_of(passage: str, *words: str) -> tuple[Span, ...]:
    """Where words stand in a passage."""
    return tuple(Span(passage.index(word), passage.index(word) + len(word)) for word in words)


class FakeIndexer:
    """Told by the test, and holds at once."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[IndexingProgress], None]] = []
        self.last = IndexingProgress(0, 0, 0, 0, 0.0)

    def subscribe(self, listener: Callable[[IndexingProgress], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def tell(self, progress: IndexingProgress) -> None:
        self.last = progress
        for listener in self.listeners:
            listener(progress)

    def set_held(self, held: bool) -> None:
        self.tell(msgspec.structs.replace(self.last, held=held))
