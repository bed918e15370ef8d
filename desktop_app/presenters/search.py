"""Search as typed: the newest question wins, words answer at once, meaning follows."""

from __future__ import annotations

import dataclasses
import logging
import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.markdown_sections import markdown_sections
from desktop_app.domain.notes import Note
from desktop_app.domain.plain_markdown import ends_in_fence, plain_markdown
from desktop_app.domain.search import IndexingProgress, SearchHit, SearchMode, SearchResult, Span
from desktop_app.presenters.search_words import moved_spans
from desktop_app.presenters.tasks import TaskRunner

_log = logging.getLogger(__name__)

#: A pause in typing of this length starts the search, in milliseconds.
DEBOUNCE_MS = 120
#: While other programs change the notes, what is found is looked up again at most this often, in milliseconds.
REFRESH_MS = 5_000
#: Hits asked for.
LIMIT = 20

#: Questions that the welcome notes answer, in words they do not use.
SUGGESTED_QUERIES = (
    "what if my laptop breaks",
    "can anybody read what I write",
    "I threw something away by mistake",
)


class Searching(Protocol):
    """What this screen needs of the search service."""

    def search(
        self, query: str, mode: SearchMode = SearchMode.BOTH, limit: int = 20, cancel: CancelToken | None = None
    ) -> Iterator[SearchResult]: ...
    def explain_nearest(self, result: SearchResult, cancel: CancelToken | None = None) -> SearchResult: ...


class NoteReading(Protocol):
    """Gives a whole note for the preview."""

    def get(self, note_id: int) -> Note: ...


class SearchPhase(StrEnum):
    """What the screen shows. EMPTY: nothing asked; SEARCHING: no answer yet; NOTHING: nothing found."""

    EMPTY = "empty"
    SEARCHING = "searching"
    RESULTS = "results"
    NOTHING = "nothing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SearchView:
    """One state of the screen.

    Attributes:
        result: the newest answer; None in EMPTY, SEARCHING and FAILED.
        pending: a better answer (with meaning) is still on its way.
    """

    phase: SearchPhase = SearchPhase.EMPTY
    query: str = ""
    mode: SearchMode = SearchMode.BOTH
    result: SearchResult | None = None
    pending: bool = False
    error: InkwellError | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A hit's note for the right pane, without Markdown marks; of a large note the part around the passage.

    Attributes:
        start, end: the passage in `text`.
        sentence, words: in `text`, the sentence nearest in meaning (at most one) and the words that matched.
        cut_before, cut_after: text of the note was left out there.
        headings: in `text`, the headings of the note's sections.
    """

    hit: SearchHit
    title: str
    text: str
    start: int
    end: int
    cut_before: bool
    cut_after: bool
    sentence: tuple[Span, ...] = ()
    words: tuple[Span, ...] = ()
    headings: tuple[Span, ...] = ()


_HEADING_LINE = re.compile(r"^#{1,6}[ \t][^\n]*\n", re.MULTILINE)

#: Characters of the note shown before and after the passage.
_PREVIEW_BEFORE = 1_500
_PREVIEW_AFTER = 4_000


class SearchPresenter(QObject):
    """Asks the search service in the background. A stale answer never replaces a newer one."""

    view_changed = Signal(object)  # SearchView
    preview_ready = Signal(object)  # Preview
    preview_failed = Signal(object)  # InkwellError
    indexing_changed = Signal(object)  # IndexingProgress
    _progress = Signal(object)

    def __init__(
        self,
        search: Searching,
        notes: NoteReading,
        tasks: TaskRunner,
        subscribe_indexing: Callable[[Callable[[IndexingProgress], None]], Callable[[], None]] | None = None,
        suggestions: Sequence[str] = SUGGESTED_QUERIES,
        debounce_ms: int = DEBOUNCE_MS,
        refresh_ms: int = REFRESH_MS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
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
        self._refresh_ms = refresh_ms
        self._asked_at = -math.inf
        self._refresh_timer = QTimer(self)
        self._refresh_timer.setSingleShot(True)
        self._refresh_timer.timeout.connect(self._refresh_now)
        self._closed = False
        self._progress.connect(self._on_progress)
        self._unsubscribe = subscribe_indexing(self._progress.emit) if subscribe_indexing else None

    @property
    def view(self) -> SearchView:
        """What the screen shows now."""
        return self._view

    @property
    def indexing(self) -> IndexingProgress | None:
        """The index's state as last told."""
        return self._indexing

    def set_query(self, text: str, *, at_once: bool = False) -> None:
        """The search box now reads `text`. `at_once` skips the wait for a pause in typing."""
        query = text.strip()
        if query == self._view.query and self._view.phase is not SearchPhase.FAILED:
            if at_once and self._timer.isActive():
                self._run()
            return
        if not query:
            self._timer.stop()
            self._tasks.drop_channel("search")
            self._tasks.drop_channel("search.nearest")
            self._set_view(SearchView(mode=self._view.mode))
            return
        shown = self._view.result
        phase = self._view.phase if shown is not None else SearchPhase.SEARCHING
        self._set_view(SearchView(phase, query, self._view.mode, shown, pending=True))
        if at_once:
            self._run()
        else:
            self._timer.start()

    def set_mode(self, mode: SearchMode) -> None:
        """Answer by both legs, by meaning, or by words."""
        view = self._view
        if mode is view.mode:
            return
        self._view = SearchView(view.phase, view.query, mode, view.result, view.pending, view.error)
        if view.query:
            self._run()
        else:
            self.view_changed.emit(self._view)

    def search_again(self) -> None:
        """Ask the same once more: after an error, or when the index has grown."""
        if self._view.query:
            self._run()

    def refresh(self) -> None:
        """The store was changed elsewhere: look the same up again, quietly, and seldom however often it changes."""
        if not self._refresh_timer.isActive():
            rested = (time.monotonic() - self._asked_at) * 1000
            self._refresh_timer.start(math.ceil(max(0.0, self._refresh_ms - rested)))

    def load_preview(self, hit: SearchHit) -> None:
        """Read the hit's note; `preview_ready` follows with the text around the passage."""

        def work(token: CancelToken) -> Preview:
            return _preview(hit, self._notes.get(hit.note_id))

        self._tasks.run(work, done=self.preview_ready.emit, failed=self.preview_failed.emit, channel="search.preview")

    def close(self) -> None:
        """Listen no more."""
        self._closed = True
        self._timer.stop()
        self._refresh_timer.stop()
        if self._unsubscribe is not None:
            self._unsubscribe()

    # Inside -------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._timer.stop()
        self._tasks.drop_channel("search.nearest")
        self._asked_at = time.monotonic()
        query, mode = self._view.query, self._view.mode
        shown = self._view.result
        phase = self._view.phase if shown is not None else SearchPhase.SEARCHING
        self._set_view(SearchView(phase, query, mode, shown, pending=True))
        self._tasks.stream(
            lambda token: self._search.search(query, mode, LIMIT, token),
            item=self._on_result,
            done=self._on_done,
            failed=self._on_failed,
            channel="search",
        )

    def _refresh_now(self) -> None:
        """What is shown stays until there is something else to show."""
        view = self._view
        if not view.query or view.pending:
            return
        self._asked_at = time.monotonic()
        self._tasks.stream(
            lambda token: self._search.search(view.query, view.mode, LIMIT, token),
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
        found = bool(result.hits)
        if not found and not result.final:
            # Words alone found nothing; meaning may still find something, so nothing is said yet.
            self._set_view(SearchView(SearchPhase.SEARCHING, self._view.query, self._view.mode, None, pending=True))
            return
        phase = SearchPhase.RESULTS if found else SearchPhase.NOTHING
        self._set_view(SearchView(phase, self._view.query, self._view.mode, result, pending=not result.final))
        if found and result.final and any(hit.meaning_rank is not None for hit in result.hits):
            self._find_nearest(result)

    def _on_done(self) -> None:
        view = self._view
        if view.pending:
            phase = SearchPhase.NOTHING if view.result is None else view.phase
            self._set_view(SearchView(phase, view.query, view.mode, view.result))

    def _on_failed(self, error: InkwellError) -> None:
        self._set_view(SearchView(SearchPhase.FAILED, self._view.query, self._view.mode, error=error))

    def _find_nearest(self, result: SearchResult) -> None:
        def done(explained: SearchResult) -> None:
            if self._view.result is result:
                view = self._view
                self._set_view(SearchView(view.phase, view.query, view.mode, explained, view.pending))

        self._tasks.run(
            lambda token: self._search.explain_nearest(result, token),
            done=done,
            # The hits stand without the sentence; what is wrong with the encoder the next search says itself.
            failed=lambda error: _log.warning("No nearest sentences: %s", error.code),
            channel="search.nearest",
        )

    def _on_progress(self, progress: IndexingProgress) -> None:
        if self._closed:  # told by another thread before, arrived only now
            return
        finished = self._indexing is not None and self._indexing.notes_due > 0 and progress.notes_due == 0
        self._indexing = progress
        self.indexing_changed.emit(progress)
        result = self._view.result
        if finished and self._view.query and (result is None or result.notes_unindexed):
            self.search_again()

    def _set_view(self, view: SearchView) -> None:
        if view != self._view:
            self._view = view
            self.view_changed.emit(view)


def _found(result: SearchResult) -> object:
    """What a person sees of a result before the nearest sentences are filled in."""
    hits = tuple(dataclasses.replace(hit, nearest_span=None) for hit in result.hits)
    return hits, result.notes_unindexed, result.meaning_problem


def _preview(hit: SearchHit, note: Note) -> Preview:
    """A window of the note's text around the passage, cut at line ends."""
    text = note.text
    start = min(hit.start, len(text))
    end = min(max(hit.end, start), len(text))
    if text[start:end] != hit.passage and hit.passage:
        # The note was edited since it was indexed: look for the passage where it stands now.
        moved = text.find(hit.passage)
        if moved >= 0:
            start, end = moved, moved + len(hit.passage)
    first, cut_before = _preview_start(text, start)
    last = min(len(text), end + _PREVIEW_AFTER)
    if last < len(text):
        line = text.find("\n", last, last + 500)
        last = line if line >= 0 else last
    fenced = ends_in_fence(text[:first])
    plain = plain_markdown(text[first:last], fenced=fenced)

    def placed(spans: Sequence[Span]) -> tuple[Span, ...]:
        shift = start - first
        return moved_spans(tuple(Span(span.start + shift, span.end + shift) for span in spans), plain)

    return Preview(
        hit,
        note.title,
        plain.text,
        plain.position(start - first),
        plain.position(end - first),
        cut_before,
        last < len(text),
        placed((hit.nearest_span,) if hit.nearest_span else ()),
        placed(hit.word_spans),
        moved_spans(_heading_spans(text[first:last], fenced=fenced), plain),
    )


def _heading_spans(text: str, *, fenced: bool) -> tuple[Span, ...]:
    """The headings in a part of a note; `fenced` says that it begins inside a code fence."""
    fence = "```\n" if fenced else ""
    headings = (section.heading for section in markdown_sections(fence + text))
    return tuple(Span(block.start - len(fence), block.end - len(fence)) for block in headings if block is not None)


def _preview_start(text: str, start: int) -> tuple[int, bool]:
    """Just below the last heading before `start`, at most `_PREVIEW_BEFORE` characters earlier.

    Also whether text of the same section was left out.
    """
    first = max(0, start - _PREVIEW_BEFORE)
    if first:
        line = text.find("\n", first, start)
        first = line + 1 if line >= 0 else first
    headings = [match.end() for match in _HEADING_LINE.finditer(text, first, start)]
    cut = first > 0 and not headings
    first = headings[-1] if headings else first
    while first < start and text[first] in "\r\n":
        first += 1
    return first, cut
