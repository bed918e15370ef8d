"""The export of chosen notes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import ExportReport, Note
from desktop_app.presenters.export_run import ExportRun, Progress

Write = Callable[[Progress, CancelToken], ExportReport | None]
"""Writes the files, or prints and returns nothing; gets where to tell how far it is, and what stops it."""


class NoteExportPresenter(ExportRun):
    """What the notes screen needs to export notes; `exported` gives an ExportReport, or None."""

    formatted = Signal(str, str)  # HTML, the Markdown that it was made of

    def format(self, note: Note, make: Callable[[Note], str]) -> None:
        """Make HTML of a note or of a part of it; `formatted` or `failed` follows."""
        self._tasks.run(
            lambda _token: make(note),
            done=lambda html: self.formatted.emit(html, note.text),
            failed=self.failed.emit,
            channel="note.format",
        )

    def export(self, write: Write) -> None:
        """Run `write`; `exported` or `failed` follows. While one runs, another is not begun."""
        self._start(write)
