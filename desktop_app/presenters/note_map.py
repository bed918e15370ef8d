"""The map of notes: made in the background, looked at again whenever its page is opened."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.note_map import NoteMap
from desktop_app.presenters.tasks import Task, TaskRunner


class MapMaking(Protocol):
    """The service."""

    def make(self, cancel: CancelToken, progress: Callable[[float], None]) -> NoteMap | None: ...


class MapPhase(StrEnum):
    """What the page shows. NOTHING: too few notes are indexed."""

    STOPPED = "stopped"
    MAKING = "making"
    SHOWN = "shown"
    NOTHING = "nothing"
    FAILED = "failed"


class NoteMapPresenter(QObject):
    """Holds the newest map; while a newer one is made the older stays."""

    changed = Signal()
    progressed = Signal(float)

    def __init__(self, service: MapMaking, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._task: Task | None = None
        self.phase = MapPhase.STOPPED
        self.map: NoteMap | None = None
        self.error: InkwellError | None = None

    def load(self) -> None:
        """Make the map of the notes as they are now; unchanged ones cost a look at the cache."""
        if self._task is not None and self._task.running:
            return
        self._task = self._tasks.run(
            lambda cancel: self._service.make(cancel, self.progressed.emit),
            done=self._take,
            failed=self._fail,
            cancelled=lambda: self._go(MapPhase.SHOWN if self.map else MapPhase.STOPPED),
            channel="search.note_map",
        )
        if self.map is None or self.phase is MapPhase.FAILED:
            self._go(MapPhase.MAKING)

    def stop(self) -> None:
        """End the making."""
        if self._task is not None:
            self._task.cancel()

    def _take(self, made: NoteMap | None) -> None:
        self.map = made
        self._go(MapPhase.NOTHING if made is None else MapPhase.SHOWN)

    def _fail(self, error: InkwellError) -> None:
        self.error = error
        self._go(MapPhase.FAILED)

    def _go(self, phase: MapPhase) -> None:
        self.phase = phase
        self.changed.emit()
