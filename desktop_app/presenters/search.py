"""Search as typed: the newest question wins, words answer at once, meaning follows."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

import msgspec
import msgspec.structs
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Message
from desktop_app.domain.errors import CancelledError, InkwellError, NotFoundError
from desktop_app.domain.notes import Note
from desktop_app.domain.search import (
    IndexingProgress,
    SearchHit,
    SearchMode,
    SearchOrder,
    SearchResult,
    WordCorrection,
    WordLikeness,
)
from desktop_app.domain.search_question import Question, Scope, parse_question
from desktop_app.presenters.search_chips import QuestionChip, chips_of, corrected_text, day_words
from desktop_app.presenters.search_preview import Preview, preview_of
from desktop_app.presenters.search_rows import Hit, is_cut, key_of, rows_of
from desktop_app.presenters.single_shot import single_shot
from desktop_app.presenters.tasks import TaskRunner

_log = logging.getLogger(__name__)

#: A pause in typing of this length starts the search, in milliseconds.
DEBOUNCE_MS = 120
_PAUSES_OF_A_MISTAKE = 12
"""What stands at the end of the box is called a mistake after so many pauses, about a second and a half."""

#: While other programs change the notes, what is found is looked up again at most this often, in milliseconds.
REFRESH_MS = 5_000
#: Hits asked for at first, and how many more each time.
LIMIT = 20
#: Of a longer list the person wants other words, not the end.
MOST_HITS = 160

#: Questions that the welcome notes answer, in words they do not use.
SUGGESTED_QUERIES = (
    "what if my laptop breaks",
    "can anybody read what I write",
    "I threw something away by mistake",
)


class Searching(Protocol):
    """What this screen needs of the search service."""

    def search(
        self,
        question: Question,
        mode: SearchMode = SearchMode.BOTH,
        limit: int = 20,
        cancel: CancelToken | None = None,
        *,
        order: SearchOrder,
        scope: Scope,
    ) -> Iterator[SearchResult]: ...
    def explain_nearest(self, result: SearchResult, cancel: CancelToken | None = None) -> SearchResult: ...
    def survey(self, question: Question, result: SearchResult, cancel: CancelToken | None = None) -> SearchResult: ...
    def word_likeness(self, words: str, hit: Hit, cancel: CancelToken | None = None) -> tuple[WordLikeness, ...]: ...


class NoteReading(Protocol):
    """Gives a whole note for the preview, and what filters can be chosen from."""

    def get(self, note_id: int) -> Note: ...
    def tags(self) -> list[tuple[str, int]]: ...
    def folders(self) -> list[tuple[str, int]]: ...


class MessageReading(Protocol):
    """Gives a whole message for the preview."""

    def message(self, message_id: int) -> Message: ...


class SearchPhase(StrEnum):
    """What the screen shows. EMPTY: nothing asked; SEARCHING: no answer yet; NOTHING: nothing found."""

    EMPTY = "empty"
    SEARCHING = "searching"
    RESULTS = "results"
    NOTHING = "nothing"
    FAILED = "failed"


class SearchView(msgspec.Struct, frozen=True):
    """One state of the screen.

    Attributes:
        result: the newest answer; None in EMPTY, SEARCHING and FAILED.
        pending: a better answer (with meaning) is still on its way.
        order: what was asked for; `result.order` is what it is in.
        limit: how many notes, and how many messages, were asked for.
    """

    phase: SearchPhase = SearchPhase.EMPTY
    query: str = ""
    mode: SearchMode = SearchMode.BOTH
    result: SearchResult | None = None
    pending: bool = False
    error: InkwellError | None = None
    order: SearchOrder = SearchOrder.RELEVANCE
    limit: int = LIMIT


class HitLikeness(msgspec.Struct, frozen=True):
    """Which words of a hit's nearest sentence carry its likeness; `error` says why that is not known."""

    hit: Hit
    words: tuple[WordLikeness, ...] = ()
    error: InkwellError | None = None


class FilterChoices(msgspec.Struct, frozen=True):
    """What there is to filter by: tags and folders of notes with the number of their notes."""

    tags: tuple[tuple[str, int], ...] = ()
    folders: tuple[tuple[str, int], ...] = ()


class Indexer(Protocol):
    """The half of BackgroundIndexer that the search screen shows and pauses."""

    def subscribe(self, listener: Callable[[IndexingProgress], None]) -> Callable[[], None]: ...
    def set_held(self, held: bool) -> None: ...


class SearchPresenter(QObject):
    """Asks the search service in the background. A stale answer never replaces a newer one."""

    view_changed = Signal(object)  # SearchView
    preview_ready = Signal(object)  # Preview
    preview_failed = Signal(object)  # InkwellError
    indexing_changed = Signal(object)  # IndexingProgress
    chips_changed = Signal(list)  # of QuestionChip
    choices_changed = Signal(object)  # FilterChoices
    likeness_ready = Signal(object)  # HitLikeness
    _progress = Signal(object)

    def __init__(
        self,
        search: Searching,
        notes: NoteReading,
        tasks: TaskRunner,
        indexer: Indexer | None = None,
        suggestions: Sequence[str] = SUGGESTED_QUERIES,
        debounce_ms: int = DEBOUNCE_MS,
        refresh_ms: int = REFRESH_MS,
        messages: MessageReading | None = None,
        today: Callable[[], date] = date.today,
        parent: QObject | None = None,
    ) -> None:
        """Without `messages` there is no search through chats."""
        super().__init__(parent)
        self._messages = messages
        self._today = today
        self._days = day_words()
        self._question = Question("", "")
        self._titles: dict[int, str] = {}
        self._chips: list[QuestionChip] = []
        self._choices = FilterChoices()
        self._search = search
        self._notes = notes
        self._tasks = tasks
        self.suggestions = tuple(suggestions)
        self._view = SearchView()
        self._indexing: IndexingProgress | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(debounce_ms)
        self._timer.timeout.connect(self._run)
        self._patience = single_shot(self, _PAUSES_OF_A_MISTAKE * debounce_ms, self._show_chips)
        self._refresh_ms = refresh_ms
        self._asked_at = -math.inf
        self._refresh_timer = QTimer(self)
        self._refresh_timer.setSingleShot(True)
        self._refresh_timer.timeout.connect(self._refresh_now)
        self._closed = False
        self._progress.connect(self._on_progress)
        self._indexer = indexer
        self._unsubscribe = indexer.subscribe(self._progress.emit) if indexer is not None else None

    @property
    def view(self) -> SearchView:
        """What the screen shows now."""
        return self._view

    @property
    def indexing(self) -> IndexingProgress | None:
        """The index's state as last told."""
        return self._indexing

    def hold_indexing(self, held: bool) -> None:
        """Pause indexing, or let it go on; `indexing_changed` follows."""
        if self._indexer is not None:
            self._indexer.set_held(held)

    @property
    def question(self) -> Question:
        """What the search box reads, taken apart."""
        return self._question

    @property
    def chips(self) -> list[QuestionChip]:
        """Its filters and what is wrong with it."""
        return self._chips

    @property
    def choices(self) -> FilterChoices:
        """What there is to filter by, as last read."""
        return self._choices

    @property
    def similar_title(self) -> str:
        """Title of the note whose like is looked for; empty where none is, or until it is read."""
        return self._titles.get(self._question.similar_to or 0, "")

    @property
    def corrected_question(self) -> str:
        """The question as it was probably meant; empty where all of its words stand somewhere."""
        return corrected_text(self._question, self._corrections)

    @property
    def _corrections(self) -> tuple[WordCorrection, ...]:
        result = self._view.result
        return result.corrections if result is not None and result.query == self._question.text else ()

    def set_query(self, text: str, *, at_once: bool = False) -> None:
        """The search box now reads `text`. `at_once` skips the wait for a pause in typing."""
        query = text.strip()
        # A blank behind a filter ends it; the places of its parts stay those in `text`.
        asked = parse_question(text.rstrip(), today=self._today(), typing=not text[-1:].isspace(), days=self._days)
        same = asked.text.strip() == self._view.query and asked.filters == self._question.filters
        self._question = asked
        if at_once or text[-1:].isspace():
            self._patience.stop()
        else:
            self._patience.start()
        self._show_chips()
        if same and self._view.phase is not SearchPhase.FAILED:
            if at_once and self._timer.isActive():
                self._run()
            return
        if asked.asks_nothing:
            self._timer.stop()
            self._tasks.drop_channel("search")
            self._tasks.drop_channel("search.closer")
            self._set_view(SearchView(query=query, mode=self._view.mode, order=self._view.order))
            return
        shown = self._view.result
        phase = self._view.phase if shown is not None else SearchPhase.SEARCHING
        self._set_view(self._with(phase=phase, query=query, result=shown, pending=True, limit=LIMIT))
        if at_once:
            self._run()
        else:
            self._timer.start()

    def set_mode(self, mode: SearchMode) -> None:
        """Answer by both legs, by meaning, or by words."""
        if mode is not self._view.mode:
            self._ask_differently(msgspec.structs.replace(self._view, mode=mode))

    def set_order(self, order: SearchOrder) -> None:
        """Sort by relevance or by date."""
        if order is not self._view.order:
            self._ask_differently(msgspec.structs.replace(self._view, order=order))

    @property
    def has_more(self) -> bool:
        """Whether there may be more than what is shown, and it may be asked for."""
        view = self._view
        return (
            view.result is not None and view.result.final and view.limit < MOST_HITS and is_cut(view.result, view.limit)
        )

    def show_more(self) -> None:
        """Ask for more of the same, where there may be more."""
        if self.has_more:
            self._ask_differently(msgspec.structs.replace(self._view, limit=self._view.limit + LIMIT))

    def _ask_differently(self, view: SearchView) -> None:
        self._view = view
        if not self._question.asks_nothing:
            self._run()
        else:
            self.view_changed.emit(self._view)

    def search_again(self) -> None:
        """Ask the same once more: after an error, or when the index has grown."""
        if not self._question.asks_nothing:
            self._run()

    def refresh(self) -> None:
        """The store was changed elsewhere: look the same up again, quietly, and seldom however often it changes."""
        if not self._refresh_timer.isActive():
            rested = (time.monotonic() - self._asked_at) * 1000
            self._refresh_timer.start(math.ceil(max(0.0, self._refresh_ms - rested)))

    def load_preview(self, hit: Hit) -> None:
        """Read the hit's note or message; `preview_ready` follows with the text around the passage."""

        def work(token: CancelToken) -> Preview:
            if isinstance(hit, SearchHit):
                note = self._notes.get(hit.note_id)
                return preview_of(hit, note.title, note.text)
            assert self._messages is not None
            return preview_of(hit, hit.title, self._messages.message(hit.message_id).text)

        self._tasks.run(work, done=self.preview_ready.emit, failed=self.preview_failed.emit, channel="search.preview")

    def find_out(self, hit: Hit, there: Callable[[], None], gone: Callable[[InkwellError], None]) -> None:
        """Whether the hit's note or message is there still: one of the two is called. A later hit takes its place."""

        def work(token: CancelToken) -> None:
            if isinstance(hit, SearchHit):
                self._notes.get(hit.note_id)
            elif self._messages is not None:
                self._messages.message(hit.message_id)

        def failed(error: InkwellError) -> None:
            if isinstance(error, NotFoundError):
                gone(error)
            else:
                there()  # whoever shows it says what is the matter

        self._tasks.run(work, done=lambda _none: there(), failed=failed, channel="search.open")

    def drop_preview(self) -> None:
        """No hit is looked at any more: what is being read of one is not wanted."""
        self._tasks.drop_channel("search.preview")

    def load_likeness(self, hit: Hit) -> None:
        """Ask the encoder which words carry the hit's likeness; `likeness_ready` follows, for each hit that was asked
        for.
        """
        result = self._view.result
        words = result.words if result is not None else ""
        self._tasks.run(
            lambda token: self._search.word_likeness(words, hit, token),
            done=lambda found: self.likeness_ready.emit(HitLikeness(hit, found)),
            failed=lambda error: self.likeness_ready.emit(HitLikeness(hit, error=error)),
            channel="search.likeness {} {}".format(*key_of(hit)),
        )

    def load_choices(self) -> None:
        """Read what there is to filter by; `choices_changed` follows where it is not as before."""

        def done(choices: FilterChoices) -> None:
            if choices != self._choices:
                self._choices = choices
                self.choices_changed.emit(choices)

        self._tasks.run(
            lambda token: FilterChoices(tuple(self._notes.tags()), tuple(self._notes.folders())),
            done=done,
            # The menu offers what it offered; filters can be typed all the same.
            failed=lambda error: _log.warning("Tags and folders were not read: %s", error.code),
            channel="search.choices",
        )

    def close(self) -> None:
        """Listen no more."""
        self._closed = True
        self._timer.stop()
        self._patience.stop()
        self._refresh_timer.stop()
        if self._unsubscribe is not None:
            self._unsubscribe()

    # Inside -------------------------------------------------------------------------------------

    def _with(self, **values: Any) -> SearchView:
        """Another state of the same question's screen; what goes wrong is said anew each time."""
        return msgspec.structs.replace(self._view, **{"error": None, **values})

    def _asked(self, view: SearchView) -> Callable[[CancelToken], Iterator[SearchResult]]:
        question, scope = self._question, Scope.NOTES if self._messages is None else Scope.ALL
        return lambda token: self._search.search(question, view.mode, view.limit, token, order=view.order, scope=scope)

    def _run(self) -> None:
        self._timer.stop()
        self._tasks.drop_channel("search.closer")
        self._asked_at = time.monotonic()
        shown = self._view.result
        phase = self._view.phase if shown is not None else SearchPhase.SEARCHING
        self._set_view(self._with(phase=phase, result=shown, pending=True))
        self._tasks.stream(
            self._asked(self._view), item=self._on_result, done=self._on_done, failed=self._on_failed, channel="search"
        )

    def _refresh_now(self) -> None:
        """What is shown stays until there is something else to show."""
        self.load_choices()
        if self._question.asks_nothing:
            return
        if self._view.pending:  # what is under way may have read the store before it was changed
            self._refresh_timer.start(self._refresh_ms)
        else:
            self._look_again()

    def _look_again(self) -> None:
        view = self._view
        self._asked_at = time.monotonic()
        self._tasks.stream(
            self._asked(view),
            item=self._on_refreshed,
            done=lambda: None,
            # What is shown stays true to its moment; the next search says itself what is wrong.
            failed=lambda error: _log.warning("Not looked up again: %s", error.code),
            channel="search",
        )

    def _on_refreshed(self, result: SearchResult) -> None:
        shown = self._view.result
        if result.final and (shown is None or _found(result) != _found(shown)):
            self._on_result(result)

    def _on_result(self, result: SearchResult) -> None:
        result = _with_what_was_seen(result, self._view.result)
        found = bool(result.hits or result.messages)
        if not found and not result.final:
            # Words alone found nothing; meaning may still find something, so nothing is said yet.
            self._set_view(self._with(phase=SearchPhase.SEARCHING, result=None, pending=True))
            return
        phase = SearchPhase.RESULTS if found else SearchPhase.NOTHING
        self._set_view(self._with(phase=phase, result=result, pending=not result.final))
        if found and result.final:
            self._look_closer(result)

    def _on_done(self) -> None:
        view = self._view
        if view.pending:
            phase = SearchPhase.NOTHING if view.result is None else view.phase
            self._set_view(self._with(phase=phase, pending=False))

    def _on_failed(self, error: InkwellError) -> None:
        self._set_view(self._with(phase=SearchPhase.FAILED, result=None, pending=False, error=error))

    def _look_closer(self, result: SearchResult) -> None:
        """Fill in the nearest sentences, and what a survey of all that was found tells."""
        question = self._question
        shown: SearchResult | None = result

        def closer(token: CancelToken) -> Iterator[SearchResult]:
            seen = result
            if any(row.hit.meaning_rank is not None for row in rows_of(result, with_weaker=False)):
                try:
                    seen = self._search.explain_nearest(result, token)
                except CancelledError:
                    raise
                except InkwellError as error:
                    # The hits stand without the sentence; what is wrong with the encoder the next search says itself.
                    _log.warning("No nearest sentences: %s", error.code)
                yield seen
            if question.text == result.query:  # else the next one is typed already
                yield self._search.survey(question, seen, token)

        def show(seen: SearchResult) -> None:
            nonlocal shown
            if self._view.result is shown:
                self._set_view(self._with(result=seen))
                shown = self._view.result

        self._tasks.stream(
            closer,
            item=show,
            done=lambda: None,
            failed=lambda error: _log.warning("The result was not surveyed: %s", error.code),
            channel="search.closer",
        )

    def _on_progress(self, progress: IndexingProgress) -> None:
        if self._closed:  # told by another thread before, arrived only now
            return
        before, self._indexing = self._indexing, progress
        finished = before is not None and before.notes_due > 0 and progress.notes_due == 0
        read = before is not None and before.messages_due > 0 and progress.messages_due == 0
        swapped = before is not None and bool(before.replaces) and not progress.replaces
        self.indexing_changed.emit(progress)
        result = self._view.result
        missing = result is None or result.notes_unindexed or result.meaning_problem
        looks_at_chats = result is None or result.scope is not Scope.NOTES
        wanted = swapped or (finished and missing) or (read and looks_at_chats)
        if not wanted or self._question.asks_nothing:
            return
        if self._view.phase is SearchPhase.RESULTS and not self._view.pending:
            self._look_again()  # nothing that is being read goes away meanwhile
        else:
            self.search_again()

    def _show_chips(self) -> None:
        self._read_title(self._question.similar_to)
        chips = chips_of(self._question, self._titles, self._corrections)
        if self._patience.isActive():  # what is being typed is no mistake yet
            end = len(self._question.text.rstrip())
            chips = [chip for chip in chips if not chip.problem or chip.end < end]
        if chips != self._chips:
            self._chips = chips
            self.chips_changed.emit(chips)

    def _read_title(self, note_id: int | None) -> None:
        if note_id is None or note_id in self._titles:
            return

        def done(note: Note) -> None:
            self._titles[note_id] = note.title
            self._show_chips()
            self.view_changed.emit(self._view)  # the reasons name it, too

        self._titles[note_id] = ""
        # That there is no such note the answer says itself.
        self._tasks.run(lambda token: self._notes.get(note_id), done=done, failed=lambda _error: None)

    def _set_view(self, view: SearchView) -> None:
        if view != self._view:
            self._view = view
            self._show_chips()
            self.view_changed.emit(view)


def _found(result: SearchResult) -> object:
    """What a person sees of a result before it is looked at closer."""
    hits = tuple(msgspec.structs.replace(hit, nearest_span=None, more_places=()) for hit in result.hits)
    messages = tuple(msgspec.structs.replace(message, nearest_span=None) for message in result.messages)
    return hits, messages, result.notes_unindexed, result.meaning_problem


def _with_what_was_seen(result: SearchResult, shown: SearchResult | None) -> SearchResult:
    """What a survey told of the last answer to the same question in the same mode stands until the next one: nothing
    flickers, and a place that is looked at stays. Not of notes that were changed since.
    """
    if shown is None or shown.survey is None or (shown.query, shown.mode) != (result.query, result.mode):
        return result
    seen = {(hit.note_id, hit.start, hit.edited_at): hit.more_places for hit in shown.hits}
    hits = tuple(
        msgspec.structs.replace(hit, more_places=seen.get((hit.note_id, hit.start, hit.edited_at), ()))
        for hit in result.hits
    )
    return msgspec.structs.replace(result, hits=hits, survey=shown.survey)
