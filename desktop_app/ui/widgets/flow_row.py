"""Small widgets in lines, as many to a line as fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

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
        before: QWidget | None = None
        for widget in self._widgets:
            if widget.parent() is not self:
                widget.setParent(self)
            widget.installEventFilter(self)
            widget.show()
            if before is not None:
                QWidget.setTabOrder(before, widget)
            before = widget
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
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
        x = y = line = 0
        for widget in self._widgets:
            if widget.isHidden():
                continue
            widget.ensurePolished()
            hint = widget.sizeHint()
            width = min(hint.width(), max(1, self.width()))
            if x and x + width > self.width():
                x, y, line = 0, y + line + _SPACING, 0
            widget.setGeometry(x, y, width, hint.height())
            x += width + _SPACING
            line = max(line, hint.height())
        if self.height() != y + line:
            self.setFixedHeight(y + line)
