"""The export of one folder of notes: which there are, and one at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import FolderExportReport
from desktop_app.presenters.tasks import Task, TaskRunner


class FolderExporting(Protocol):
    """Writes a folder of notes, or all that came from a folder on the disk."""

    def sources(self) -> list[Path]: ...
    def run(
        self, source: str | Path, folder: Path, progress: Callable[[int, int, str], None], cancel: CancelToken
    ) -> FolderExportReport: ...


class FolderExportPresenter(QObject):
    """What the notes screen needs to export a folder."""

    sources_found = Signal(object)  # list[Path], after `ask`
    progress = Signal(float, int, str)
    running_changed = Signal(bool)
    exported = Signal(object)  # FolderExportReport
    failed = Signal(object)  # InkwellError

    def __init__(self, exporter: FolderExporting, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._exporter = exporter
        self._tasks = tasks
        self._task: Task | None = None

    def ask(self) -> None:
        """Which folders on the disk did notes come from? `sources_found` answers."""
        self._tasks.run(
            lambda _token: self._exporter.sources(),
            done=self.sources_found.emit,
            failed=self.failed.emit,
            channel="notes.sources",
        )

    def export(self, source: str | Path, folder: Path) -> None:
        """Write it below `folder`; `exported` follows. One at a time."""
        if self._task is not None:
            return

        def work(token: CancelToken) -> FolderExportReport:
            return self._exporter.run(source, folder, self.progress.emit, token)

        def done(report: FolderExportReport) -> None:
            self._end()
            self.exported.emit(report)

        def failed(error: object) -> None:
            self._end()
            self.failed.emit(error)

        self.running_changed.emit(True)
        self._task = self._tasks.run(work, done=done, failed=failed, cancelled=self._end)

    def stop(self) -> None:
        """Nothing is left of an export that was stopped."""
        if self._task is not None:
            self._task.cancel()

    def _end(self) -> None:
        self._task = None
        self.running_changed.emit(False)
