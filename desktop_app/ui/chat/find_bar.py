"""The bar over the transcript that finds a text in the open chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from desktop_app.presenters.find_in_chat import FindInChat
from desktop_app.ui.widgets import IconButton, PlainLabel, set_role

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme


class _FindLine(QLineEdit):
    """Enter goes to the next place, Shift+Enter to the one before, Esc closes."""

    step_wanted = Signal(int)
    close_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a search."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step_wanted.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_wanted.emit()
        else:
            super().keyPressEvent(event)


class FindBar(QFrame):
    """A line to type into, "3 of 12", and the ways to the next place and to the one before."""

    text_changed = Signal(str)
    closed = Signal()

    def __init__(self, presenter: FindInChat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setProperty("role", "head")
        self.setAccessibleName(self.tr("Find in chat"))
        self.line = _FindLine(self)
        self.line.setPlaceholderText(self.tr("Find in this chat…"))
        self.line.setAccessibleName(self.tr("Text to find in this chat"))
        self.line.textChanged.connect(self.text_changed)
        self.line.step_wanted.connect(presenter.step)
        self.line.close_wanted.connect(self.close_bar)
        self.count = PlainLabel("", "muted", parent=self)
        self.before = IconButton(theme.icon("chevron-up"), self.tr("Place before (Shift+F3)"), parent=self)
        self.before.clicked.connect(lambda: presenter.step(-1))
        self.next = IconButton(theme.icon("chevron-down"), self.tr("Next place (F3)"), parent=self)
        self.next.clicked.connect(lambda: presenter.step(1))
        end = IconButton(theme.icon("close"), self.tr("Close (Esc)"), parent=self)
        end.clicked.connect(self.close_bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 8, 16, 8)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.count)
        for button in (self.before, self.next, end):
            row.addWidget(button)
        presenter.changed.connect(self._show_count)
        self.hide()
        self._show_count()

    def open_bar(self, text: str = "") -> None:
        """Show the bar with the keyboard in it; `text` replaces what was looked for last."""
        if text:
            self.line.setText(text)
        self.show()
        self.line.setFocus()
        self.line.selectAll()
        self.text_changed.emit(self.line.text())

    def close_bar(self) -> bool:
        """Hide the bar and look for nothing; false when it was hidden."""
        if self.isHidden():
            return False
        self.hide()
        self._presenter.close()
        self.closed.emit()
        return True

    def _show_count(self) -> None:
        presenter = self._presenter
        some = presenter.total > 0
        if some:
            words = self.tr("{0} of {1}").format(f"{presenter.number:,}", f"{presenter.total:,}")
        elif presenter.text:
            words = self.tr("Not found") if presenter.is_current else self.tr("Looking…")
        else:
            words = ""
        set_role(self.count, "warning" if presenter.text and presenter.is_current and not some else "muted")
        self.count.setText(words)
        self.before.setEnabled(some)
        self.next.setEnabled(some)
