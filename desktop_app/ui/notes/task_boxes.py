"""Boxes of tasks where a note is written: drawn over `[ ]` and `[x]` away from the cursor, and ticked by a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QTextBlock, QTextCursor

from desktop_app.domain.markdown_lists import item_of
from desktop_app.ui.chat.block_marks import TASK_DONE, TASK_OPEN, paint_task
from desktop_app.ui.notes.markdown_lines import LineState
from desktop_app.ui.theme.theme import Theme

if TYPE_CHECKING:
    from desktop_app.ui.notes.markdown_editor import MarkdownEditor

#: No sign of a task stands further from the beginning of its line.
_REACH = 200


class TaskBoxes:
    """Draws and ticks the boxes of one editor."""

    def __init__(self, editor: MarkdownEditor, theme: Theme) -> None:
        self._editor = editor
        self._theme = theme

    def paint(self, painter: QPainter, block: QTextBlock, rect: QRectF) -> None:
        """Draw the box of a line that stands at `rect` of the viewport, where it is a task."""
        found = self._box_in(block, rect)
        if found is not None:
            box, place = found
            paint_task(painter, box, TASK_DONE if block.text()[place] in "xX" else TASK_OPEN, self._theme)

    def tick_at(self, point: QPointF) -> bool:
        """Tick the task whose drawn box is at a point of the viewport, or open it again; false where none is."""
        for block, rect in self._editor.lines_on_screen():
            found = self._box_in(block, rect) if rect.top() <= point.y() <= rect.bottom() else None
            if found is not None and found[0].adjusted(-3, -3, 3, 3).contains(point):
                done = block.text()[found[1]] in "xX"
                edit = QTextCursor(block)
                edit.setPosition(block.position() + found[1])
                edit.setPosition(edit.position() + 1, QTextCursor.MoveMode.KeepAnchor)
                edit.insertText(" " if done else "x")
                return True
        return False

    def _box_in(self, block: QTextBlock, rect: QRectF) -> tuple[QRectF, int] | None:
        """Where the box of a line is drawn, and the place of its sign; None where the signs themselves are shown."""
        item = item_of(block.text()[:_REACH])
        if item is None or item.box < 0 or self._editor.shows_signs(block):
            return None
        if self._editor.state_before(block) is not LineState.TEXT:
            return None
        line = block.layout().lineForTextPosition(item.box)
        if not line.isValid():
            return None
        left, right = self._editor.x_of(line, item.box - 1), self._editor.x_of(line, item.box + 2)
        size = float(self._theme.px(14))
        # The line's room lies above its letters, whose capitals the box is in the middle of.
        middle = rect.top() + line.y() + line.height() - self._theme.reading_font().pointSizeF() * 0.86
        return QRectF(rect.left() + (left + right - size) / 2, middle - size / 2, size, size), item.box
