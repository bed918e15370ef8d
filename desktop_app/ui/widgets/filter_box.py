"""The field that narrows a list."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class FilterBox(QLineEdit):
    """A line to type into, with a glass in front. Esc clears it first; Down or Enter asks for the list."""

    leave_downwards = Signal()

    def __init__(self, placeholder: str, *, icon: QIcon | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder.rstrip("….").strip())
        if icon is not None:
            glass = QAction(icon, "", self)
            glass.setEnabled(True)
            self.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self.setClearButtonEnabled(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            event.accept()
            return
        if event.key() == Qt.Key.Key_Down:
            self.leave_downwards.emit()
            event.accept()
            return
        super().keyPressEvent(event)
