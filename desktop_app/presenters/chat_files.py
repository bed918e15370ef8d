"""Chats to files and from files, off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.presenters.tasks import Task, TaskRunner

if TYPE_CHECKING:
    from desktop_app.domain.chat_format import ChatFormat
    from desktop_app.domain.chat_record import ChatImportReport
    from desktop_app.domain.errors import InkwellError


class ChatFileUseCases(Protocol):
    """`services.chat_transfer.ChatTransfer`, as far as the window uses it. Every method but `file_name` blocks."""

    def file_name(self, title: str, wanted: ChatFormat) -> str: ...
    def export(self, chat_id: int, wanted: ChatFormat, path: Path) -> None: ...
    def import_files(
        self, paths: Sequence[Path], progress: Callable[[int, int, str], None], cancel: CancelToken
    ) -> ChatImportReport: ...


class ChatFilesPresenter(QObject):
    """Exports one chat, imports files; one import at a time."""

    exported = Signal(object)  # Path
    export_failed = Signal(object)  # InkwellError
    import_started = Signal()
    import_progress = Signal(int, int, str)
    imported = Signal(object)  # ChatImportReport
    import_failed = Signal(object)  # InkwellError
    import_stopped = Signal()

    def __init__(
        self, service: Callable[[], ChatFileUseCases], tasks: TaskRunner, parent: QObject | None = None
    ) -> None:
        """`service()` gives the use cases, asked for when they are needed first."""
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._import: Task | None = None

    def file_name(self, title: str, wanted: ChatFormat) -> str:
        """What to offer as the file's name."""
        return self._service().file_name(title, wanted)

    def export(self, chat_id: int, wanted: ChatFormat, path: Path) -> None:
        """Write a chat to a file; `exported` or `export_failed` follows."""

        def work(_cancel: CancelToken) -> Path:
            self._service().export(chat_id, wanted, path)
            return path

        self._tasks.run(work, done=self.exported.emit, failed=self.export_failed.emit)

    def import_files(self, paths: Sequence[Path]) -> None:
        """Bring in the chats of these files; `imported`, `import_failed` or `import_stopped` follows.

        Nothing happens while another import runs, which is on the screen then.
        """
        if self._import is not None or not paths:
            return
        wanted = list(paths)

        def work(cancel: CancelToken) -> ChatImportReport:
            return self._service().import_files(wanted, self.import_progress.emit, cancel)

        self.import_started.emit()
        self._import = self._tasks.run(work, done=self._done, failed=self._failed, cancelled=self._stopped)

    def stop_import(self) -> None:
        """Stop the import that runs; a file that is not whole in yet changes nothing."""
        if self._import is not None:
            self._import.cancel()

    def _done(self, report: ChatImportReport) -> None:
        self._import = None
        self.imported.emit(report)

    def _failed(self, error: InkwellError) -> None:
        self._import = None
        self.import_failed.emit(error)

    def _stopped(self) -> None:
        self._import = None
        self.import_stopped.emit()
