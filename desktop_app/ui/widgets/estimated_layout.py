"""Lays out a very long plain text, and only where it is looked at; the height of what was not seen is estimated."""

from __future__ import annotations

from math import floor

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QTextBlock,
    QTextDocument,
    QTextFrame,
    QTextLayout,
    QTextLine,
    QTextOption,
)
from PySide6.QtWidgets import QStyle

from desktop_app.ui.widgets.height_table import HIDDEN, HeightTable

#: Wider and higher than any screen.
_ANYWHERE = 1e9


class EstimatedLayout(QAbstractTextDocumentLayout):
    """For documents of nothing but paragraphs that all have the first one's format. Invisible ones take no room.

    Qt's own layout goes through all paragraphs behind a change, and lays out all of them in front of a place that is
    gone to: half a second and half a minute for 290,000 of them. Here each costs something only when it is drawn or
    asked for.
    """

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._heights = HeightTable()
        self._measure: tuple[float, str] | None = None
        self._known_margins: tuple[float, float, float, float] | None = None
        self._grown = QTimer(self)  # in a turn of its own: not while the text is drawn
        self._grown.setSingleShot(True)
        self._grown.setInterval(0)
        self._grown.timeout.connect(lambda: self.documentSizeChanged.emit(self.documentSize()))

    def block_at(self, y: float) -> QTextBlock:
        """The paragraph at a height of the document, the nearest one where there is none."""
        return self.document().findBlockByNumber(self._heights.line_at(y - self._margins()[1]))

    def next_shown(self, block: QTextBlock) -> QTextBlock:
        """The paragraph behind one, hidden ones left out; an invalid one behind the last."""
        following = block.next()
        if not following.isValid() or following.isVisible():
            return following
        number = block.blockNumber()
        below = self._heights.top(number) + self._heights.height(number) + 0.5
        found = self.document().findBlockByNumber(self._heights.line_at(below))
        return found if found.blockNumber() > number else QTextBlock()

    # Asked by Qt --------------------------------------------------------------------------------

    def documentSize(self) -> QSizeF:
        _left, top, _right, bottom = self._margins()
        return QSizeF(max(0.0, self.document().textWidth()), top + self._heights.total + bottom)

    def pageCount(self) -> int:
        return 1

    def frameBoundingRect(self, frame: QTextFrame) -> QRectF:
        return QRectF(QPointF(0, 0), self.documentSize())

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        number = block.blockNumber()
        if not 0 <= number < len(self._heights):
            return QRectF()
        left, top, _right, _bottom = self._margins()
        if not block.isVisible():
            return QRectF(left, top + self._heights.top(number), self._width(), 0.0)
        self._lay_out(block)
        last = block.layout().lineAt(block.layout().lineCount() - 1)
        return QRectF(left, top + self._heights.top(number), self._width(), last.y() + last.height())

    def hitTest(self, place: QPointF | QPoint | QPainterPath.Element, accuracy: Qt.HitTestAccuracy) -> int:
        point = QPointF(place)  # type: ignore[arg-type]
        block = self.block_at(point.y())
        exact = accuracy == Qt.HitTestAccuracy.ExactHit
        inside = point - self.blockBoundingRect(block).topLeft()
        layout = block.layout()
        number = 0
        while number < layout.lineCount() - 1 and inside.y() >= layout.lineAt(number + 1).y():
            number += 1
        line = layout.lineAt(number)
        if not line.isValid() or (exact and not line.naturalTextRect().contains(inside)):
            return -1 if exact else block.position()
        where = (
            QTextLine.CursorPosition.CursorOnCharacter if exact else QTextLine.CursorPosition.CursorBetweenCharacters
        )
        return block.position() + _number_of(line.xToCursor(inside.x(), where))

    def draw(self, painter: QPainter, context: QAbstractTextDocumentLayout.PaintContext) -> None:
        clip = context.clip if context.clip.isValid() else QRectF(0, 0, _ANYWHERE, _ANYWHERE)
        painter.setPen(context.palette.text().color())
        block = self.block_at(clip.top())
        while block.isValid():
            rect = self.blockBoundingRect(block)
            if rect.top() > clip.bottom():
                break
            self._draw_block(painter, block, rect.topLeft(), context)
            block = self.next_shown(block)

    def documentChanged(self, position: int, removed: int, added: int) -> None:
        self._known_margins = None
        document = self.document()
        count = document.blockCount()
        # So Qt says that the width or the letters are others; no edit comes like that.
        only_looks = (removed, added) == (0, document.characterCount()) and count == len(self._heights)
        if not only_looks:
            first = document.findBlock(position)
            last = document.findBlock(position + added)
            end = (last if last.isValid() else document.lastBlock()).blockNumber() + 1
            changed = end - first.blockNumber()
            gone = max(0, changed - (count - len(self._heights)))
            self._heights.replace(first.blockNumber(), gone, self._lengths(first, changed))
        self._measure_anew()
        self.documentSizeChanged.emit(self.documentSize())
        self.update.emit()

    # Inside -------------------------------------------------------------------------------------

    def _lengths(self, block: QTextBlock, count: int) -> list[int]:
        """The characters of so many paragraphs, which forget how they were laid out."""
        found: list[int] = []
        while block.isValid() and len(found) < count:
            found.append(block.length() - 1 if block.isVisible() else HIDDEN)
            block.clearLayout()
            block = block.next()
        return found

    def _measure_anew(self) -> None:
        """The width or the letters may be others: then nothing that was measured counts any more."""
        document = self.document()
        measure = (self._width(), document.defaultFont().key())
        if measure != self._measure:
            self._measure = measure
            metrics = QFontMetricsF(document.defaultFont())
            line = _whole(metrics.height() * _scale(document.firstBlock()))
            self._heights.set_measure(line, measure[0] / max(1.0, metrics.averageCharWidth()))

    def _lay_out(self, block: QTextBlock) -> None:
        """Break one paragraph into rows, where that was not done yet."""
        number = block.blockNumber()
        layout = block.layout()
        if self._heights.is_known(number) and layout.lineCount() > 0:
            return
        block.clearLayout()
        option = QTextOption(self.document().defaultTextOption())
        option.setTextDirection(block.textDirection())
        option.setAlignment(QStyle.visualAlignment(block.textDirection(), option.alignment()))
        layout.setTextOption(option)
        scale, width, y = _scale(block), self._width(), 0.0
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, y))
            y += _whole(line.height() * scale)
        layout.endLayout()
        if self._heights.set_height(number, y):
            self._grown.start()

    def _draw_block(
        self, painter: QPainter, block: QTextBlock, place: QPointF, context: QAbstractTextDocumentLayout.PaintContext
    ) -> None:
        layout, start, length = block.layout(), block.position(), block.length()
        chosen: list[QTextLayout.FormatRange] = []
        for selection in context.selections:
            first = max(selection.cursor.selectionStart() - start, 0)
            end = min(selection.cursor.selectionEnd() - start, length)
            if first < end:
                part = QTextLayout.FormatRange()
                part.start, part.length, part.format = first, end - first, selection.format
                chosen.append(part)
        layout.draw(painter, place, chosen, context.clip)
        cursor = context.cursorPosition
        if cursor < -1 and layout.preeditAreaText():
            cursor = layout.preeditAreaPosition() - (cursor + 2)
        else:
            cursor -= start
        if context.cursorPosition != -1 and 0 <= cursor < length:
            layout.drawCursor(painter, place, cursor, int(self.property("cursorWidth") or 1))

    def _margins(self) -> tuple[float, float, float, float]:
        if self._known_margins is None:
            form = self.document().rootFrame().frameFormat()
            self._known_margins = form.leftMargin(), form.topMargin(), form.rightMargin(), form.bottomMargin()
        return self._known_margins

    def _width(self) -> float:
        left, _top, right, _bottom = self._margins()
        return max(1.0, self.document().textWidth() - left - right)


def _scale(block: QTextBlock) -> float:
    """How high a row is, in heights of its letters."""
    percent = block.blockFormat().lineHeight()
    return percent / 100 if percent > 0 else 1.0


def _whole(pixels: float) -> float:
    """As Qt's own layout counts them, in parts of 64."""
    return floor(pixels * 64) / 64


def _number_of(value: object) -> int:
    """What Qt gives for a place in a line, alone or with the pixel that it is at."""
    return int(value[0]) if isinstance(value, tuple | list) else int(value)  # type: ignore[call-overload]
