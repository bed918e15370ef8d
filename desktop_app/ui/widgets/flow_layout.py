"""Widgets side by side, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Fills lines from the left, or from the right (`from_right`). A widget wider than the line gets the whole line."""

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 6, from_right: bool = False) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._from_right = from_right
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def put_in_order(self, widgets: Sequence[QWidget]) -> None:
        """Arrange the widgets that are here already in this order."""
        self._items.sort(key=lambda item: widgets.index(item.widget()))
        self.invalidate()

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        widths = [item.sizeHint().width() for item in self._items]
        heights = [item.sizeHint().height() for item in self._items]
        return QSize(sum(widths) + self.spacing() * max(0, len(widths) - 1), max(heights, default=0))

    def minimumSize(self) -> QSize:
        return QSize(
            max((item.minimumSize().width() for item in self._items), default=0),
            max((item.minimumSize().height() for item in self._items), default=0),
        )

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Place the items inside `rect`; the height they take."""
        top, bottom = rect.y(), rect.y()
        line: list[tuple[QLayoutItem, QSize]] = []
        used = 0
        for item in self._items:
            size = self._size(item, rect.width())
            if line and used + self.spacing() + size.width() > rect.width():
                bottom = self._place(line, rect, top, used, move=move)
                top = bottom + self.spacing()
                line, used = [], 0
            used += size.width() + (self.spacing() if line else 0)
            line.append((item, size))
        if line:
            bottom = self._place(line, rect, top, used, move=move)
        return bottom - rect.y()

    def _size(self, item: QLayoutItem, most: int) -> QSize:
        width = min(item.sizeHint().width(), most)
        height = item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
        return QSize(width, height)

    def _place(self, line: list[tuple[QLayoutItem, QSize]], rect: QRect, top: int, used: int, *, move: bool) -> int:
        height = max(size.height() for _item, size in line)
        x = rect.right() + 1 - used if self._from_right else rect.x()
        if move:
            for item, size in line:
                item.setGeometry(QRect(QPoint(x, top), QSize(size.width(), height)))
                x += size.width() + self.spacing()
        return top + height
