"""What stands in the window's place when the database can be neither opened nor made."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.cards import ErrorBox

_SIZE = (620, 220)


class StoreProblem(QWidget):
    """What happened, why, what to do, and two ways on: try again, or quit."""

    opened = Signal()

    def __init__(self, error: InkwellError, theme: Theme, open_store: Callable[[], object]) -> None:
        super().__init__()
        self._theme = theme
        self._open_store = open_store
        self.setWindowTitle("Inkwell")
        self.resize(*_SIZE)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(24, 24, 24, 24)
        self._box = self._make_box(error)

    def _make_box(self, error: InkwellError) -> ErrorBox:
        box = ErrorBox(
            error,
            [(self.tr("Try again"), self.try_again), (self.tr("Quit"), self.close)],
            icon=self._theme.icon("warning", "warning"),
        )
        self._layout.addWidget(box)
        return box

    def try_again(self) -> None:
        """Open the store once more; `opened` when it worked, else the newest reason is shown."""
        try:
            self._open_store()
        except InkwellError as error:
            self._layout.removeWidget(self._box)
            self._box.deleteLater()
            self._box = self._make_box(error)
            return
        self.opened.emit()
        self.close()
