"""The export of one folder of notes, and which folders on the disk notes came from."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import FolderExportReport
from desktop_app.presenters.export_run import ExportRun, Progress
from desktop_app.presenters.tasks import TaskRunner


class FolderExporting(Protocol):
    """Writes a folder of notes, or all that came from a folder on the disk."""

    def sources(self) -> list[Path]: ...
    def run(self, source: str | Path, folder: Path, progress: Progress, cancel: CancelToken) -> FolderExportReport: ...


class FolderExportPresenter(ExportRun):
    """What the notes screen needs to export a folder; `exported` gives a FolderExportReport."""

    sources_found = Signal(object)  # list[Path], after `ask`

    def __init__(self, exporter: FolderExporting, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(tasks, parent)
        self._exporter = exporter

    def ask(self) -> None:
        """Which folders on the disk did notes come from? `sources_found` answers."""
        self._tasks.run(
            lambda _token: self._exporter.sources(),
            done=self.sources_found.emit,
            failed=self.failed.emit,
            channel="notes.sources",
        )

    def export(self, source: str | Path, folder: Path) -> None:
        """Write it below `folder`; `exported` or `failed` follows. One at a time."""
        self._start(lambda progress, token: self._exporter.run(source, folder, progress, token))
