"""An import of chats while it runs, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.domain.chat_record import ChatImportReport, LeftOut
from desktop_app.domain.errors import InkwellError
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ElidedLabel, PlainLabel, TextButton, ThinProgress
from desktop_app.ui.widgets.labels import least_width

_LIST_HEIGHT = 84
_SHOWN = 200
"""Chats that were left out, as many as the list shows."""


class ChatImportSheet(QDialog):
    """First the progress with a way to stop, then the report in the same place."""

    stop_wanted = Signal()
    open_wanted = Signal(int)  # a chat's id

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._running = True
        self.setWindowTitle(self.tr("Import chats"))
        self.setMinimumWidth(least_width(480, parent))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(22, 18, 22, 18)
        self._layout.setSpacing(8)
        self.title = PlainLabel(self.tr("Importing chats…"), "title", wrap=True)
        self._layout.addWidget(self.title)
        self.detail = ElidedLabel(self.tr("Reading the file…"), "muted")
        self._layout.addWidget(self.detail)
        self._progress = ThinProgress(theme, name=self.tr("Progress of the import"))
        self._progress.set_fraction(None)
        self._layout.addWidget(self._progress)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch()
        self._stop = TextButton(self.tr("Stop"))
        self._stop.clicked.connect(self.reject)
        self._buttons.addWidget(self._stop)
        self._layout.addLayout(self._buttons)

    def show_progress(self, done: int, total: int, name: str) -> None:
        """`done` of `total` chats of the file `name` are read."""
        if self._running:
            words = self.tr("Chat {done} of {total} · {name}")
            words = words.replace("{done}", f"{done + 1:,}").replace("{total}", f"{total:,}").replace("{name}", name)
            self.detail.setText(words)
            self._progress.set_fraction(done / total if total else None)

    def show_report(self, report: ChatImportReport) -> None:
        """Say what came in, and what did not and why."""
        self._end_progress()
        chats, messages = len(report.chat_ids), report.messages
        if chats:
            counted = self.tr("1 chat") if chats == 1 else self.tr("{n} chats").replace("{n}", f"{chats:,}")
            said = self.tr("1 message") if messages == 1 else self.tr("{n} messages").replace("{n}", f"{messages:,}")
            self.title.setText(self.tr("Imported {chats}").replace("{chats}", counted))
            self._say(said)
        else:
            self.title.setText(self.tr("Nothing was imported"))
        if report.failed and not chats:
            self._say(self.tr("Your chats are as they were. A file comes in whole or not at all."))
        self._list(self.tr("Not imported"), report.failed)
        self._list(self.tr("Left out"), report.skipped)
        self._offer_copy(report.failed + report.skipped)
        if chats:
            newest = report.chat_ids[0]
            words = self.tr("Open it") if chats == 1 else self.tr("Open the first")
            opener = TextButton(words)
            opener.clicked.connect(lambda: self._open(newest))
            self._buttons.addWidget(opener)
        self._add_done()

    def show_error(self, error: InkwellError) -> None:
        """Say why nothing came in."""
        self._end_progress()
        self.title.setText(error.what)
        self._say(" ".join(part for part in (error.why, error.todo) if part))
        self._add_done()

    def reject(self) -> None:
        """Esc and the window's cross: stop what runs, else close. What was stopped closes the sheet by itself."""
        if self._running:
            self._stop.setEnabled(False)
            self.detail.setText(self.tr("Stopping…"))
            self.stop_wanted.emit()
        else:
            super().reject()

    def close_stopped(self) -> None:
        """The import was stopped, and nothing is changed."""
        self._running = False
        self.done(QDialog.DialogCode.Rejected)

    def _end_progress(self) -> None:
        self._running = False
        for widget in (self.detail, self._progress, self._stop):
            widget.hide()

    def _say(self, words: str) -> None:
        if words:
            self._insert(PlainLabel(words, "muted", wrap=True, parent=self))

    def _insert(self, widget: QWidget) -> None:
        """Above the buttons; shown and styled at once, so that the sheet's new size has room for it."""
        self._layout.insertWidget(self._layout.count() - 1, widget)
        widget.ensurePolished()
        widget.show()

    def _list(self, heading: str, left_out: tuple[LeftOut, ...]) -> None:
        if not left_out:
            return
        lines = [f"{one.name}: {one.reason}" for one in left_out]
        shown = lines[:_SHOWN]
        if len(lines) > _SHOWN:
            shown.append(self.tr("… and {n} more").replace("{n}", f"{len(lines) - _SHOWN:,}"))
        self._insert(PlainLabel(heading, "section_strong", parent=self))
        box = QPlainTextEdit("\n".join(shown), self)
        box.setReadOnly(True)
        box.setProperty("role", "field")
        box.setAccessibleName(heading)
        box.setFont(self._theme.interface_font())
        self._insert(box)
        box.setFixedHeight(self._theme.px(_LIST_HEIGHT))  # not before: the style brings a least height of its own

    def _offer_copy(self, left_out: tuple[LeftOut, ...]) -> None:
        if left_out:
            text = "\n".join(f"{one.name}: {one.reason}" for one in left_out)
            copy = TextButton(self.tr("Copy the list"))
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
            self._buttons.insertWidget(0, copy)

    def _add_done(self) -> None:
        done = TextButton(self.tr("Done"), "primary")
        done.clicked.connect(self.accept)
        done.setDefault(True)
        self._buttons.addWidget(done)
        done.setFocus()
        for button in self.findChildren(TextButton):
            button.ensurePolished()
        self.adjustSize()

    def _open(self, chat_id: int) -> None:
        self.accept()
        self.open_wanted.emit(chat_id)
