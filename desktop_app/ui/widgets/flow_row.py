"""Small widgets in lines, as many to a line as fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from desktop_app.ui.widgets.tab_order import place_in_tab_order

_SPACING = 6
_REASONS = (QEvent.Type.LayoutRequest, QEvent.Type.ShowToParent, QEvent.Type.HideToParent)


class FlowRow(QWidget):
    """Says its height itself: a box layout gives a row of lines the height of one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets: list[QWidget] = []
        self.setMinimumWidth(1)

    def set_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Show these, in this order. Those that were shown before and are not among them are deleted."""
        for widget in self._widgets:
            if widget not in widgets:
                widget.removeEventFilter(self)
                widget.hide()
                widget.deleteLater()
        self._widgets = list(widgets)
        for widget in self._widgets:
            if widget.parent() is not self:
                widget.setParent(self)
            widget.installEventFilter(self)
            widget.show()
        place_in_tab_order(self, self._widgets)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Of words that changed while nothing of it was to be seen, Qt tells nobody."""
        super().showEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit()

    def event(self, event: QEvent) -> bool:
        """A widget that has other words now tells its parent, as there is no layout."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A widget that needs another size, or is hidden, may need another line."""
        if event.type() in _REASONS:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        y = 0
        for line in self._lines():
            x, height = 0, max(size.height() for _, size in line)
            for widget, size in line:
                widget.setGeometry(x, y + (height - size.height()) // 2, size.width(), size.height())
                x += size.width() + _SPACING
            y += height + _SPACING
        height = max(0, y - _SPACING)
        if self.height() != height:
            self.setFixedHeight(height)

    def _lines(self) -> list[list[tuple[QWidget, QSize]]]:
        """What is shown, with its size, by lines."""
        lines: list[list[tuple[QWidget, QSize]]] = []
        room = 0
        for widget in self._widgets:
            if widget.isHidden():
                continue
            widget.ensurePolished()
            size = widget.sizeHint().boundedTo(widget.maximumSize()).expandedTo(widget.minimumSize())
            size.setWidth(min(size.width(), max(1, self.width())))
            if not lines or size.width() > room:
                lines.append([])
                room = self.width()
            lines[-1].append((widget, size))
            room -= size.width() + _SPACING
        return lines
