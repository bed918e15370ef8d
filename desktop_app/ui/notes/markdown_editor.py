"""The text of a note, written as Markdown and shown as it will read, in a column of comfortable width."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextLine,
)
from PySide6.QtWidgets import QWidget

from desktop_app.domain.editor_text import character_at, decode, unit_count
from desktop_app.domain.named_places import line_to_name
from desktop_app.domain.outline import headings
from desktop_app.domain.table_edits import TableEdit
from desktop_app.domain.task_lists import task_meant
from desktop_app.domain.wiki_links import can_be_linked, embeds_file, link_at
from desktop_app.ui.notes.fold_marks import FoldMarks
from desktop_app.ui.notes.folding import Folding
from desktop_app.ui.notes.list_keys import ListKeys
from desktop_app.ui.notes.markdown_highlighter import MarkdownHighlighter
from desktop_app.ui.notes.markdown_keys import PAIRS, toggled
from desktop_app.ui.notes.markdown_lines import LineState, is_bullet
from desktop_app.ui.notes.table_keys import TableKeys
from desktop_app.ui.notes.task_boxes import TaskBoxes
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.long_text_editor import PADDING, LongTextEditor

#: So many lines one paragraph has at most.
_MOST_LINES = 500
#: Room above and below code, in the gaps between the lines.
_EDGE = 4
#: Room beside code within the room beside the text.
_CODE_SIDE = 6


_Lines = list[tuple[QTextBlock, QRectF]]


class MarkdownEditor(LongTextEditor):
    """A long text as Markdown."""

    left = Signal()  # the editor lost the keyboard focus
    link_activated = Signal(str)  # target and heading as they are written in a link
    note_link_hovered = Signal(str)  # the same, where the pointer rests; "" where it rests on none
    file_activated = Signal(str)  # the name of a file that the text shows
    menu_wanted = Signal(object, object)  # QMenu about to be shown, to be added to; QPoint in the viewport

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self._highlighter = MarkdownHighlighter(theme, self.next_shown, self)
        self._folding = Folding(self._highlighter.state_before, self._before_folding, self)
        self._fold_marks = FoldMarks(self, self._folding, theme)
        self._folded_at_first: Sequence[int] = ()
        self._tables = TableKeys(self)
        self._lists = ListKeys(self)
        self._boxes = TaskBoxes(self, theme)
        self._highlighter.restyled.connect(self.viewport().update)
        self._folding.changed.connect(self._on_folded)
        self.setAccessibleName(self.tr("Note text"))
        self.verticalScrollBar().valueChanged.connect(self._style_visible)
        self.cursorPositionChanged.connect(self._on_cursor_moved)
        self._style_soon = QTimer(self)
        self._style_soon.setSingleShot(True)
        self._style_soon.setInterval(0)
        self._style_soon.timeout.connect(self._style_visible)
        self.loaded.connect(self._style_visible)
        self._adopt(self._new_document())

    def _prepare(self, document: QTextDocument) -> None:
        self._highlighter.set_document(document)
        self._folding.set_document(document, self._folded_at_first)
        self._folded_at_first = ()
        document.blockCountChanged.connect(self._on_block_count)

    def _aside(self, document: QTextDocument) -> None:
        document.blockCountChanged.disconnect(self._on_block_count)

    def _laid_out_anew(self) -> None:
        self._highlighter.style_anew()

    def _on_block_count(self) -> None:
        # Other lines are on the screen now, though nothing may have scrolled; Qt lays them out first.
        self._style_soon.start()

    def _on_cursor_moved(self) -> None:
        self._folding.reveal(self.textCursor().block())
        # While the mouse is down the signs stay as they are: text must not move under the pointer.
        if self.hasFocus() and not self._mouse_down():
            self._highlighter.set_active_block(self.textCursor().blockNumber())

    def _mouse_down(self) -> bool:
        from PySide6.QtWidgets import QApplication

        return bool(QApplication.mouseButtons() & Qt.MouseButton.LeftButton)

    def tick_task(self, number: int, done: bool, words: str, *, first_line: int = 0, lines: int | None = None) -> bool:
        """Tick a task of the text, or open it again, as one step of the undo history; false where it is not there.

        `number` is the one among the tasks of these `lines` from `first_line` on; without them, of the whole text.
        """
        text = self.display_text() if lines is None else self._text_of(first_line, lines)
        task = task_meant(text, number, done, words)
        if task is None or self.loading:
            return False
        place = self.document().findBlockByNumber(first_line).position() + unit_count(text[: task.sign])
        cursor = QTextCursor(self.document())
        cursor.setPosition(place)
        cursor.setPosition(place + 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(" " if done else "x")
        return True

    # Folding ------------------------------------------------------------------------------------

    @property
    def folded_lines(self) -> tuple[int, ...]:
        """The numbers of the lines that hide what is below them."""
        return self._folding.folded_lines

    def fold_when_shown(self, lines: Sequence[int]) -> None:
        """Of the text that is shown next these lines are folded, as far as they can be."""
        self._folded_at_first = lines

    def toggle_fold(self) -> None:
        """Fold the section or item that the cursor's line is in, the nearest one; unfold it where it is folded."""
        header = self._folding.header_above(self.textCursor().block())
        if header is not None:
            self._folding.toggle(header)
            self._leave_hidden()

    def fold_all(self) -> None:
        """Fold all sections and lists."""
        self._folding.close_all()
        self._leave_hidden()

    def unfold_all(self) -> None:
        """Show every line."""
        self._folding.open_all()
        self.ensureCursorVisible()

    def _move_folded(self, direction: int) -> bool:
        """Move lines of which some are folded, or over one that is, with all that is hidden; false where none is."""
        document, cursor = self.document(), self.textCursor()
        first, last = (document.findBlock(at) for at in (cursor.selectionStart(), cursor.selectionEnd()))
        last = self._folding.end_of(last)
        if direction < 0:
            end = first.previous()
            start = end if end.isVisible() else self._shown_above(end)
        else:
            start = last.next()
            end = self._folding.end_of(start)
        if not start.isValid() or not (self._folding.hides_within(first, last) or start != end):
            return False
        upper, lower = ((start, end), (first, last)) if direction < 0 else ((first, last), (start, end))
        top, number = upper[0].position(), upper[0].blockNumber()
        texts = [
            self._text_of(one.blockNumber(), two.blockNumber() - one.blockNumber() + 1) for one, two in (upper, lower)
        ]
        counts = [text.count("\n") + 1 for text in texts]
        within = [line - number for line in self.folded_lines if 0 <= line - number < sum(counts)]
        shift = (first.position() - top) * -1 if direction < 0 else unit_count(texts[1]) + 1
        places = cursor.anchor() + shift, cursor.position() + shift
        edit = QTextCursor(document)
        edit.setPosition(top)
        edit.setPosition(lower[1].position() + lower[1].length() - 1, QTextCursor.MoveMode.KeepAnchor)
        edit.insertText(f"{texts[1]}\n{texts[0]}")
        self._folding.fold([number + (at + counts[1] if at < counts[0] else at - counts[0]) for at in within])
        cursor.setPosition(places[0])
        cursor.setPosition(places[1], QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self._folding.reveal(cursor.block())  # where it did not move, nobody was told
        self.ensureCursorVisible()
        return True

    def _shown_above(self, block: QTextBlock) -> QTextBlock:
        while not block.isVisible() and block.previous().isValid():
            block = block.previous()
        return block

    def _leave_hidden(self) -> None:
        """The cursor stays where it can be seen: at the end of the line that was folded."""
        cursor = self.textCursor()
        block = self._shown_above(cursor.block())
        if block != cursor.block():
            cursor.setPosition(block.position() + block.length() - 1)
            self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _before_folding(self, document: QTextDocument) -> None:
        self._use_estimated_layout(document)
        if document is not self.document():
            self._highlighter.style_anew()

    def _on_folded(self) -> None:
        self.viewport().update()
        self._style_soon.start()

    def _step_over_folded(self, event: QKeyEvent) -> bool:
        """Left and right step over what is folded, as over one letter; false where there is nothing to step over."""
        cursor = self.textCursor()
        block, layout = cursor.block(), self.document().documentLayout()
        if event.key() == Qt.Key.Key_Right and cursor.atBlockEnd() and self._folding.is_folded(block):
            there = self.next_shown(block)
        elif event.key() == Qt.Key.Key_Left and cursor.atBlockStart() and not block.previous().isVisible():
            there = self._block_at(layout.blockBoundingRect(block).top() - 1, block.blockNumber())
        else:
            return False
        if there.isValid() and there != block:
            back = event.key() == Qt.Key.Key_Left
            keeps = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            mode = QTextCursor.MoveMode.KeepAnchor if keeps else QTextCursor.MoveMode.MoveAnchor
            cursor.setPosition(there.position() + (there.length() - 1 if back else 0), mode)
            self.setTextCursor(cursor)
        return True

    def state_before(self, block: QTextBlock) -> LineState:
        """What is open before a line, as far as known."""
        return self._highlighter.state_before(block)

    def state_after(self, block: QTextBlock) -> LineState:
        """What is open behind a line, as far as known."""
        return self._highlighter.state_after(block)

    def blocks_on_screen(self) -> tuple[QTextBlock, QTextBlock]:
        """First and last line in view."""
        return self._visible_blocks()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The usual menu, with what others add to it."""
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        place = event.pos() if by_mouse else self.cursorRect().center()
        self.menu_wanted.emit(menu, place)
        menu.popup(event.globalPos() if by_mouse else self.viewport().mapToGlobal(self.cursorRect().bottomLeft()))

    def is_in_code(self) -> bool:
        """Whether the cursor is in fenced code, or behind the sign that opens code in a line."""
        cursor = self.textCursor()
        if self.stands_in_code(cursor.block()):
            return True
        line = cursor.block().text()
        return line[: character_at(line, cursor.positionInBlock())].count("`") % 2 == 1

    def stands_in_code(self, block: QTextBlock) -> bool:
        """Whether a line is one of fenced code, the one that closes it among them."""
        return self._highlighter.state_before(block) is not LineState.TEXT

    def _text_of(self, first_line: int, lines: int) -> str:
        block = self.document().findBlockByNumber(first_line)
        found: list[str] = []
        while block.isValid() and len(found) < lines:
            found.append(block.text())
            block = block.next()
        return "\n".join(found)

    # Places -------------------------------------------------------------------------------------

    def line_at(self, y: float) -> float:
        """The line that stands at height `y` of the text, with the part of it that is above."""
        block = self._block_at(y, self._first_visible)
        rect = self.document().documentLayout().blockBoundingRect(block)
        part = (y - rect.top()) / max(1.0, rect.height())
        return block.blockNumber() + min(1.0, max(0.0, part))

    def height_of(self, line: float) -> float:
        """The height of the text at which a line stands; the inverse of `line_at`."""
        number = min(max(0, int(line)), self.document().blockCount() - 1)
        rect = self.document().documentLayout().blockBoundingRect(self.document().findBlockByNumber(number))
        return rect.top() + min(1.0, max(0.0, line - number)) * rect.height()

    # Links --------------------------------------------------------------------------------------

    def set_missing_links(self, missing: frozenset[str]) -> None:
        """Keys of the link targets that no note answers to."""
        self._highlighter.set_missing(missing)

    def open_link_at_cursor(self) -> bool:
        """Follow the link that the cursor is in; false where it is in none."""
        return self._open_link(self.textCursor())

    def name_of_place(self) -> str:
        """What a link says behind "#" to lead to the cursor's heading or paragraph, which is given a name for it.

        "" in code and on an empty line.
        """
        block = self.textCursor().block()
        if self._highlighter.state_before(block) is not LineState.TEXT or not block.text().strip():
            return ""
        if found := headings(decode(block.text())):
            return found[0].title if can_be_linked(found[0].title) else ""
        lines = self._text_of(block.blockNumber(), _MOST_LINES).split("\n")
        last, name = line_to_name(lines, 0)
        if not name and not self.isReadOnly():
            name = secrets.token_hex(3)
            end = QTextCursor(self.document().findBlockByNumber(block.blockNumber() + last))
            end.movePosition(QTextCursor.MoveOperation.EndOfBlock)
            end.insertText(f" ^{name}")
        return f"^{name}" if name else ""

    def _open_link(self, cursor: QTextCursor) -> bool:
        block = cursor.block()
        if self._highlighter.state_before(block) is not LineState.TEXT:
            return False
        line = block.text()
        link = link_at(line, character_at(line, cursor.positionInBlock()))
        if link is None:
            return False
        if embeds_file(line, link):
            self.file_activated.emit(decode(link.target))
        else:
            self.link_activated.emit(decode(link.written))
        return True

    def viewportEvent(self, event: QEvent) -> bool:
        """The pointer rests: what a link leads to is shown then."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self.note_link_hovered.emit(self._link_below(event.pos()))
            return True
        return super().viewportEvent(event)

    def _link_below(self, place: QPoint) -> str:
        cursor = self.cursorForPosition(place)
        block, line = cursor.block(), cursor.block().text()
        beside = abs(self.cursorRect(cursor).center().x() - place.x()) > 2 * self.fontMetrics().averageCharWidth()
        if beside or self._highlighter.state_before(block) is not LineState.TEXT:
            return ""
        link = link_at(line, character_at(line, cursor.positionInBlock()))
        return decode(link.written) if link is not None and not embeds_file(line, link) else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._press_mark(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On a mark it is a second press, and selects no word."""
        if not self._press_mark(event):
            super().mouseDoubleClickEvent(event)

    def _press_mark(self, event: QMouseEvent) -> bool:
        """Fold or tick what is pressed; false where that is neither."""
        if event.button() != Qt.MouseButton.LeftButton or event.modifiers():
            return False
        if self._fold_marks.pressed_at(event.position()):
            self._leave_hidden()
        elif self.isReadOnly() or not self._boxes.tick_at(event.position()):
            return False
        event.accept()
        return True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not event.buttons():
            if self._fold_marks.hover(event.position()):
                self.viewport().update()
            on_mark = self._fold_marks.is_at(event.position())
            shape = Qt.CursorShape.PointingHandCursor if on_mark else Qt.CursorShape.IBeamCursor
            if self.viewport().cursor().shape() != shape:
                self.viewport().setCursor(shape)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._fold_marks.hover(None):
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if (
            event.button() == Qt.MouseButton.LeftButton
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            and not self.textCursor().hasSelection()
            and self._open_link(self.cursorForPosition(event.position().toPoint()))
        ):
            return
        if self.hasFocus():
            self._highlighter.set_active_block(self.textCursor().blockNumber())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self._highlighter.set_active_block(self.textCursor().blockNumber())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason):
            self._highlighter.set_active_block(-1)
            self.left.emit()

    # Keys ---------------------------------------------------------------------------------------

    def _take_key(self, event: QKeyEvent) -> None:
        if self._step_over_folded(event):
            return
        if self.isReadOnly():
            super()._take_key(event)
        elif self._tables.take_key(event):
            return
        elif self._lists.take_key(event):
            self._tables.note_typing()
        elif event.matches(QKeySequence.StandardKey.Bold):
            self._wrap("**")
        elif event.matches(QKeySequence.StandardKey.Italic):
            self._wrap("*")
        elif event.text() in PAIRS and self.textCursor().hasSelection():
            self._enclose(event.text())
        else:
            super()._take_key(event)
            if event.text():
                self._tables.note_typing()

    def move_lines(self, direction: int) -> None:
        """Move the lines of the selection, or the cursor's, one line up (-1) or down (1)."""
        if not self.isReadOnly() and not self._move_folded(direction):
            self._lists.move_lines(direction)

    def toggle_tasks(self) -> None:
        """Make tasks of the chosen lines; tick them where they are tasks, or open them again."""
        if not self.isReadOnly():
            self._lists.toggle_tasks()

    def sort_lines(self) -> None:
        """Bring the chosen lines, or the list that the cursor is in, into the order of their words."""
        if not self.isReadOnly():
            self._lists.sort_lines()

    @property
    def is_in_table(self) -> bool:
        """Whether the cursor is in a table."""
        return self._tables.is_in_table

    def edit_table(self, edit: TableEdit) -> bool:
        """Do something to the row or column that the cursor is in; false where it is in no table."""
        return not self.isReadOnly() and self._tables.edit(edit)

    def insert_table(self) -> None:
        """Put in a new table below the cursor's line."""
        if not self.isReadOnly():
            self._tables.insert()

    def _enclose(self, sign: str) -> None:
        """Put a sign that is typed around what is selected, which stays selected: `**` is typed as two of them."""
        cursor = self.textCursor()
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        cursor.beginEditBlock()
        cursor.setPosition(end)
        cursor.insertText(PAIRS[sign])
        cursor.setPosition(start)
        cursor.insertText(sign)
        cursor.endEditBlock()
        cursor.setPosition(start + 1)
        cursor.setPosition(end + 1, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def _wrap(self, sign: str) -> None:
        cursor = self.textCursor()
        start = cursor.selectionStart()
        replacement, offset, length = toggled(cursor.selectedText().replace("\u2029", "\n"), sign)
        cursor.insertText(replacement)
        cursor.setPosition(start + offset)
        cursor.setPosition(start + offset + length, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    # Looks --------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._style_visible()

    def _on_range_changed(self) -> None:
        super()._on_range_changed()
        self._style_soon.start()  # a key may change the range twice

    def _style_visible(self) -> None:
        if not self._loading:
            first, last = self._visible_blocks()
            self._highlighter.show_blocks(first.blockNumber(), last.blockNumber() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        lines = self.lines_on_screen()
        self._paint_code_grounds(lines)
        super().paintEvent(event)
        self._paint_bullets(lines)

    def _paint_code_grounds(self, lines: _Lines) -> None:
        """One sheet behind each stretch of code; between two lines there are gaps that belong to neither."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("code_block"))
        for top, bottom in self._code_on_screen(lines):
            sheet = QRectF(_CODE_SIDE, top, self.viewport().width() - 2 * _CODE_SIDE, bottom - top)
            painter.drawRoundedRect(sheet.adjusted(0, -_EDGE, 0, _EDGE), 6, 6)
        painter.end()

    def _code_on_screen(self, lines: _Lines) -> list[tuple[float, float]]:
        """Top and bottom of the stretches of code in the viewport; one that goes on beyond its edge ends outside it."""
        found: list[tuple[float, float]] = []
        inside = False
        for block, rect in lines:
            goes_on = self._highlighter.state_before(block) is not LineState.TEXT
            if inside and goes_on:
                found[-1] = (found[-1][0], rect.bottom())
            elif goes_on:
                found.append((rect.top() - PADDING, rect.bottom()))  # begun above
            elif self._highlighter.state_after(block) is not LineState.TEXT:
                found.append((rect.top(), rect.bottom()))
            inside = self._highlighter.state_after(block) is not LineState.TEXT
        if inside and found:
            found[-1] = (found[-1][0], found[-1][1] + PADDING)
        return found

    def _paint_bullets(self, lines: _Lines) -> None:
        """A dot over the sign of a list item, except where the cursor is."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        size = self._theme.px(5)
        for block, rect in lines:
            self._boxes.paint(painter, block, rect)
            self._fold_marks.paint(painter, block, rect)
            painter.setPen(Qt.PenStyle.NoPen)
            sign = is_bullet(block.text()[:200])
            if sign < 0 or self.shows_signs(block):
                continue
            if self._highlighter.state_before(block) is not LineState.TEXT:
                continue
            line = block.layout().lineForTextPosition(sign)
            if not line.isValid():
                continue
            left, right = (self.x_of(line, place) for place in (sign, sign + 1))
            middle = rect.top() + line.y() + line.height() - self._theme.reading_font().pointSizeF() * 0.72
            painter.setBrush(self._theme.color("text"))
            painter.drawEllipse(QPointF(rect.left() + (left + right) / 2, middle), size / 2, size / 2)
        painter.end()

    def lines_on_screen(self) -> _Lines:
        """Visible blocks with their rectangles in the viewport."""
        layout = self.document().documentLayout()
        block, last = self._visible_blocks()
        shift = QPointF(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())
        found = []
        while block.isValid() and block.blockNumber() <= last.blockNumber():
            found.append((block, layout.blockBoundingRect(block).translated(shift)))
            block = self.next_shown(block)
        return found

    def shows_signs(self, block: QTextBlock) -> bool:
        """Whether the cursor is in a line, whose signs are shown as they are written then."""
        return self.hasFocus() and block.blockNumber() == self.textCursor().blockNumber()

    def x_of(self, line: QTextLine, place: int) -> float:
        """Where the character `place` of a line's paragraph stands."""
        value: object = line.cursorToX(place)  # PySide gives (x, position)
        return float(value[0]) if isinstance(value, tuple | list) else float(value)  # type: ignore[arg-type]
