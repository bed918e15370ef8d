"""What stands beside text blocks and is drawn, not written: bullets, task boxes, bars of quotes, rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF, QTextBlock, QTextDocument, QTextFormat

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

QUOTE_LEVEL = int(QTextFormat.Property.UserProperty) + 1
"""How many quotes deep a block stands."""

MARK = int(QTextFormat.Property.UserProperty) + 2
"""One of the marks below."""

NUMBER = int(QTextFormat.Property.UserProperty) + 3
"""What stands in front of the box of a task in an ordered list: "3."."""

CALLOUT = int(QTextFormat.Property.UserProperty) + 4
"""The colour's role of the innermost bar, where the quote is a callout."""

BEGINS_CALLOUT = int(QTextFormat.Property.UserProperty) + 5
"""Whether it is the title of a callout: the bar of what stands above ends in front of it."""

EMBEDDED = int(QTextFormat.Property.UserProperty) + 6
"""Whether it is shown of another note: its tasks and headings are not the text's own."""

FOLDS = int(QTextFormat.Property.UserProperty) + 7
"""Of the title of a callout that can be folded: FOLDED or UNFOLDED."""

FOLD_KEY = int(QTextFormat.Property.UserProperty) + 8
"""What `CalloutFolds` knows that callout by."""

HIDDEN_TASKS = int(QTextFormat.Property.UserProperty) + 9
"""How many tasks of the text are hidden by it."""

UNFOLDED, FOLDED = 1, 2

TONES = {"note": "accent", "good": "ok", "caution": "warning", "quiet": "muted_text"}
"""The colours of callouts, by their tone."""

DISC, CIRCLE, SQUARE, TASK_OPEN, TASK_DONE, RULE = range(1, 7)


def paint_block_marks(painter: QPainter, document: QTextDocument, area: QRectF, theme: Theme, em: float) -> None:
    """Draw the marks of the blocks of `document` that touch `area`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    layout = document.documentLayout()
    block = document.begin()
    while block.isValid():
        form = block.blockFormat()
        level, mark = form.intProperty(QUOTE_LEVEL), form.intProperty(MARK)
        if level or mark:
            rect = layout.blockBoundingRect(block)
            if rect.top() > area.bottom():
                return
            if rect.bottom() + em >= area.top():
                if level:
                    _paint_quote(painter, rect, block, level, theme, em)
                    _paint_fold(painter, block, theme, em)
                if mark:
                    _paint_mark(painter, rect, block, mark, theme, em)
        block = block.next()


def _paint_quote(painter: QPainter, rect: QRectF, block: QTextBlock, level: int, theme: Theme, em: float) -> None:
    following = block.next()
    goes_on = (
        following.isValid()
        and following.blockFormat().intProperty(QUOTE_LEVEL)
        and not following.blockFormat().boolProperty(BEGINS_CALLOUT)
    )
    # One paragraph's bar reaches to where the next one's begins.
    low = block.document().documentLayout().blockBoundingRect(following).top() + 4 if goes_on else rect.bottom()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("line_strong"))
    role = str(block.blockFormat().property(CALLOUT) or "")
    for each in range(level):
        if role and each == level - 1:
            painter.setBrush(theme.color(role))
        x = each * em * 1.1
        if _is_mirrored(block):
            x = block.document().textWidth() - x - 3
        painter.drawRoundedRect(QRectF(x, rect.top() + 2, 3, low - rect.top() - 2), 1.5, 1.5)


def _paint_fold(painter: QPainter, block: QTextBlock, theme: Theme, em: float) -> None:
    """An arrow behind the title of a callout that can be folded."""
    folds = block.blockFormat().intProperty(FOLDS)
    if not folds:
        return
    line = block.layout().lineAt(block.layout().lineCount() - 1)
    place = block.layout().position()
    middle = QPointF(
        place.x() + line.naturalTextRect().right() + em * 0.7, place.y() + line.y() + line.ascent() - em * 0.36
    )
    painter.setPen(QPen(theme.color("muted_text"), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    wide, high = em * 0.13, em * 0.25
    corners = (
        [(-wide, -high), (wide, 0), (-wide, high)] if folds == FOLDED else [(-high, -wide), (0, wide), (high, -wide)]
    )
    painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in corners]))


def _paint_mark(painter: QPainter, rect: QRectF, block: QTextBlock, mark: int, theme: Theme, em: float) -> None:
    if mark == RULE:
        painter.setPen(QPen(theme.color("line_strong"), 1))
        painter.drawLine(QPointF(0, rect.center().y()), QPointF(rect.right(), rect.center().y()))
        return
    line = block.layout().lineAt(0)
    place = block.layout().position()
    mirrored = _is_mirrored(block)
    # The edge of the mark that is nearest to the text.
    edge = place.x() + line.x() + (line.width() + em * 0.55 if mirrored else -em * 0.55)
    middle = place.y() + line.y() + line.ascent() - em * 0.36
    if mark in (TASK_OPEN, TASK_DONE):
        box = QRectF(edge - em * (0.05 if mirrored else 0.85), middle - em * 0.45, em * 0.9, em * 0.9)
        paint_task(painter, box, mark, theme)
        if number := str(block.blockFormat().property(NUMBER) or ""):
            painter.setFont(block.charFormat().font())
            painter.setPen(theme.color("text"))
            width = painter.fontMetrics().horizontalAdvance(number)
            x = box.right() + em * 0.4 if mirrored else box.left() - em * 0.4 - width
            painter.drawText(QPointF(x, place.y() + line.y() + line.ascent()), number)
        return
    size = em * 0.34
    spot = QRectF(edge if mirrored else edge - size, middle - size / 2, size, size)
    painter.setPen(QPen(theme.color("muted_text"), 1.2) if mark == CIRCLE else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if mark == CIRCLE else theme.color("muted_text"))
    if mark == SQUARE:
        painter.drawRect(spot)
    else:
        painter.drawEllipse(spot)


def is_beside_text(block: QTextBlock, x: float) -> bool:
    """Whether it is in front of the block's words, where its mark stands; `x` in the document."""
    # (The block's rectangle begins at the edge, without its indent.)
    line = block.layout().lineAt(0)
    left = block.layout().position().x() + line.x()
    return x > left + line.width() if _is_mirrored(block) else x < left


def _is_mirrored(block: QTextBlock) -> bool:
    """Whether it is written from right to left, so that its marks stand at the right."""
    return block.textDirection() is Qt.LayoutDirection.RightToLeft


def paint_task(painter: QPainter, box: QRectF, mark: int, theme: Theme) -> None:
    """Draw the box of a task; `mark` is TASK_OPEN or TASK_DONE."""
    done = mark == TASK_DONE
    painter.setPen(QPen(theme.color("accent" if done else "muted_text"), 1.2))
    painter.setBrush(theme.color("accent") if done else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 3, 3)
    if done:
        tick = QPainterPath(QPointF(box.left() + box.width() * 0.24, box.center().y()))
        tick.lineTo(box.left() + box.width() * 0.43, box.bottom() - box.height() * 0.27)
        tick.lineTo(box.right() - box.width() * 0.22, box.top() + box.height() * 0.29)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("on_accent"), 1.5))
        painter.drawPath(tick)
