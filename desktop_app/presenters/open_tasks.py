"""The open tasks of all notes: read in the background while they are seen, ticked, and opened again by Undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.notes import NoteFilter
from desktop_app.domain.open_tasks import OpenTask
from desktop_app.presenters.single_shot import single_shot
from desktop_app.presenters.tasks import TaskRunner

#: While notes are written or imported, the list changes no more often than this.
REST_MS = 600


class TaskWork(Protocol):
    """The service."""

    def open_tasks(self, filter: NoteFilter, cancel: CancelToken) -> list[OpenTask]: ...
    def tick(self, task: OpenTask) -> None: ...
    def open_again(self, task: OpenTask) -> None: ...


class OpenTasksPresenter(QObject):
    """One list, of the notes that a filter lets through.

    Attributes:
        tasks: None until they were read once.
        error: why they could not be read.
    """

    changed = Signal()
    notice = Signal(str, object)  # words, undo
    failed = Signal(object)  # InkwellError of a tick

    def __init__(
        self,
        service: TaskWork,
        tasks: TaskRunner,
        flush: Callable[[], Sequence[InkwellError]] = lambda: (),
        parent: QObject | None = None,
        *,
        rest_ms: int = REST_MS,
    ) -> None:
        """`flush()` keeps what is being typed in a note and gives what could not be: a tick is written beside it."""
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._flush = flush
        self._filter = NoteFilter()
        self._watched = False
        self._soon = single_shot(self, rest_ms, self.look)
        self.tasks: list[OpenTask] | None = None
        self.error: InkwellError | None = None

    @property
    def filter(self) -> NoteFilter:
        """Whose tasks are listed."""
        return self._filter

    def set_watched(self, watched: bool) -> None:
        """Whether anybody sees the list; nothing is read while nobody does."""
        self._watched = watched
        if watched:
            self.look()
        else:
            self._soon.stop()

    def narrow(self, filter: NoteFilter) -> None:
        """List the tasks of the notes that a filter lets through."""
        if filter != self._filter:
            self._filter = filter
            self.tasks = None
            self.changed.emit()
            self.look()

    def look(self) -> None:
        """Read them anew."""
        wanted = self._filter

        def done(found: list[OpenTask]) -> None:
            self.tasks, self.error = found, None
            self.changed.emit()

        def failed(error: InkwellError) -> None:
            self.error = error
            self.changed.emit()

        self._soon.stop()
        if self._watched and not self._tasks.closed:
            self._tasks.run(
                lambda token: self._service.open_tasks(wanted, token), done=done, failed=failed, channel="note.tasks"
            )

    def look_soon(self) -> None:
        """A note was changed; many changes are one look."""
        if self._watched and not self._soon.isActive():
            self._soon.start()

    def tick(self, task: OpenTask) -> None:
        """It is done; the notice takes it back."""
        if self.tasks is None or task not in self.tasks or not self._all_saved():
            return
        self.tasks = [one for one in self.tasks if one is not task]
        self.changed.emit()

        def done(_none: None) -> None:
            words = task.words if len(task.words) <= 60 else task.words[:59] + "…"
            self.notice.emit(self.tr("“{task}” is done.").replace("{task}", words), lambda: self._open_again(task))
            self.look()

        def failed(error: InkwellError) -> None:
            self.failed.emit(error)
            self.look()

        self._tasks.run(lambda _token: self._service.tick(task), done=done, failed=failed)

    def close(self) -> None:
        """Start no more work by itself."""
        self.set_watched(False)

    def _all_saved(self) -> bool:
        """Said here where it fails: the note is not seen."""
        errors = self._flush()
        if errors:
            self.failed.emit(errors[0])
        return not errors

    def _open_again(self, task: OpenTask) -> None:
        if self._all_saved():
            self._tasks.run(
                lambda _token: self._service.open_again(task), done=lambda _none: self.look(), failed=self.failed.emit
            )
