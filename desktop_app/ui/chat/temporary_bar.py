"""What marks a temporary chat: a bar under its title, a row in the list, and the question before it is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.ui.widgets import ActionButton, ElidedLabel, PlainLabel, TextButton
from desktop_app.ui.widgets.labels import at_font_size

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from desktop_app.ui.theme.theme import Theme


class TemporaryBar(QFrame):
    """Says that the chat or page is gone when it is closed, and offers to keep it."""

    def __init__(self, keep: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "temporary")
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 6, 20, 6)
        row.setSpacing(10)
        words = PlainLabel(self.tr("Temporary: gone when you close it"), "", wrap=True)
        row.addWidget(words, 1)
        self.keep_button = ActionButton(keep, text=self.tr("Keep it"))
        row.addWidget(self.keep_button)
        self.setAccessibleName(words.text())


class TemporaryRow(QFrame):
    """The open temporary chat above the list, which never holds it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("role", "temporary_row")
        self._title = ElidedLabel("", "strong")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 7, 10, 7)
        column.setSpacing(1)
        column.addWidget(self._title)
        column.addWidget(ElidedLabel(self.tr("Temporary, on no disk"), "small"))
        self.hide()

    def show_title(self, title: str) -> None:
        """Name the chat; an empty title hides the row."""
        self._title.setText(title)
        self.setAccessibleName(self.tr("Temporary chat: {0}").format(title))
        self.setVisible(bool(title))


class LeaveQuestion(QDialog):
    """End the chat or page, keep it, or stay."""

    def __init__(
        self, end: Callable[[], object], keep: Callable[[], object], parent: QWidget, *, of_page: bool = False
    ) -> None:
        """`of_page`: it is about a page of free writing."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Temporary free writing") if of_page else self.tr("Temporary chat"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(10)
        title = self.tr("End the temporary free writing?") if of_page else self.tr("End the temporary chat?")
        column.addWidget(PlainLabel(title, "title"))
        detail = PlainLabel(self.tr("It is on no disk: once it is ended, nothing brings it back."), "muted", wrap=True)
        detail.setMinimumWidth(at_font_size(360))
        column.addWidget(detail)
        self.stay_button = TextButton(self.tr("Cancel"))
        self.stay_button.clicked.connect(self.reject)
        self.keep_button = TextButton(self.tr("Keep it"))
        self.keep_button.clicked.connect(lambda: self._close(keep))
        self.end_button = TextButton(self.tr("End it"), "danger")
        self.end_button.clicked.connect(lambda: self._close(end))
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (self.stay_button, self.keep_button, self.end_button):
            row.addWidget(button)
        column.addSpacing(6)
        column.addLayout(row)
        self.stay_button.setFocus()

    def _close(self, act: Callable[[], object]) -> None:
        self.accept()
        act()
