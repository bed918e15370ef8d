"""Notes related to the open one, looked for in the background while their list is seen, and again as it is written."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.related_notes import Related, RelatedNote
from desktop_app.domain.search import IndexingProgress
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.single_shot import single_shot
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.index_ports import SubscribeIndexing

#: Who passes from note to note asks for nothing.
DELAY_MS = 250

#: While much is indexed the list changes no more often than this.
REST_MS = 1_500


class Relating(Protocol):
    """The service."""

    def for_note(self, note_id: int, cancel: CancelToken) -> Related: ...


class RelatedPhase(StrEnum):
    """What the list shows. WAITING: this note is not indexed yet; EMPTY: there is nothing in it to index."""

    LOOKING = "looking"
    LISTED = "listed"
    NOTHING = "nothing"
    WAITING = "waiting"
    EMPTY = "empty"
    FAILED = "failed"


class RelatedNotesPresenter(QObject):
    """Follows the open note while `set_watched`. What was found for one note is never shown for another; what is shown
    stays until there is something newer, so that nothing flickers while somebody writes.

    Args:
        problem: why indexing stopped (BackgroundIndexer.problem).
        channel: another one for each presenter: a later question takes the place of an earlier one in the same channel.
    """

    changed = Signal()
    _progress = Signal(object)

    def __init__(
        self,
        service: Relating,
        editor: NoteEditorPresenter,
        tasks: TaskRunner,
        subscribe_indexing: SubscribeIndexing | None = None,
        parent: QObject | None = None,
        *,
        problem: Callable[[], InkwellError | None] = lambda: None,
        delay_ms: int = DELAY_MS,
        rest_ms: int = REST_MS,
        channel: str = "note.related",
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._editor = editor
        self._tasks = tasks
        self._channel = channel
        self._problem = problem
        self._watched = False
        self._closed = False
        self._shown_id: int | None = None
        self._soon = single_shot(self, delay_ms, self._ask)
        self._rested = single_shot(self, rest_ms, self._ask)
        self.phase = RelatedPhase.LOOKING
        self.notes: tuple[RelatedNote, ...] = ()
        self.error: InkwellError | None = None
        self._told_problem = self._problem()
        editor.opened.connect(lambda _opened: self.look())
        editor.closed.connect(self.look)
        self._progress.connect(self._on_progress)
        self._unsubscribe = subscribe_indexing(self._progress.emit) if subscribe_indexing is not None else lambda: None

    @property
    def indexing_problem(self) -> InkwellError | None:
        """Why nothing is indexed just now; None where nothing is wrong."""
        return self._problem()

    def set_watched(self, watched: bool) -> None:
        """Whether anybody sees the list; nothing is looked for while nobody does."""
        if watched != self._watched:
            self._watched = watched
            self.look()

    def look(self) -> None:
        """Look for what is near to the open note."""
        note = self._editor.note
        if self._closed or self._tasks.closed or not self._watched or note is None:
            self._soon.stop()
            self._rested.stop()
            return
        if note.id != self._shown_id:
            self._shown_id = note.id
            self._tasks.drop_channel(self._channel)
            self._go(RelatedPhase.LOOKING)
        self._soon.start()

    def close(self) -> None:
        """Stop listening to the indexer."""
        self._closed = True
        self._soon.stop()
        self._rested.stop()
        self._unsubscribe()

    def _ask(self) -> None:
        note = self._editor.note
        if note is None or self._closed or self._tasks.closed or not self._watched:
            return
        self._tasks.run(
            lambda cancel: self._service.for_note(note.id, cancel),
            done=lambda related: self._take(note.id, related),
            failed=lambda error: self._fail(note.id, error),
            channel=self._channel,
        )

    def _take(self, note_id: int, related: Related) -> None:
        note = self._editor.note
        if note is None or note.id != note_id or note_id != self._shown_id:
            return
        if related.notes:
            self._go(RelatedPhase.LISTED, related.notes)
        elif related.indexed:
            self._go(RelatedPhase.NOTHING)
        else:
            self._go(RelatedPhase.WAITING if note.text.strip() else RelatedPhase.EMPTY)

    def _fail(self, note_id: int, error: InkwellError) -> None:
        if note_id == self._shown_id:
            self.error = error
            self._go(RelatedPhase.FAILED)

    def _on_progress(self, progress: IndexingProgress) -> None:
        """What was just written is known by its meaning once it is indexed, newest edits first."""
        if self._closed:
            return
        if self._told_problem != self.indexing_problem:
            self._told_problem = self.indexing_problem
            self.changed.emit()
        if not self._watched or self._editor.note is None:
            return
        if progress.notes_due == 0:
            self._soon.start()
        elif not self._rested.isActive():
            self._rested.start()

    def _go(self, phase: RelatedPhase, notes: tuple[RelatedNote, ...] = ()) -> None:
        if (phase, notes) != (self.phase, self.notes) or phase is RelatedPhase.FAILED:
            self.phase, self.notes = phase, notes
            self.changed.emit()
