"""A field to type a few letters into, and the lines that fit them: Ctrl+K and the choice of a preset are made of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.labels import PlainLabel

_PAGE = 8


class FieldWithList(QWidget):
    """The field keeps the keyboard: Up and Down mark a line, at the ends they go round; PgUp and PgDown do not.

    `entered` follows Enter, `taken(QListWidgetItem)` a click, `marked(row)` each move by hand.
    """

    entered = Signal()
    taken = Signal(object)
    marked = Signal(int)

    def __init__(self, field_words: str, field_name: str, list_name: str, *, nothing: str = "") -> None:
        """`field_words` stand in the empty field; `nothing` is said where no line fits."""
        super().__init__()
        self.field = QLineEdit()
        self.field.setProperty("role", "palette")
        self.field.setPlaceholderText(field_words)
        self.field.setAccessibleName(field_name)
        self.field.installEventFilter(self)
        rule = QFrame()
        rule.setProperty("role", "rule")
        self.list = QListWidget()
        self.list.setAccessibleName(list_name)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self.taken.emit)
        self.nothing = PlainLabel(nothing, "muted")
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(rule)
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing, 1, Qt.AlignmentFlag.AlignTop)
        self.setFocusProxy(self.field)

    def show_lines(self, lines: list[QListWidgetItem], marked: int) -> None:
        """Show other lines, one of them marked."""
        self.list.clear()
        for line in lines:
            self.list.addItem(line)
        self.list.setVisible(bool(lines) or not self.nothing.text())
        self.nothing.setVisible(self.list.isHidden())
        self.list.setCurrentRow(self._clamped(marked))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._take_key(event)
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _PAGE, Qt.Key.Key_PageUp: -_PAGE}
        key = Qt.Key(event.key())
        if key in moves and self.list.count():
            row = self.list.currentRow() + moves[key]
            row = row % self.list.count() if abs(moves[key]) == 1 else self._clamped(row)
            self.list.setCurrentRow(row)
            self.marked.emit(row)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
            return True
        return False

    def _clamped(self, row: int) -> int:
        return min(self.list.count() - 1, max(0, row))


def paint_mark(painter: QPainter, option: QStyleOptionViewItem, theme: Theme) -> None:
    """The ground of a line, where it is the marked one."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if option.state & QStyle.StateFlag.State_Selected:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent_soft"))
        painter.drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 8, 8)
