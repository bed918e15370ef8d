"""A page in the place of a chat's messages."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.ui.theme.theme import Theme

_WIDTH = 560
_MARGIN = 24


class MiddlePage(QScrollArea):
    """One column a little above the middle, no wider than is read well; scrolled where the window is too low for it.

    A page that fits more than the width of the column overrides `_fit`, which follows the window and the letters.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        self.setWidget(inner)
        page = QVBoxLayout(inner)
        page.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._middle = QWidget()
        holder = QHBoxLayout()
        holder.addWidget(self._middle)
        page.addStretch(2)
        page.addLayout(holder)
        page.addStretch(3)
        self._column = QVBoxLayout(self._middle)
        self._column.setContentsMargins(0, 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._middle.setMaximumWidth(self._theme.px(_WIDTH))

    def _room(self) -> int:
        """The width of the column, in pixels."""
        return min(self._theme.px(_WIDTH), self.viewport().width() - 2 * _MARGIN)
