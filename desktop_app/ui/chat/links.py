"""Opening a link from a message: its target is shown, and nothing opens without a yes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.ui.chat.link_targets import is_safe_link
from desktop_app.ui.widgets import PlainLabel, TextButton, breakable
from desktop_app.ui.widgets.labels import at_font_size

Opener = Callable[[str], object]


def open_in_browser(target: str) -> bool:
    """Hand a safe link to the desktop."""
    return QDesktopServices.openUrl(QUrl(target))


class LinkQuestion(QDialog):
    """The question "Open this link?" with the whole target to read."""

    def __init__(self, target: str, opener: Opener, parent: QWidget) -> None:
        super().__init__(parent)
        self._target = target
        self._opener = opener
        self.setWindowTitle(self.tr("Open link"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(10)
        column.addWidget(PlainLabel(self.tr("Open this link outside Inkwell?"), "title"))
        shown = PlainLabel(breakable(target), "code", wrap=True, selectable=True)
        shown.setAccessibleName(self.tr("Target of the link"))
        shown.setMinimumWidth(at_font_size(420))
        column.addWidget(shown)
        column.addWidget(PlainLabel(self.tr("It was written by the model and may be wrong."), "muted", wrap=True))
        row = QHBoxLayout()
        row.addStretch(1)
        copy = TextButton(self.tr("Copy address"))
        copy.clicked.connect(self._copy)
        cancel = TextButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.open_button = TextButton(self.tr("Open"), "primary")
        self.open_button.clicked.connect(self._open)
        for button in (copy, cancel, self.open_button):
            row.addWidget(button)
        column.addSpacing(6)
        column.addLayout(row)
        cancel.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._target)
        self.reject()

    def _open(self) -> None:
        self.accept()
        self._opener(self._target)


def ask_to_open(target: str, opener: Opener, parent: QWidget) -> LinkQuestion | None:
    """Ask, without blocking. Anything but http, https and mailto is not even asked about."""
    if not is_safe_link(target):
        return None
    question = LinkQuestion(target, opener, parent)
    question.open()
    return question
