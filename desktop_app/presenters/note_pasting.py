"""HTML that is pasted into a note becomes Markdown, off the GUI thread and in a process of its own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.import_ports import HtmlReader


class NotePastingPresenter(QObject):
    """Thin over the reader of files; every answer comes in the GUI thread."""

    def __init__(self, reader: Callable[[], HtmlReader], tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._tasks = tasks

    def to_markdown(self, html: str, done: Callable[[str | None], None]) -> None:
        """`done` gets the Markdown; None where the HTML could not be read."""
        self._tasks.run(
            lambda token: self._reader().read_html(html, token),
            done=done,
            failed=lambda _error: done(None),
        )
