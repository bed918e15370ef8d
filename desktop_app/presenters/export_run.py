"""One export at a time, off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.tasks import Task, TaskRunner

Progress = Callable[[int, int, str], None]
"""Told how many are done, of how many, and the title of the one under way."""


class ExportRun(QObject):
    """What the presenters of exports share."""

    progress = Signal(float, int, str)
    running_changed = Signal(bool)
    exported = Signal(object)  # the report
    failed = Signal(object)  # InkwellError

    def __init__(self, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: Task | None = None

    @property
    def running(self) -> bool:
        """Whether an export is under way."""
        return self._task is not None

    def stop(self) -> None:
        """Nothing is left of an export that was stopped."""
        if self._task is not None:
            self._task.cancel()

    def _start(self, write: Callable[[Progress, CancelToken], object]) -> None:
        """Run `write`; `exported` with what it returns, or `failed`, follows. While one runs, another is not begun."""
        if self._task is not None:
            return

        def done(report: object) -> None:
            self._end()
            self.exported.emit(report)

        def failed(error: InkwellError) -> None:
            self._end()
            self.failed.emit(error)

        self.running_changed.emit(True)
        self._task = self._tasks.run(
            lambda token: write(self.progress.emit, token), done=done, failed=failed, cancelled=self._end
        )

    def _end(self) -> None:
        self._task = None
        self.running_changed.emit(False)
