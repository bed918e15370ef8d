"""Marks beside the lines that can be folded: an arrow where the pointer is, and three dots behind what is folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF, QTextBlock

from desktop_app.domain.markdown_lists import item_of
from desktop_app.ui.notes.folding import Folding
from desktop_app.ui.theme.theme import Theme

if TYPE_CHECKING:
    from desktop_app.ui.notes.markdown_editor import MarkdownEditor

_REACH = 200
#: Room for the arrow in front of a line, in pixels.
_ROOM = 18
#: The middle of capitals, from the top of a row, in heights of its letters.
_MIDDLE = 0.63


class FoldMarks:
    """Draws the marks of one editor and knows what is pressed."""

    def __init__(self, editor: MarkdownEditor, folding: Folding, theme: Theme) -> None:
        self._editor = editor
        self._folding = folding
        self._theme = theme
        self._hovered = -1  # number of the line that the pointer is beside

    def paint(self, painter: QPainter, block: QTextBlock, rect: QRectF) -> None:
        """Draw what belongs to the line that stands at `rect` of the viewport."""
        folded = self._folding.is_folded(block)
        if not folded and block.blockNumber() != self._hovered:
            return
        painter.setPen(QPen(self._theme.color("muted_text"), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        middle = self._arrow(block, rect).center()
        wide, high = self._theme.px(2.2), self._theme.px(4)
        corners = [(-wide, -high), (wide, 0), (-wide, high)] if folded else [(-high, -wide), (0, wide), (high, -wide)]
        painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in corners]))
        if folded:
            self._paint_dots(painter, self._dots(block, rect))

    def pressed_at(self, point: QPointF) -> bool:
        """Fold or unfold what a point of the viewport is a mark of; false where none is."""
        block = self._marked_at(point)
        return block is not None and self._folding.toggle(block)

    def is_at(self, point: QPointF) -> bool:
        """Whether a point of the viewport is on a mark."""
        return self._marked_at(point) is not None

    def hover(self, point: QPointF | None) -> bool:
        """The pointer is here, or nowhere; whether other marks are to be drawn."""
        before = self._hovered
        self._hovered = -1
        if point is not None:
            for block, rect in self._editor.lines_on_screen():
                if rect.top() <= point.y() < rect.bottom() and self._folding.can_fold(block):
                    self._hovered = block.blockNumber()
        return self._hovered != before

    # Inside -------------------------------------------------------------------------------------

    def _marked_at(self, point: QPointF) -> QTextBlock | None:
        for block, rect in self._editor.lines_on_screen():
            if rect.top() <= point.y() < rect.bottom():
                folded = self._folding.is_folded(block)
                on_mark = self._arrow(block, rect).contains(point) or (
                    folded and self._dots(block, rect).contains(point)
                )
                return block if on_mark and (folded or self._folding.can_fold(block)) else None
        return None

    def _arrow(self, block: QTextBlock, rect: QRectF) -> QRectF:
        line = block.layout().lineAt(0)
        item = item_of(block.text()[:_REACH])
        indent = self._editor.x_of(line, len(item.indent)) if item is not None and line.isValid() else 0.0
        room = self._theme.px(_ROOM) if indent else rect.left()
        height = 2 * _MIDDLE * line.ascent()
        return QRectF(rect.left() + indent - room, rect.top(), room, max(height, 1.0))

    def _dots(self, block: QTextBlock, rect: QRectF) -> QRectF:
        line = block.layout().lineAt(block.layout().lineCount() - 1)
        wide, high = self._theme.px(24), self._theme.px(14)
        middle = rect.top() + line.y() + _MIDDLE * line.ascent()
        left = rect.left() + line.naturalTextRect().right() + self._theme.px(8)
        return QRectF(min(left, rect.right() - wide), middle - high / 2, wide, high)

    def _paint_dots(self, painter: QPainter, place: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("code_block"))
        painter.drawRoundedRect(place, place.height() / 2, place.height() / 2)
        painter.setBrush(self._theme.color("muted_text"))
        for step in (-1, 0, 1):
            painter.drawEllipse(place.center() + QPointF(step * place.width() / 4.5, 0), 1.4, 1.4)
