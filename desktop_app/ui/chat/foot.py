"""The foot of the chat screen: as wide as the screen, what it holds as wide as the column of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout

from desktop_app.ui.chat.transcript_view import column_width

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme


class Foot(QFrame):
    """Holds what one writes with, in the transcript's column."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "foot")
        self.column = QVBoxLayout(self)
        self.column.setSpacing(6)

    def minimumSizeHint(self) -> QSize:
        """What it holds: the room beside the column is no need, and shrinks with the width."""
        hint = super().minimumSizeHint()
        edges = self.column.contentsMargins()
        return QSize(hint.width() - edges.left() - edges.right(), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the column's edges."""
        super().resizeEvent(event)
        column = column_width(self._theme, self.width())
        side = (self.width() - column) // 2
        self.column.setContentsMargins(side, 12, self.width() - column - side, 9)
