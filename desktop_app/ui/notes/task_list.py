"""A list of open tasks: a press on the box, or the space bar, ticks one; all else of a row goes to its place."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from desktop_app.presenters.rows import RowRole
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import FlatList

_BOX_REACH = 32
"""From a row's edge to where its words begin, in designed pixels."""


class TaskList(FlatList):
    """`ticked(id)` in place of `chosen(id)` where the box was meant."""

    ticked = Signal(object)

    def __init__(self, theme: Theme, model: QAbstractItemModel, *, name: str) -> None:
        super().__init__(theme, model, name=name, sections=True)
        self._theme = theme
        self._on_box = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        inside = event.position().x() - self.visualRect(index).left()
        if event.button() is Qt.MouseButton.LeftButton and index.isValid() and inside <= self._theme.px(_BOX_REACH):
            self._on_box = True
            self._tick(index)
            event.accept()
            return
        self._on_box = False
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._on_box:  # what stands there by now is another task
            self._on_box = False
            event.accept()
            return
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._tick(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _tick(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if not index.data(RowRole.SECTION):
            self.ticked.emit(index.data(RowRole.ID))
