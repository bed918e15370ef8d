"""A question over a window, with buttons to answer it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget


class QuestionBox(QMessageBox):
    """Its texts are shown as they are, never as HTML. Enter and the first focus are with the default button.

    Where the application is styled anew (light or dark, another font size), Qt lays the buttons out again and gives
    focus and Enter to the first, which may be the one that deletes for good: both go back to the default button.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._default: QPushButton | None = None
        self._styled = QTimer(self)
        self._styled.setSingleShot(True)
        self._styled.setInterval(0)
        self._styled.timeout.connect(self._give_back)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWindowTitle("Inkwell")

    def set_safe_button(self, button: QPushButton) -> None:
        """Enter and Esc choose this one."""
        self.set_default(button)
        self.setEscapeButton(button)

    def set_default(self, button: QPushButton) -> None:
        """Enter chooses this one, which has the focus when the question opens."""
        self._default = button
        self.setDefaultButton(button)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and self._default is not None:
            self._styled.start()
        super().changeEvent(event)

    def _give_back(self) -> None:
        if self._default is None:
            return
        self.setDefaultButton(self._default)
        self._default.setFocus(Qt.FocusReason.OtherFocusReason)
