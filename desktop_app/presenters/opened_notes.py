"""Which notes were opened last: one counts once it stays open, so that walking down a list marks none."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, QTimer

from desktop_app.presenters.note_editor import NoteEditorPresenter, OpenedNote
from desktop_app.presenters.tasks import TaskRunner

#: So long, in milliseconds.
_STAYS_MS = 1_500


class Marking(Protocol):
    """The part of the notes' service that is needed."""

    def mark_opened(self, note_id: int) -> None: ...


class OpenedNotes(QObject):
    """Watches one editor."""

    def __init__(
        self, notes: Marking, editor: NoteEditorPresenter, tasks: TaskRunner, stays_ms: int = _STAYS_MS
    ) -> None:
        super().__init__(editor)
        self._notes = notes
        self._editor = editor
        self._tasks = tasks
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(stays_ms)
        self._timer.timeout.connect(self._mark)
        editor.opened.connect(self._on_opened)
        editor.closed.connect(self._timer.stop)

    @property
    def waiting(self) -> bool:
        """A note is open that may come to count."""
        return self._timer.isActive()

    def close(self) -> None:
        """Mark no more."""
        self._timer.stop()

    def _on_opened(self, opened: OpenedNote) -> None:
        if not opened.reloaded:
            self._timer.start()

    def _mark(self) -> None:
        note = self._editor.note
        if note is not None and note.trashed_at is None and not self._tasks.closed:
            self._tasks.run(lambda token: self._notes.mark_opened(note.id), done=lambda _: None)
